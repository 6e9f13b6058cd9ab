"""Run the command line: `python -m healthevents`."""

import sys

from healthevents.cli import main

sys.exit(main())
