"""`python -m nurture`: the operators' commands. May import the command line."""

import sys

from nurture.cli import main

if __name__ == "__main__":
    sys.exit(main())
