"""Run the command ``softcage`` as ``python -m softcage``."""

import sys

from softcage.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
