"""One process at a time: a lock on a file.

The lock is the operating system's, on an open file, so that it ends with its process; on Unix with the last one that
was given the open file (`pass_fds` of `subprocess`). A lock that is a file's mere existence (`O_EXCL`) would outlive a
killed process and block everybody after it. The file itself stays behind: whoever removed it would take it away from
under a process that is just opening it.
"""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from svodka.errors import ConfigError

__all__ = ["alone"]

PAUSE = 0.05
UNKNOWN = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # from file systems without locks, often of clusters


@contextmanager
def alone(path: Path, busy: str, patience: float = 0.0) -> Iterator[int]:
    """Hold the lock on the file `path`, which is made if it is not there; give the descriptor of the open file.

    Where the file system knows no locks, nobody is kept out.

    Args:
        path: the file; its folder must exist.
        busy: what to say if somebody else holds it.
        patience: seconds to wait for others, at least 0.

    Raises:
        ConfigError: somebody else held it all the time.
        OSError: the file cannot be written.
    """
    deadline = time.monotonic() + patience
    with path.open("ab") as handle:
        while not _locked(handle):
            if time.monotonic() >= deadline:
                raise ConfigError(busy)
            time.sleep(PAUSE)
        yield handle.fileno()


def _locked(handle: IO[bytes]) -> bool:
    """Try to lock an open file until it is closed; say whether it worked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # how Unix and how Windows say that it is taken
        return False
    except OSError as error:
        if error.errno not in UNKNOWN:
            raise
    return True
