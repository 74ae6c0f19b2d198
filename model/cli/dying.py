"""What to do when a process is told to end: clear up, as after Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["dies_tidily"]

# From `kill`, a container or a queue that ends, and from a terminal that is closed; Windows has only the first.
DEADLY = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class _ToldToEndError(BaseException):
    """A deadly signal came; like KeyboardInterrupt it is no error that anybody handles."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave all blocks, so that they remove their temporary files; a second signal ends the process at once."""
    signal.signal(number, signal.SIG_DFL)
    raise _ToldToEndError(number)


@contextmanager
def dies_tidily() -> Iterator[None]:
    """Inside the block a deadly signal runs what stands in `finally` before the process dies of it.

    Signals that are ignored (`nohup`) or have another handler stay as they are, and so do all outside the main thread.
    """
    main = threading.current_thread() is threading.main_thread()
    ours = [number for number in DEADLY if main and signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _unwind)
    try:
        yield
    except _ToldToEndError as told:
        signal.raise_signal(told.number)
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
