"""``python -m ghostpage``: see :mod:`ghostpage.cli`."""

import sys

from ghostpage.cli import main

if __name__ == "__main__":
    sys.exit(main())
