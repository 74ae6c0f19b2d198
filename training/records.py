"""The lines of a labelled file, JSON Lines or a table, before anything in them is checked."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from svodka.decode import read_text
from svodka.errors import DataError, did_you_mean
from svodka.quotes import RowLines, RowSource

__all__ = ["Problem", "Record", "parse_records", "read_records"]

JSON_LINES = (".jsonl", ".ndjson", ".json")
TABLES = (".csv", ".tsv")
LABELS = "topics"
LIST_COLUMNS = (LABELS, "unknown")
NONE_MARKS = ("-", "[]")
TOPIC_SEPARATOR = re.compile(r"[;|,]")
TOPIC_ID = re.compile(r"(?=.*[a-z])[a-z0-9_]+")  # digits alone may be half of a decimal in a text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at one line of a file.

    Attributes:
        source: the file as it was named.
        line: number of the line, from 1.
        message: what was expected, what came, and the likely slip.
    """

    source: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return `file:line: message`."""
        return f"{self.source}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one line by their names; `line` counts from 1 and is where the record begins."""

    line: int
    values: dict[str, object]


def read_records(path: Path) -> Iterator[Record | Problem]:
    """Yield the records of a .jsonl, .csv or .tsv file, or what keeps a line from being one; blank lines are skipped.

    A table has a header. In its columns `topics` and `unknown` the ids are separated by `;`, `|` or `,`, or form a JSON
    list; `-` and `[]` mean "none"; an empty cell is a missing value.

    Raises:
        DataError: the file is missing, has another ending or cannot be decoded, or a table has no column `text`.
    """
    return parse_records(read_text(path), str(path), path.suffix)


def parse_records(
    text: str, source: str, ending: str, constant: Callable[[str], object] | None = None
) -> Iterator[Record | Problem]:
    """Yield the records of a file's text like `read_records`; `ending` is that of its name, with the dot.

    `constant` gives the value for NaN and the infinities, which JSON has not; None refuses the lines that have them.
    """
    if ending.lower() in JSON_LINES:
        return _json_lines(text, source, constant or _refuse_constant)
    if ending.lower() in TABLES:
        return _table(text, source, ending.lower())
    raise DataError(f"{source}: expected a file ending in {', '.join(JSON_LINES + TABLES)}, got {ending!r}")


def _json_lines(text: str, source: str, constant: Callable[[str], object]) -> Iterator[Record | Problem]:
    """Yield one object a line."""
    # str.splitlines would also cut at U+2028 and its like, which JSON allows inside a string.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_constant=constant)
        except json.JSONDecodeError as error:
            yield Problem(source, number, f"broken JSON at column {error.colno}: {error.msg}")
        except (ValueError, RecursionError) as error:
            yield Problem(source, number, f"broken JSON: {error}")
        else:
            if isinstance(value, dict):
                yield Record(number, value)
            else:
                yield Problem(source, number, f"expected a JSON object, got {type(value).__name__}")


def _refuse_constant(name: str) -> object:
    """Refuse NaN and the infinities, which Python reads although JSON has no such values."""
    raise ValueError(f"{name} is no JSON value; write null for what is missing")


def _table(text: str, source: str, ending: str) -> Iterator[Record | Problem]:
    """Yield the rows of a table by the names of its header."""
    first, _, _ = text.partition("\n")
    separator = "\t" if ending == ".tsv" else max(",;\t", key=first.count)
    lines = RowLines(io.StringIO(text, newline=""), separator)
    header: list[str] = []
    try:
        for cells in csv.reader(lines, delimiter=separator, strict=True):
            read = lines.take()
            if not header:
                header = _header(cells, source)
            elif wrong := _wrong(cells, header, read):
                yield Problem(source, *wrong)
            elif cells:
                yield Record(read.begin, {name: _cell(name, cell) for name, cell in zip(header, cells, strict=True)})
    except csv.Error as error:
        line, what = lines.take().refused(error)
        yield Problem(source, line, f"the table cannot be read from here on: {what}")


def _wrong(cells: Sequence[str], header: Sequence[str], read: RowSource) -> tuple[int, str] | None:
    """Return the line of what is wrong with a row and what it is; None if nothing is, or the line is blank."""
    if cells and len(cells) != len(header):
        return read.misfit(len(header), len(cells))
    if LABELS not in header:
        return None  # there are no labels that could be lost, and the texts are there, be it as one
    place = header.index(LABELS)
    swallowed = read.swallowed(len(header), lambda row: _are_topics(row[place]))
    return (read.begin, swallowed) if swallowed else None


def _are_topics(cell: str) -> bool:
    """Tell whether a cell of topics has the form of one; a stray quotation mark may stand at its edge."""
    topics = _cell(LABELS, cell.strip('"'))
    return topics is None or (isinstance(topics, list) and all(TOPIC_ID.fullmatch(str(one)) for one in topics))


def _header(cells: list[str], source: str) -> list[str]:
    """Return the names of the columns; a table without `text` is refused at once."""
    header = [cell.strip() for cell in cells]
    if "text" not in header:
        close = next((name for name in header if did_you_mean(name.lower(), ["text"])), None)
        hint = f"; should {close!r} be 'text'?" if close else ""
        raise DataError(f"{source}:1: expected a column 'text', got {', '.join(map(repr, header))}{hint}")
    return header


def _cell(name: str, cell: str) -> object:
    """Return the value of a cell: None if it is empty, a list in the columns of topics, otherwise its text."""
    content = cell.strip()
    if not content:
        return None
    if name not in LIST_COLUMNS:
        return cell
    if content in NONE_MARKS:
        return []
    if content.startswith("["):
        try:
            return json.loads(content)
        except ValueError:
            return cell
    return [part.strip() for part in TOPIC_SEPARATOR.split(content)]
