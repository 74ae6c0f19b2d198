"""Ctrl-C during training: finish the step, save, leave."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from svodka.training import processes

__all__ = ["Interruption", "ctrl_c_waits"]


class Interruption:
    """Whether somebody pressed Ctrl-C."""

    def __init__(self) -> None:
        self.wanted = False

    def note(self, _signal: int, _frame: FrameType | None) -> None:
        """Remember the first Ctrl-C; a second one leaves at once.

        Raises:
            KeyboardInterrupt: on the second.
        """
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True
        if processes.is_first():
            print("\nsaving a checkpoint, then leaving; Ctrl-C again leaves at once", file=sys.stderr)  # noqa: T201


@contextmanager
def ctrl_c_waits() -> Iterator[Interruption]:
    """Inside the block Ctrl-C only leaves a note, which is given; elsewhere than in Python's own hands it stays."""
    interruption = Interruption()
    # Outside the main thread nobody may listen; another handler, or none in the background, is the caller's choice.
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interruption
        return
    signal.signal(signal.SIGINT, interruption.note)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
