r"""svodka's own table, as CSV or an Excel sheet (`own_xlsx`): for spreadsheets, and back without loss.

Columns: `id`, `text`, `topics` (`threats;operations`, `-` for none, empty for not labelled), `unknown`, `genre`,
`scores` (JSON), and `meta.NAME` for everything else. A value of `meta` that is no text, or a text that could be taken
for such a value, is written as JSON. CSV is UTF-8 with a byte-order mark, without which Excel takes Cyrillic for Latin;
comma, CRLF, doubled quotation marks (RFC 4180). A cell that a spreadsheet would run as a formula has an apostrophe in
front (`svodka.output.as_csv.guard`); it is taken off again only where the header is this one.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO

from svodka.errors import ConfigError, DataError
from svodka.output.as_csv import BOM, guard, unguard
from svodka.topics import Topic
from svodka.training.formats.cells import is_blank, label_names
from svodka.training.formats.example import Example, Table, TableRow
from svodka.training.formats.label_studio_flat import is_flat_header
from svodka.training.formats.names import TopicNames
from svodka.training.formats.own_xlsx import unescaped
from svodka.training.formats.to_tools import spoken_names

__all__ = ["is_own", "is_own_header", "restored", "rows_of_table", "table_names", "write_csv"]

COLUMNS = ("id", "text", "topics", "unknown", "genre", "scores")
MARKS = frozenset(COLUMNS) - {"scores"}
META = "meta."
SEPARATOR, NO_TOPIC = ";", "-"


def table_names(topics: Sequence[Topic], kind: str) -> dict[str, str]:
    """Return what stands in a table for each topic, by id, as `spoken_names`.

    Raises:
        ConfigError: two topics have the same title, or one has a title that several topics in one cell would hide.
    """
    spoken, names = spoken_names(topics, kind), TopicNames(topics)
    for topic_id, name in spoken.items():
        if names.find(name) != topic_id or label_names(f"{name}{SEPARATOR}{name}", names) != [name, name]:
            raise ConfigError(f"{name!r} in a cell would not be read as the topic {topic_id!r} again; take --names id")
    return spoken


def rows_of_table(examples: Sequence[Example], names: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the header, then the cells of each example; `names` are those of the topics, by id."""
    keys = list(dict.fromkeys(key for example in examples for key in example.meta))
    yield [*COLUMNS, *(f"{META}{key}" for key in keys)]
    for example in examples:
        further = (_encoded(example.meta[key]) if key in example.meta else "" for key in keys)
        yield [*_cells(example, names), *further]


def write_csv(handle: IO[str], examples: Sequence[Example], names: Mapping[str, str]) -> None:
    r"""Write examples to a handle that does not translate `\n`; `names` are those of the topics, by id.

    Raises:
        DataError: a text has a NUL character, which no text table can hold.
    """
    handle.write(BOM)
    table = csv.writer(handle, lineterminator="\r\n")
    header, *rows = rows_of_table(examples, names)
    table.writerow(header)
    for example, cells in zip(examples, rows, strict=True):
        if any("\0" in cell for cell in cells):
            raise DataError(f"row {example.row}: a NUL character, which no CSV can hold; write another format")
        table.writerow([guard(cell) for cell in cells])


def _cells(example: Example, names: Mapping[str, str]) -> list[str]:
    """Return the cells of an example in the order of `COLUMNS`."""
    topics = "" if example.topics is None else SEPARATOR.join(names[one] for one in example.topics) or NO_TOPIC
    scores = "" if example.scores is None else json.dumps(dict(example.scores))
    unknown = SEPARATOR.join(names[one] for one in example.unknown)
    return [example.id or "", example.text, topics, unknown, example.genre or "", scores]


def _encoded(value: object) -> str:
    """Return a value of `meta` as a cell that `_decoded` reads back."""
    return value if isinstance(value, str) and _decoded(value) == value else json.dumps(value, ensure_ascii=False)


def _decoded(cell: str) -> object:
    """Return the value that a cell of `meta` stands for; None for an empty cell."""
    if not cell.strip():
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def is_own(table: Table) -> bool:
    """Tell whether a table has the header that `write_csv` writes, in whatever order."""
    return table.is_sheet and is_own_header(table.columns)


def is_own_header(columns: Iterable[str]) -> bool:
    """Tell whether a header is that of `write_csv`, and not of Label Studio's CSV of the same sentences."""
    found = set(columns)
    return found >= MARKS and not is_flat_header(found)


def restored(table: Table) -> Table:
    """Return one of svodka's own tables with the values that were written, as JSON Lines would hold them."""
    if table.kind == "xlsx":
        table = unescaped(table)
    return replace(
        table, kind="json", rows=tuple(TableRow(row.number, _values(row, table.columns)) for row in table.rows)
    )


def _values(row: TableRow, columns: Sequence[str]) -> dict[str, object]:
    """Return the values of a row, those of `meta` under one key."""
    plain = {key: unguard(value) if isinstance(value, str) else value for key, value in row.values.items()}
    meta = {
        key.removeprefix(META): _decoded(value) if isinstance(value, str) else value
        for key, value in plain.items()
        if key.startswith(META) and not is_blank(value)
    }
    return {key: plain.get(key) for key in columns if not key.startswith(META)} | {"meta": meta}
