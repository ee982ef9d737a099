"""`python -m pectin`: the command line, where no script is installed."""

import sys

from pectin.cli import main

if __name__ == "__main__":
    sys.exit(main())
