"""Prints `name==version` of the packages that this Python has, a line each: of those that are named after a module, and of those
that the module comes from, with all that they require."""
import sys

sys.path[:] = filter(None, sys.path)  # nothing in the folder of a run is executed to look at a study

import re
from importlib import metadata


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def required(package):
    """What a package requires; not what one of its extras would."""
    needs = [need for need in package.requires or [] if not re.search(r"\bextra\s*==", need)]
    return [plain(re.match(r"\s*([\w.-]+)", need)[1]) for need in needs]


module, *named = sys.argv[1:]
there = {}
for package in metadata.distributions():
    if package.metadata["Name"]:
        there.setdefault(plain(package.metadata["Name"]), package)  # the first one is imported
own, left = set(), [plain(name) for name in metadata.packages_distributions().get(module, [])]
while left:
    name = left.pop()
    if name in there and name not in own:
        own.add(name)
        left += required(there[name])
for name in [*named, *sorted(own - set(named))]:
    if name in there:
        print(f"{name}=={there[name].version}")
