"""``python -m bsm_core``: see ``cli.py``."""

import sys

from bsm_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
