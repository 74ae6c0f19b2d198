"""The command line: `svodka tag`, `svodka train`, and the rest; see `svodka --help`."""

from svodka.cli.main import main

__all__ = ["main"]
