"""JSON: one object a line, or a list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from svodka.errors import DataError
from svodka.training.formats.example import Fault, Rejected, Table, TableRow
from svodka.training.formats.roles import TEXT_WORDS, named
from svodka.training.records import Problem, parse_records

__all__ = ["read_json", "table_of"]


def read_json(path: Path, text: str) -> Table:
    """Return the objects in the text of a file as a table.

    Raises:
        DataError: the text is neither JSON Lines nor one JSON value with a list of objects.
    """
    try:
        value = json.loads(text, parse_constant=_none)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[0] == "[" or text.split("\n", 1)[0].strip() == "{":  # one value over many lines
            raise DataError(_broken(path, error)) from error
        return _lines(path, text)
    if isinstance(value, dict) and _is_row(value):
        one_line = "\n" not in text.strip()
        return _lines(path, text) if one_line else table_of(path, "json", "JSON object", [TableRow(1, value)])
    rows, about = _objects(path, value)
    good = [TableRow(number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]
    broken = tuple(
        Rejected(number, (Fault(f"expected an object, got {type(row).__name__}"),), row)
        for number, row in enumerate(rows, 1)
        if not isinstance(row, dict)
    )
    return table_of(path, "json", about, good, broken)


def table_of(path: Path, kind: str, about: str, rows: Sequence[TableRow], broken: tuple[Rejected, ...] = ()) -> Table:
    """Return rows as a table whose columns stand in the order in which they first come.

    Raises:
        DataError: there are no rows at all.
    """
    if not rows and not broken:
        raise DataError(f"{path}: has no rows ({about})")
    columns = tuple(dict.fromkeys(name for row in rows for name in row.values))
    return Table(path=path, kind=kind, about=about, columns=columns, rows=tuple(rows), broken=broken)


def _lines(path: Path, text: str) -> Table:
    """Return JSON Lines as a table."""
    records = list(parse_records(text, str(path), ".jsonl", constant=_none))
    lines = text.split("\n")
    rows = [TableRow(one.line, one.values) for one in records if not isinstance(one, Problem)]
    broken = tuple(
        Rejected(one.line, (Fault(one.message),), lines[one.line - 1]) for one in records if isinstance(one, Problem)
    )
    return table_of(path, "json", "JSON Lines", rows, broken)


def _is_row(value: dict[str, object]) -> bool:
    """Tell whether the only value of a file is itself a row, not a table."""
    column = named(value, TEXT_WORDS)
    return isinstance(value.get(column or ""), str) or any(
        isinstance(value.get(key), dict) for key in ("data", "fields")
    )


def _none(_constant: str) -> None:
    """Take NaN and the infinities, which scripts write and JSON has not, for missing values."""


def _broken(path: Path, error: Exception) -> str:
    """Say where a JSON value is broken."""
    if isinstance(error, json.JSONDecodeError):
        return f"{path}:{error.lineno}: broken JSON at column {error.colno}: {error.msg}"
    return f"{path}: broken JSON: {error}"


def _objects(path: Path, value: object) -> tuple[list[object], str]:
    """Return the list of objects in one JSON value: the value itself, or the one that stands under a key."""
    if isinstance(value, list):
        return value, "JSON list"
    lists = {key: one for key, one in _items(value) if isinstance(one, list) and one and isinstance(one[0], dict)}
    if len(lists) == 1:
        key, rows = lists.popitem()
        return rows, f"JSON list under {key!r}"
    shown = ", ".join(repr(key) for key, _ in _items(value)) or repr(value)[:60]
    raise DataError(
        f"{path}: expected a list of objects, or one object a line, got one JSON value with {shown}; "
        "from pandas, write it with orient='records'"
    )


def _items(value: object) -> Iterable[tuple[str, object]]:
    """Return the items of a dictionary; anything else has none."""
    return value.items() if isinstance(value, dict) else ()
