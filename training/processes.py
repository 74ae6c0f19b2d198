"""The processes of one run: one, or several that `accelerate launch` or `torchrun` started."""

from __future__ import annotations

import os

__all__ = ["count", "is_first"]


def count() -> int:
    """Return the number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE") or 1)


def is_first() -> bool:
    """Return whether this is the process that writes and prints."""
    return int(os.environ.get("RANK") or 0) == 0
