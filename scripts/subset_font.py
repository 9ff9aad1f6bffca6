"""Cuts DejaVu Sans down to what the charts write (needs fonttools): subset_font.py DejaVuSans.ttf assets/fonts/DejaVuSans-subset.ttf

Kerning, hinting and all other layout tables go, so that a text is exactly as wide as the sum of its glyphs.
"""

import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

CHARACTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "–—‘’“”…−×·±≤≥≈≠→←↑↓▲▼◀▶●◆■✓σμΔαβ")]


def main(source, target):
    font = TTFont(source)
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
