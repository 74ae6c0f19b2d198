"""Text tables: CSV and TSV as spreadsheets and scripts write them, in any encoding, with any usual separator."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Literal

from svodka.columns import CELL_CHARACTERS, CODECS
from svodka.errors import ConfigError
from svodka.training.formats.example import Fault, Options, Rejected, Table
from svodka.training.formats.grid import HEADER_WITHIN, Grid, header_score, tabulate
from svodka.training.formats.names import TopicNames

__all__ = ["codec_of", "read_delimited"]

SEPARATORS = ",;\t|"
SAMPLE_ROWS = 50
EXCEL_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # Excel's own first line
SPOKEN = {"\t": "tab"}
CODEC_NAMES = {"utf-8-sig": "utf-8", "cp1251": "windows-1251", "iso8859-5": "iso-8859-5"}


def read_delimited(path: Path, data: bytes, text: str, names: TopicNames, options: Options) -> Table:
    """Return the table in the text of a file; `data` are its bytes, for the name of the encoding.

    A table in which quotation marks do not pair up is read once more with quotation marks as letters, if all its rows
    then have the same number of cells.

    Raises:
        ConfigError: the separator is no single character.
        DataError: there is no row below a header.
    """
    separator = _named_separator(options.separator)
    start = EXCEL_HINT.match(text)
    separator = separator or (start.group(1) if start else _best_separator(text, names, options))
    rows, numbers, broken = _parse(text, separator, csv.QUOTE_MINIMAL, start is not None)
    letters = ""
    if broken:
        plain, plain_numbers, _ = _parse(text, separator, csv.QUOTE_NONE, start is not None)
        if len({len(row) for row in plain if row}) == 1 and len(plain[0]) > 1:
            rows, numbers, broken, letters = plain, plain_numbers, (), ", quotation marks are letters"
    encoding = options.encoding or codec_of(data, text)
    about = f"text table, {encoding}, separator {SPOKEN.get(separator, separator)!r}{letters}"
    grid = Grid(path=path, kind="csv", about=about, rows=rows, numbers=numbers, broken=broken)
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
    """Return the separator with the best header; then the one that cuts rows alike, into more than one cell."""

    def quality(separator: str) -> tuple[int, float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        csv.field_size_limit(CELL_CHARACTERS)
        try:
            rows = [row for row in islice(reader, SAMPLE_ROWS) if row]
        except csv.Error:
            return 0, 0.0, 0
        width, alike = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        score = max((header_score(row, names, options) for row in rows[:HEADER_WITHIN]), default=0)
        return score, alike / len(rows) if width > 1 else 0.0, width

    return max(SEPARATORS, key=quality)


def _parse(
    text: str, separator: str, quoting: Literal[0, 3], skip_first: bool
) -> tuple[list[list[str]], list[int], tuple[Rejected, ...]]:
    """Return the rows, the line at which each begins, and what keeps the rest from being read."""
    csv.field_size_limit(CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    begin = 1
    try:
        for row in reader:
            if begin > 1 or not skip_first:
                rows.append(row)
                numbers.append(begin)
            begin = reader.line_num + 1
    except csv.Error as error:
        fault = Fault(f"the table cannot be read from here on, often a quotation mark that is not doubled: {error}")
        return rows, numbers, (Rejected(begin, (fault,), text.splitlines()[begin - 1 : begin]),)
    return rows, numbers, ()
