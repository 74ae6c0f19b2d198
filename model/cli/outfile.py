"""The file or folder that a command is asked to write, looked at before any work is done."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from svodka.errors import ConfigError

__all__ = ["check_new_folder", "check_out"]


def check_out(out: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse a place for the result that cannot be right; None, which is no file, is fine.

    Raises:
        ConfigError: `out` is a folder, lies in a folder that is not there, or is one of the inputs.
    """
    if out is None:
        return
    if out.is_dir():
        raise ConfigError(f"--out {out} is a folder; name a file in it")
    if not out.parent.is_dir():
        raise ConfigError(f"--out {out}: there is no folder {str(out.parent)!r}")
    if any(name.resolve() == out.resolve() for name in inputs):
        raise ConfigError(f"--out {out} is also an input and would be overwritten")


def check_new_folder(out: Path) -> None:
    """Refuse a folder that is there already.

    Raises:
        ConfigError: `out` exists.
    """
    if out.exists():
        raise ConfigError(f"{out} exists; give another --out, or remove it")
