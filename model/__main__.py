"""`python -m svodka` is the command `svodka`, for launchers that want a module: `accelerate launch -m svodka train`."""

import sys

from svodka.cli import main

if __name__ == "__main__":
    sys.exit(main())
