"""Rows of CSV and TSV as they come, with the line where each begins."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from svodka.quotes import RowLines, RowSource
from svodka.text_table import BrokenTableError, TableRow, TextTable, wrong_column

__all__ = ["CELL_CHARACTERS", "DELIMITERS", "EXCEL_HINT", "read_csv", "read_tsv"]

CELL_CHARACTERS = 1 << 26  # above this a quotation mark was not closed rather than a text is long
DELIMITERS = ",;\t|"
EXCEL_HINT = re.compile(r'sep=([^"\r\n])\r?\n', re.IGNORECASE)  # Excel's own first line, which names the separator


def read_csv(table: TextTable, delimiters: str = DELIMITERS) -> Iterator[TableRow]:
    """Yield line and cell of a table whose cells are separated by one of `delimiters`."""
    csv.field_size_limit(CELL_CHARACTERS)
    hint = EXCEL_HINT.match(table.sample)
    delimiter = hint[1] if hint else _delimiter(table, delimiters)
    lines = RowLines(table.lines, delimiter)
    rows = csv.reader(lines, delimiter=delimiter, quoting=_quoting(table, delimiter), strict=True)
    try:
        if hint:
            next(rows)
            lines.take()
        header = _header(rows)
        _check_header(table, header, lines.take())
        place = header.index(table.column)
        for row in rows:
            yield from _csv_row(table, len(header), place, row, lines.take())
    except csv.Error as error:
        line, what = lines.take().refused(error)
        raise table.error(line, f"broken CSV: {what}") from error


def _check_header(table: TextTable, header: Sequence[str], source: RowSource) -> None:
    """Refuse a header as `check_column` does; one of several lines may be the work of a stray quotation mark."""
    if sum(1 for line in source.lines if line.strip()) > 1 and header.count(table.column) != 1:
        line, hint = source.long_text()
        raise BrokenTableError(f"{wrong_column(f'{table.name}:{line}', table.column, header)}; {hint}")
    table.check_column(header)


def _csv_row(table: TextTable, width: int, place: int, row: Sequence[str], source: RowSource) -> Iterator[TableRow]:
    """Yield what there is of a row of `width` cells, the one to read at `place`; nothing of a blank line."""
    if len(row) > place and not any(row[width:]):
        doubt = source.swallowed(width)
        yield TableRow(source.begin, row[place], doubt and f"{table.name}:{source.begin}: {doubt}")
    elif row:
        line, what = source.misfit(width, len(row))
        error = table.error(line, what)
        if len(source.lines) > 1:
            raise error  # the lines may be rows of their own
        yield TableRow(line, error)


def read_tsv(table: TextTable) -> Iterator[TableRow]:
    """Yield line and cell of a table whose cells are separated by tabs."""
    return read_csv(table, "\t")


def _delimiter(table: TextTable, delimiters: str) -> str:
    """Return the delimiter that finds the column in the header; if none does, the one that finds most columns."""

    def found(delimiter: str) -> tuple[bool, int]:
        try:
            header = _header(csv.reader(io.StringIO(table.sample, newline=""), delimiter=delimiter))
        except csv.Error:
            return False, 0
        return table.column in header, len(header)

    return max(delimiters, key=found)


def _header(rows: Iterator[list[str]]) -> list[str]:
    """Return the first row that is not a blank line."""
    return next(filter(None, rows), [])


def _quoting(table: TextTable, delimiter: str) -> Literal[0, 3]:
    """Tell whether quotation marks enclose cells (csv.QUOTE_MINIMAL) or are just letters (csv.QUOTE_NONE).

    Tab-separated files are often written with no quoting at all; a cell such as `"Восток" начался` gives them away,
    or a speech of several rows, which begins and ends with a mark.
    """
    if delimiter != "\t":
        return csv.QUOTE_MINIMAL
    whole = table.sample[: table.sample.rfind("\n") + 1]
    lines, width = RowLines(io.StringIO(whole, newline=""), delimiter), 0
    try:
        for row in csv.reader(lines, delimiter=delimiter, strict=True):
            width = width or len(row)
            if lines.take().swallowed(width):
                return csv.QUOTE_NONE
    except csv.Error:
        return csv.QUOTE_NONE
    return csv.QUOTE_MINIMAL
