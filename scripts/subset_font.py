"""Cuts DejaVu Sans down to what the charts write (needs fonttools): subset_font.py DejaVuSans.ttf assets/fonts/DejaVuSans-subset.ttf

Kerning, hinting and all other layout tables go, so that a text is exactly as wide as the sum of its glyphs. Scripts whose letters
stand side by side are kept whole, as titles, columns and classifiers are named in any language; those that need layout tables are not.
"""

import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

CHARACTERS = [
    *range(0x20, 0x7F),  # ASCII
    *range(0xA0, 0x250),  # Latin: Latin-1, Extended-A and -B
    *range(0x300, 0x370),  # Combining marks: what macOS makes of ä
    *range(0x370, 0x400),  # Greek
    *range(0x400, 0x530),  # Cyrillic
    *range(0x530, 0x590),  # Armenian
    *range(0x10A0, 0x1100),  # Georgian
    *range(0x1E00, 0x1F00),  # Latin Extended Additional: Vietnamese
    *range(0x2000, 0x2070),  # Punctuation, spaces, joiners
    *range(0x2070, 0x20A0),  # Superscripts and subscripts
    *range(0x20A0, 0x20C0),  # Currencies
    *range(0xFE00, 0xFE10),  # Variation selectors, which are not seen
    0xFEFF,
    0xFFFD,  # What stands for a control character
    *map(ord, "ə№™Ω←↑→↓↔⇒−±×·√∞∑∏∂∆∇∫∈∩∪≈≠≡≤≥■□▲△▶▼▽◀◆◇○●★☆✓✗"),
]


def main(source, target):
    font = TTFont(source, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.legacy_kern = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "FFTM"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    font.save(target)


main(*sys.argv[1:])
