"""A full disk is told as such, whatever the library that met it says of it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from svodka.files import FULL

__all__ = ["full_disk_told"]

PROBE_BYTES = 1 << 16
OS_ERROR = re.compile(r"\(os error (\d+)\)")


@contextmanager
def full_disk_told(path: Path) -> Iterator[None]:
    """Turn any error inside the block into an OSError about `path` if the disk is full.

    PyTorch then speaks of an unexpected position, and safetensors and tokenizers raise errors of their own.

    Args:
        path: what is being written; its folder exists.

    Raises:
        OSError: the disk is full.
    """
    try:
        yield
    except Exception as error:
        number = _number(error, path.parent)
        if number in FULL:
            hint = f"{os.strerror(number)}; make room, then the same command with --resume goes on"
            raise OSError(number, hint, getattr(error, "filename", None) or str(path)) from error
        raise


def _number(error: Exception, folder: Path) -> int | None:
    """Return the number of the system's error behind an error, as far as it can be found out."""
    if isinstance(error, OSError):
        return error.errno
    named = OS_ERROR.search(str(error))  # how libraries written in Rust speak of them
    return int(named[1]) if named else _refusal(folder)


def _refusal(folder: Path) -> int | None:
    """Return the number of the error with which the system refuses some kilobytes more in `folder`."""
    probe = folder / f".svodka-{secrets.token_hex(6)}.tmp"
    try:
        probe.write_bytes(bytes(PROBE_BYTES))
    except OSError as error:
        return error.errno
    finally:
        probe.unlink(missing_ok=True)
    return None
