"""Rows of JSON Lines as they come, with the line of each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from svodka.errors import DataError
from svodka.text_table import TableRow, TextTable, shown, wrong_column

__all__ = ["read_jsonl"]


def read_jsonl(table: TextTable) -> Iterator[TableRow]:
    """Yield line and cell of JSON Lines."""
    begun = False
    for number, line in enumerate(table.lines, 1):
        if not line.strip():
            continue
        cell: str | DataError | None
        try:
            cell = _jsonl_cell(line, table, number, begun=begun)
        except DataError as error:
            cell = error
        yield TableRow(number, cell)
        begun = True


def _jsonl_cell(line: str, table: TextTable, number: int, *, begun: bool) -> str | None:
    """Return the cell in a line of JSON Lines; behind the first row, one that lacks the column counts as null."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise table.error(number, f"not valid JSON: {error}: {shown(line)}") from error
    if not isinstance(row, dict):
        raise table.error(number, f"expected a JSON object, got {shown(line)}")
    if table.column not in row and not begun:
        raise DataError(wrong_column(f"{table.name}:{number}", table.column, tuple(row)))
    return _text_or_none(row.get(table.column), table, number, begun=begun)


def _text_or_none(value: object, table: TextTable, line: int, *, begun: bool) -> str | None:
    """Return a JSON value that is a text or null; behind the first row, numbers may stand among them."""
    if value is None or isinstance(value, str):
        return value
    if begun and isinstance(value, int | float) and not isinstance(value, bool):
        return None if math.isnan(value) else str(value)  # pandas writes NaN for a missing text
    raise table.error(line, f"{table.column!r} must be a text or null, got {shown(repr(value))}")
