"""A progress bar on standard error, for people who wait; nothing in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Meter"]

PATIENCE_SECONDS = 2.0  # work that takes less needs no bar
UPDATE_SECONDS = 0.1  # between two updates; time left is told by the last 1,000, which must not all be of one instant


class Meter:
    """Counts sentences, and shows count, speed and time left once the work turns out long."""

    def __init__(self, total_bytes: int | None, quiet: bool = False) -> None:
        """Measure work on so many bytes of input.

        Args:
            total_bytes: None if unknown; then there is no time left to show.
            quiet: show nothing whatever happens.
        """
        self.sentences = 0
        self._total = total_bytes
        self._done = 0.0
        self._silent = quiet or not sys.stderr.isatty()
        self._started = time.monotonic()
        self._next = self._started + PATIENCE_SECONDS
        self._progress: Progress | None = None

    def __enter__(self) -> Meter:
        """Begin to measure."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away, whatever happened."""
        if self._progress is not None:
            self._progress.stop()

    def advance(self, size: float) -> None:
        """Count one sentence, which stands for `size` bytes of input."""
        self.sentences += 1
        self._done += size
        if self._silent or (now := time.monotonic()) < self._next:
            return
        self._next = now + UPDATE_SECONDS
        if self._progress is None:
            self._progress = self._bar()
            self._progress.start()
        speed = self.sentences / max(now - self._started, UPDATE_SECONDS)
        self._progress.update(self._progress.task_ids[0], completed=self._done, count=self.sentences, speed=speed)

    def skip(self, size: float) -> None:
        """Leave out `size` bytes of input, done by an earlier run; they tell nothing of this one's speed."""
        self._done += size
        self._started = time.monotonic()
        self._next = self._started + PATIENCE_SECONDS

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the screen while results are printed on the same terminal."""
        shown = self._progress if sys.stdout.isatty() else None
        if shown is not None:
            shown.stop()
        try:
            yield
        finally:
            if shown is not None:
                shown.start()

    def _bar(self) -> Progress:
        """Return the bar; it disappears when the work is done."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

        columns = [SpinnerColumn(), TextColumn("{task.fields[count]} sentences, {task.fields[speed]:.0f}/s")]
        if self._total:
            columns += [BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeRemainingColumn()]
        progress = Progress(
            *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
        )
        progress.add_task("tag", total=self._total or None, completed=round(self._done), count=0, speed=0.0)
        return progress
