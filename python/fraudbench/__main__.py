"""`python -m fraudbench` is the program."""

import os
import sys

from . import program

os.execv(program(), ["fraudbench", *sys.argv[1:]])
