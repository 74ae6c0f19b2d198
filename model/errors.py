"""The errors that svodka raises on purpose.

Each message says what was expected, what came instead, where, and the likely slip.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["ConfigError", "DataError", "MissingExtraError", "ModelFilesError", "SvodkaError", "did_you_mean"]


class SvodkaError(Exception):
    """Base of every error that svodka raises on purpose."""


class DataError(SvodkaError, ValueError):
    """Text or labelled data that cannot be used as it is."""


class ConfigError(SvodkaError, ValueError):
    """A setting, a recipe or a command-line value that makes no sense."""


class ModelFilesError(SvodkaError, OSError):
    """A model folder that is missing, incomplete, damaged or of another format version."""


class MissingExtraError(SvodkaError, ImportError):
    """A command needs an optional dependency that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        """Say that `what` needs the optional dependencies `extra`, and how to get them."""
        super().__init__(f"{what} needs: pip install 'svodka[{extra}]'")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known name closest to `name`, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
