"""``python -m softcage``: the command ``softcage``."""

import sys

from softcage.cli.command import main

sys.exit(main())
