"""Lists of names that scripts are asked for."""
import sys


def names(option, text, known):
    """The names in `text`, separated by commas; where some are not `known`, says so and which are, and ends the script."""
    given = text.split(",")
    unknown = ", ".join(f"`{name}`" for name in dict.fromkeys(given) if name not in known)
    if unknown:
        print(f"{option}: {unknown} cannot be asked for here: write one or more of {', '.join(dict.fromkeys(known))}", file=sys.stderr)
        sys.exit(2)
    return given
