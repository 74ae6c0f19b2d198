"""Where the time of a run goes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

__all__ = ["Spent", "told_shares"]

REST = "optimizer and batches"


class Spent:
    """Seconds by what they were spent on; one thing inside another counts for the inner one alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inside = 0.0

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count the time of the block."""
        before, self._inside = self._inside, 0.0
        begun = time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - begun
            self.seconds[what] = self.seconds.get(what, 0.0) + took - self._inside
            self._inside = before + took

    def shares(self, total: float) -> dict[str, float]:
        """Return the parts of `total` seconds, 0 to 1, the largest first, with what was not counted."""
        parts = self.seconds | {REST: max(0.0, total - sum(self.seconds.values()))}
        return {what: round(seconds / total, 4) for what, seconds in sorted(parts.items(), key=lambda one: -one[1])}


def told_shares(shares: Mapping[str, float]) -> str:
    """Return the parts in words."""
    return ", ".join(f"{what} {share:.0%}" for what, share in shares.items())
