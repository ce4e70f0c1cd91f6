"""`python -m fau3d` is the command `fau3d`."""

import sys

from fau3d.cli import main

if __name__ == "__main__":
    sys.exit(main())
