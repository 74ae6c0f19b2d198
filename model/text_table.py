"""A text table that is being read, whatever its format: its lines, its rows, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from svodka.errors import DataError, did_you_mean

__all__ = ["BrokenTableError", "TableRow", "TextTable", "shown", "wrong_column"]

SHOWN_CHARACTERS = 60


class BrokenTableError(DataError):
    """A table of text is damaged at one place, which its owner can mend; one that lacks the column is none."""


@dataclass(frozen=True)
class TextTable:
    """A text table being read.

    Attributes:
        name: what errors call it.
        column: the column to read.
        lines: its decoded lines with their line ends.
        sample: its beginning, whole lines.
    """

    name: str
    column: str
    lines: Iterable[str]
    sample: str

    def error(self, line: int, what: str) -> BrokenTableError:
        """Return the error for a 1-based line."""
        return BrokenTableError(f"{self.name}:{line}: {what}")

    def check_column(self, header: Sequence[str]) -> None:
        """Refuse a header without the column, or with two of that name."""
        if header.count(self.column) != 1:
            raise DataError(wrong_column(self.name, self.column, header))


class TableRow(NamedTuple):
    """Line and cell of a row; of a broken one that ends with its line, the error in place of the cell."""

    line: int
    cell: str | DataError | None
    doubt: str | None = None


def wrong_column(name: str, column: str, header: Sequence[str]) -> str:
    """Say that a header lacks the column, or has two of that name."""
    if column in header:
        return f"{name}: the column {column!r} is there {list(header).count(column)} times"
    columns = ", ".join(repr(_cut(name)) for name in header) or "none"
    return f"{name}: no column {column!r}{did_you_mean(column, header)} (its columns: {columns})"


def shown(text: str) -> str:
    """Return the beginning of a text for a message."""
    return repr(_cut(text.strip()))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
