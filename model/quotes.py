"""Quotation marks in text tables: where one opened that never closes, and whether a quoted text has swallowed rows.

A mark that is lost, or a mark in a text that is not doubled, makes all that follows part of one cell, up to the next
mark that can close it. Mostly `csv` then fails, and tells where it gave up; sometimes the table reads well, and rows
are gone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["RowLines", "RowSource", "misfit"]

MARK = '"'
HINT = "is a quotation mark lost, or one in the text not doubled?"
DECIMAL_COMMA = re.compile(r"\d,\d")


def misfit(width: int, got: int, delimiter: str, hint: str = "") -> str:
    """Return what to say of a row of `got` cells in place of `width`; a `hint` names the slip if more is known."""
    hint = hint or (f"is a text with {delimiter!r} in it not quoted?" if got > width else "is it cut off?")
    return f"expected {width} cells as in the header, got {got}; {hint}"


class RowLines(Iterator[str]):
    """Lines on their way to `csv.reader`, which keeps those of the row that it is reading."""

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._count = 0
        self._row: list[str] = []

    def __next__(self) -> str:
        """Return the next line."""
        line = next(self._lines)
        self._row.append(line)
        return line

    def take(self) -> RowSource:
        """Return what was read since the last call: one row, if it is called behind each."""
        lines, self._row = self._row, []
        self._count += len(lines)
        return RowSource(lines, self._count, self._delimiter)


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A quoted cell of a row.

    Attributes:
        line: the line of the row, from 0, with the mark that opens it.
        place: where that mark stands in the line.
        end: the line with the mark that closes it; None if there is none.
    """

    line: int = 0
    place: int = 0
    end: int | None = 0

    @property
    def is_long(self) -> bool:
        """Whether it goes on over the end of a line."""
        return self.end != self.line


@dataclass(frozen=True, slots=True)
class RowSource:
    """What a row was read from.

    Attributes:
        lines: its lines; as far as they were read, if it is broken.
        last: number of the last of them in the file, from 1.
        delimiter: what stands between its cells.
    """

    lines: list[str]
    last: int
    delimiter: str

    @property
    def begin(self) -> int:
        """Number of its first line."""
        return self.last - len(self.lines) + 1

    def refused(self, error: csv.Error) -> tuple[int, str]:
        """Return the line where the mark at fault opened, and what to say of a row that `csv` refused."""
        cell = _Quoted()
        for cell in self._quoted_cells():  # noqa: B007  # the last is wanted
            pass
        if cell.end is None:
            said = f"a quotation mark opens a cell here and none closes it up to line {self.last}; {HINT}"
        elif cell.is_long:
            amid = f"the next one that could close it stands amid a text in line {self.begin + cell.end}"
            said = f"a quotation mark opens a cell here, and {amid}; {HINT}"
        else:
            said = "often a quotation mark in a text that is not doubled"
        return self.begin + cell.line, f"{said} ({error})"

    def long_text(self) -> tuple[int, str]:
        """Return the line where its first text of several lines opened, and what to say if its cells do not fit."""
        opened = next((cell for cell in self._quoted_cells() if cell.is_long), _Quoted())
        said = f"the text that a quotation mark opens here goes on up to line {self.last}; {HINT}"
        return self.begin + opened.line, said

    def misfit(self, width: int, got: int) -> tuple[int, str]:
        """Return the line and what to say of a row of `got` cells in place of `width`."""
        line, hint = self.long_text() if len(self.lines) > 1 else (self.begin, "")
        return line, misfit(width, got, self.delimiter, hint)

    def swallowed(self, width: int, fits: Callable[[Sequence[str]], bool] | None = None) -> str | None:
        """Say so if the lines look like rows of their own, which a quotation mark has made one; None if they do not.

        The first and the last line must look so, and half of those between them. Prose of several lines does not: its
        commas have a space or a line end behind them; those between digits tell nothing unless `fits` does.

        Args:
            width: the number of cells in a row; a single one tells nothing.
            fits: tells more of the cells of a line, if anything is known of the columns.
        """
        if len(self.lines) < 2 or width < 2:
            return None
        lines = [line for line in self._unopened() if line.strip()]
        rows = [next(csv.reader([line], delimiter=self.delimiter)) for line in lines]
        like = [
            len(row) == width and self._is_no_prose(row) and (fits(row) if fits else self._has_no_decimals(line))
            for line, row in zip(lines, rows, strict=True)
        ]
        if not (like[0] and like[-1] and 2 * sum(like) >= len(like)):
            return None
        return (
            f"a quoted text that begins here goes on up to line {self.last}, over what looks like further rows; {HINT}"
        )

    def _quoted_cells(self) -> Iterator[_Quoted]:
        """Yield the quoted cells up to the end, or to a closing mark with text behind it."""
        opened: tuple[int, int] | None = None
        for number, line in enumerate(self.lines):
            at = 0
            while at >= 0:
                if opened is None:
                    if line.startswith(MARK, at):
                        opened, at = (number, at), at + 1
                    else:
                        at = line.find(self.delimiter, at) + 1 or -1
                elif (at := line.find(MARK, at)) >= 0:
                    if line.startswith(MARK, at + 1):
                        at += 2  # doubled, a letter of the text
                        continue
                    yield _Quoted(*opened, number)
                    opened = None
                    if line[at + 1 : at + 2] not in (self.delimiter, "\r", "\n", ""):
                        return
                    at += 2
        if opened is not None:
            yield _Quoted(*opened, None)

    def _unopened(self) -> list[str]:
        """Return the lines without the marks that open a cell and do not close it in the same line."""
        found = list(self.lines)
        for cell in self._quoted_cells():
            if cell.is_long:
                line = found[cell.line]
                found[cell.line] = line[: cell.place] + line[cell.place + 1 :]
        return found

    def _is_no_prose(self, cells: Sequence[str]) -> bool:
        """Tell whether the separators in a line, which make it so many cells, are none of a sentence."""
        if self.delimiter == "\t":
            return True
        return bool(cells[-1].strip()) and not any(cell[:1].isspace() for cell in cells[1:])

    def _has_no_decimals(self, line: str) -> bool:
        """Tell whether no separator in a line may be a decimal comma."""
        return self.delimiter != "," or not DECIMAL_COMMA.search(line)
