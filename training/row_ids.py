"""Names for rows that a file gives no id."""

from __future__ import annotations

from itertools import count
from pathlib import Path

__all__ = ["made_up_id"]


def made_up_id(path: Path, row: int, taken: set[str]) -> str:
    """Return `file:row` with the file's stem, or `file:row.2` and so on if that is taken; it is added to `taken`.

    A file that was imported, exported and added to has ids of its earlier rows, which look just like these.
    """
    plain = f"{path.stem}:{row}"
    names = (plain if number == 1 else f"{plain}.{number}" for number in count(1))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name
