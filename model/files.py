"""Write files and folders so that a reader finds the old one or the new one, never a half.

Everything is first written under a hidden temporary name beside its target (`.svodka-….tmp`), then renamed. If the
writing fails, from a full disk to Ctrl-C, the temporary file goes away and the old one is untouched; with SIGTERM only
inside `svodka.cli.dying`. If all is written and only the renaming is refused (on Windows, while another program has the
old file open), the temporary one stays, unless the caller has no use for it, and the error tells where.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Literal, overload

__all__ = ["atomic_folder", "atomic_write", "is_pipe", "printable", "remove_leftovers"]

LEFTOVERS = ".svodka-*.tmp"
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@overload
def atomic_write(
    path: Path, mode: Literal["w"] = "w", *, newline: str = "\n", keep: bool = True
) -> AbstractContextManager[IO[str]]: ...
@overload
def atomic_write(
    path: Path, mode: Literal["wb"], *, newline: str = "\n", keep: bool = True
) -> AbstractContextManager[IO[bytes]]: ...
@contextmanager  # type: ignore[misc]  # mypy wants the decorator on the overloads, where it means nothing
def atomic_write(
    path: Path, mode: str = "w", *, newline: str = "\n", keep: bool = True
) -> Iterator[IO[str] | IO[bytes]]:
    r"""Give a handle whose content replaces `path` when the block ends without an error.

    A symbolic link is followed, so that the file it points to is replaced; a device or a pipe (`/dev/null`) cannot be
    renamed over and is written directly. Permissions of an existing file are kept.

    Args:
        path: the file to write; its folder must exist.
        mode: "w" for UTF-8 text, "wb" for bytes.
        newline: what `\n` becomes in text; "" writes line ends as they are given.
        keep: keep the result beside `path` if only its place is refused; without, it goes away, too.

    Raises:
        OSError: nothing can be written there, or the disk is full; after the block it tells where the result is kept.
    """
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": newline}
    if is_pipe(path):
        with path.open(mode, **text) as handle:  # type: ignore[call-overload]
            yield handle
        return
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, expected a file", str(path))
    temporary = _beside(target)
    try:
        with temporary.open(mode.replace("w", "x"), **text) as handle:  # type: ignore[call-overload]
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError) and error.filename is None and error.errno in FULL:
            error.filename = str(path)  # a full disk does not tell whose it is
        raise
    with _kept(temporary, path, keep=keep):
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)


@contextmanager
def atomic_folder(path: Path, workplace: Path | None = None) -> Iterator[Path]:
    """Give an empty temporary folder that becomes `path` when the block ends without an error.

    Only a kill, or a place that is refused, leaves the temporary folder behind: in `workplace`, which must be in the
    same file system, or beside `path`. An existing folder is moved aside, and removed only when the new one stands in
    its place; if that fails it is moved back. Ctrl-C during that last removal leaves its rest, under a name that
    begins with `.svodka-`. Whether it may be replaced at all is for the caller to decide beforehand.

    Raises:
        OSError: nothing can be written there, or the disk is full; after the block it tells where the result is kept.
        NotADirectoryError: `path` is an existing file.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, expected a folder", str(path))
    temporary = _beside(target if workplace is None else workplace / target.name)
    temporary.mkdir()
    try:
        yield temporary
    except BaseException:
        _remove(temporary)
        raise
    with _kept(temporary, path):
        _swap(temporary, target)


def is_pipe(path: Path) -> bool:
    """Tell whether there is something that is neither a file nor a folder: a pipe or a device."""
    return path.exists() and not path.is_file() and not path.is_dir()


def printable(name: str) -> str:
    r"""Return a file name as it can be written into UTF-8: bytes that are none become `\xe2` and the like."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files in a folder that a killed run of `atomic_write` left; nobody else may be writing."""
    for path in folder.glob(LEFTOVERS):
        path.unlink(missing_ok=True)


@contextmanager
def _kept(temporary: Path, path: Path, *, keep: bool = True) -> Iterator[None]:
    """Tell where a finished result is that the system does not let into its place: it may be a night's work.

    After anything else, as Ctrl-C, and without `keep` it is removed.

    Raises:
        OSError: the one raised inside, with that.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if keep:
            reason += f"; the finished result is kept in {temporary}"
        else:
            _remove(temporary)
        raise OSError(error.errno, reason, str(path)) from error
    except BaseException:
        _remove(temporary)
        raise


def _remove(temporary: Path) -> None:
    """Remove a file or a folder, as far as the system lets."""
    if temporary.is_dir():
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        with suppress(OSError):
            temporary.unlink()


def _swap(new: Path, target: Path) -> None:
    """Rename `new` to `target`; what stood there is removed afterwards, or put back if the renaming fails."""
    if not target.exists():
        new.rename(target)
        return
    old = _beside(target)
    try:
        target.rename(old)
        new.rename(target)
    finally:  # Ctrl-C may come between any two steps
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            with suppress(OSError):
                old.rename(target)


def _beside(target: Path) -> Path:
    """Return a hidden name in the target's folder that nobody uses; short, as long Cyrillic names meet the limit."""
    return target.parent / f".svodka-{secrets.token_hex(6)}.tmp"
