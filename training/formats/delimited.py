"""Text tables: CSV and TSV as spreadsheets and scripts write them, in any encoding, with any usual separator."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from svodka.columns import CODECS
from svodka.csv_rows import CELL_CHARACTERS, DELIMITERS, EXCEL_HINT
from svodka.errors import ConfigError
from svodka.quotes import RowSource
from svodka.training.formats.cells import label_names, mark
from svodka.training.formats.example import Fault, Options, Rejected, Table
from svodka.training.formats.grid import HEADER_WITHIN, Grid, header_score, is_data, tabulate
from svodka.training.formats.names import TopicNames

__all__ = ["codec_of", "read_delimited"]

SAMPLE_ROWS = 50
SPOKEN = {"\t": "tab"}
UNPAIRED = "this line cannot be read, often because a quotation mark in it is not doubled or never closes"
CODEC_NAMES = {"utf-8-sig": "utf-8", "cp1251": "windows-1251", "iso8859-5": "iso-8859-5"}


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The rows of a text, the line at which each begins, and the lines that could not be read."""

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: list[Rejected] = field(default_factory=list)


def read_delimited(path: Path, data: bytes, text: str, names: TopicNames, options: Options) -> Table:
    """Return the table in the text of a file; `data` are its bytes, for the name of the encoding.

    A table in which quotation marks do not pair up is read once more with quotation marks as letters, if all its rows
    then have the same number of cells. Otherwise only the lines at fault are set aside.

    Raises:
        ConfigError: the separator is no single character.
        DataError: there is no row below a header.
    """
    separator = _named_separator(options.separator)
    start = EXCEL_HINT.match(text)
    separator = separator or (start.group(1) if start else _best_separator(text, names, options))
    lines = list(io.StringIO(text, newline=""))
    if start:
        lines[0] = "\n"
    found, letters = _quoted(lines, separator, names), ""
    if found.broken and (plain := _unquoted(lines, separator, len(found.broken))):
        found, letters = plain, ", quotation marks are letters"
    encoding = options.encoding or codec_of(data, text)
    about = f"text table, {encoding}, separator {SPOKEN.get(separator, separator)!r}{letters}"
    grid = Grid(
        path=path,
        kind="csv",
        about=about,
        rows=found.rows,
        numbers=found.numbers,
        separator=separator,
        broken=tuple(found.broken),
    )
    return tabulate(grid, names, options)


def codec_of(data: bytes, text: str) -> str:
    """Return the usual name of the encoding in which `data` reads as `text`."""
    for codec in CODECS:
        try:
            if data.decode(codec) == text:
                return CODEC_NAMES.get(codec, codec)
        except UnicodeDecodeError:
            continue
    return "unknown encoding"


def _named_separator(separator: str | None) -> str | None:
    """Return the separator that the user named, with its nicknames."""
    if separator is None:
        return None
    found = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}.get(separator.lower(), separator)
    if len(found) != 1 or found in '"\r\n':
        raise ConfigError(f"--separator must be one character, or tab, got {separator!r}")
    return found


def _best_separator(text: str, names: TopicNames, options: Options) -> str:
    """Return the separator with the best header, then the one that cuts rows alike, into more than one cell.

    In a table without a header a column of topics counts as much as the name of such a column.
    """

    def quality(separator: str) -> tuple[int, float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        csv.field_size_limit(CELL_CHARACTERS)
        try:
            rows = [row for row in islice(reader, SAMPLE_ROWS) if row]
        except csv.Error:
            return 0, 0.0, 0
        width, alike = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        score = max((header_score(row, names, options) for row in rows[:HEADER_WITHIN]), default=0)
        score = score or int(is_data(rows, names))
        return score, alike / len(rows) if width > 1 else 0.0, width

    return max(DELIMITERS, key=quality)


def _quoted(lines: Sequence[str], separator: str, names: TopicNames) -> _Parsed:
    """Return the rows; behind a line that cannot be read, reading goes on at the next line of the file."""
    csv.field_size_limit(CELL_CHARACTERS)
    found = _Parsed()
    begin, doubtful = 0, 0  # a quotation mark that never closed may have reached up to the line `doubtful`
    while begin < len(lines):
        first = begin
        reader = csv.reader((lines[at] for at in range(first, len(lines))), delimiter=separator, strict=True)
        try:
            for row in reader:
                end = first + reader.line_num
                _refuse_slip(lines[begin:end], row, separator, names, doubtful=end <= doubtful)
                found.rows.append(row)
                found.numbers.append(begin + 1)
                begin = end
        except csv.Error as error:
            fault = Fault(f"{UNPAIRED}: {error}")
            found.broken.append(Rejected(begin + 1, (fault,), [lines[begin].rstrip("\r\n")]))
            doubtful = max(doubtful, first + reader.line_num)
            begin += 1
    return found


def _refuse_slip(
    lines: Sequence[str], row: Sequence[str], separator: str, names: TopicNames, *, doubtful: bool
) -> None:
    """Refuse a row that can be read, and is yet the work of a quotation mark that has no partner.

    Raises:
        csv.Error: the row has swallowed other rows, or is the end of a row whose beginning was refused.
    """
    if doubtful and sum(line.count('"') for line in lines) % 2:
        raise csv.Error("it seems to belong to an unreadable line above")
    source = RowSource(list(lines), len(lines), separator)
    joined = source.swallowed(len(row), lambda cells: _is_labelled(cells, names))
    if joined or any(_is_row(line, len(row), separator, names) for line in lines[:-1]):
        raise csv.Error("the quoted text goes on over whole rows")


def _is_row(line: str, width: int, separator: str, names: TopicNames) -> bool:
    """Tell whether a line inside a quoted text is by itself a row with topics that are known."""
    cells = line.rstrip("\r\n").split(separator)
    opened = max((place for place, cell in enumerate(cells) if '"' in cell), default=0)
    if len(cells) != width:
        return False
    # After a comma in a sentence comes a space, after one between cells does not.
    found = [label_names(cell, names) for cell in cells[opened + 1 :] if not cell.startswith(" ")]
    return any(one is not None and all(map(names.knows, one)) for one in found)


def _is_labelled(cells: Sequence[str], names: TopicNames) -> bool:
    """Tell whether a cell holds topics that are known, or several say yes or no."""
    found = [label_names(cell.strip('"'), names) for cell in cells]  # a mark that was lost elsewhere stands at an edge
    return any(one is not None and all(map(names.knows, one)) for one in found) or sum(map(_is_mark, cells)) > 1


def _is_mark(cell: str) -> bool:
    """Tell whether a cell says yes or no."""
    try:
        return mark(cell) is not None
    except ValueError:
        return False


def _unquoted(lines: Sequence[str], separator: str, broken: int) -> _Parsed | None:
    """Return the rows with quotation marks as letters; None if most cells that begin with one are properly quoted.

    None, too, if the rows then have different numbers of cells.
    """
    opening = re.compile(rf'(?:^|{re.escape(separator)})"')
    if 2 * broken < sum(opening.search(line) is not None for line in lines):
        return None
    try:
        rows = list(csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE))
    except csv.Error:
        return None
    widths = {len(row) for row in rows if row}
    return _Parsed(rows, list(range(1, len(rows) + 1))) if len(widths) == 1 and max(widths) > 1 else None
