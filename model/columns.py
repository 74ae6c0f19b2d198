"""Read one column of texts from CSV, TSV, JSON Lines and Parquet, row by row, so that size does not matter.

The first three may be packed with gzip (`posts.jsonl.gz`); they are unpacked while they are read.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, cast

from svodka.decode import decode_bytes
from svodka.errors import DataError, did_you_mean
from svodka.quotes import RowLines, RowSource

__all__ = [
    "TABLE_SUFFIXES",
    "BrokenTableError",
    "Cell",
    "is_table",
    "read_column",
    "read_column_from_stream",
    "wrong_column",
]

SAMPLE_BYTES = 1 << 20  # enough to tell the encoding and the separator
CELL_CHARACTERS = 1 << 26  # above this a quotation mark was not closed rather than a text is long
DELIMITERS = ",;\t|"
EXCEL_HINT = re.compile(r'sep=([^"\r\n])\r?\n', re.IGNORECASE)  # Excel's own first line, which names the separator
PACKED = ".gz"
UTF8_LEAD = 0xC0  # the first byte of a character of several is at least that
SURROGATE = re.compile("[\ud800-\udfff]")
# decode_bytes answers with the text, a stream needs the name of a codec that gives the same, byte-order mark included.
CODECS = (
    *("utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32"),
    *("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"),
)


class BrokenTableError(DataError):
    """A table of text is damaged at one place, which its owner can mend; one that lacks the column is none."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the column.

    Attributes:
        row: its 1-based data row: the header line and blank lines do not count.
        text: its text; None if the row has a null there.
        size: bytes of the file, packed if it is, read since the cell before; 0 if unknown. In Parquet all rows have the
            same.
        broken: why the row cannot be read, with file and line; None if it can.
        doubt: why the row, though it can be read, seems to be several, with file and line; None if it does not.
    """

    row: int
    text: str | None
    size: float
    broken: str | None = None
    doubt: str | None = None


def is_table(path: Path) -> bool:
    """Tell by its name whether `read_column` reads a file: one of `TABLE_SUFFIXES`, perhaps with `.gz` behind it."""
    return _suffix(path) in TABLE_SUFFIXES


def read_column(path: Path, column: str, encoding: str | None = None, *, lenient: bool = False) -> Iterator[Cell]:
    """Yield the cells of a column of the table `path`, whose suffix tells its format; without one the content does.

    Args:
        path: the table.
        column: the column of texts.
        encoding: of the table; None finds it out.
        lenient: a broken row behind the first comes as a broken cell and does not end the table, if it surely ends with
            its line: not where a quotation mark is missing, which may have swallowed more rows.

    Raises:
        DataError: there is no such column, or a Parquet file is damaged.
        BrokenTableError: a row is broken, with file and line, the encoding is another, or a gzip file is damaged.
        MissingExtraError: a Parquet file, and pyarrow is not installed.
    """
    suffix = _suffix(path)
    if suffix == ".parquet":
        from svodka.parquet import read_parquet_column  # that module needs this one

        yield from read_parquet_column(path, column)
        return
    with path.open("rb") as raw:
        if path.suffix.lower() == PACKED:
            yield from _read_packed(raw, path, column, encoding, lenient)
        else:
            yield from _read(raw, str(path), column, encoding, READERS.get(suffix), lenient)


def _suffix(path: Path) -> str:
    """Return the suffix that tells the format, in small letters: `.csv` for `a.csv` and `a.CSV.gz`."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix == PACKED else suffix


def _read_packed(raw: BinaryIO, path: Path, column: str, encoding: str | None, lenient: bool) -> Iterator[Cell]:
    """Yield the cells of a table that is packed with gzip."""
    row = 0
    try:
        # The buffer asks again until it is full: the unpacker alone gives as little as it likes.
        with gzip.GzipFile(fileobj=raw) as unpacked, io.BufferedReader(unpacked, SAMPLE_BYTES) as full:
            for cell in _read(full, str(path), column, encoding, READERS[_suffix(path)], lenient, raw.tell):
                row = cell.row
                yield cell
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BrokenTableError(f"{path}: damaged gzip file, soon after row {row}: {error}") from error


def read_column_from_stream(
    stream: BinaryIO, name: str, column: str, encoding: str | None = None, *, lenient: bool = False
) -> Iterator[Cell]:
    """Yield the cells of a column of a table without a suffix: JSON Lines if it begins with `{`, otherwise CSV.

    `lenient` is that of `read_column`.

    Raises:
        DataError: as `read_column`; of this kind is also a Parquet file, which cannot be read in order.
    """
    yield from _read(stream, name, column, encoding, None, lenient)


@dataclass(frozen=True)
class _Table:
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


class _Row(NamedTuple):
    """Line and cell of a row; of a broken one that ends with its line, the error in place of the cell."""

    line: int
    cell: str | DataError | None
    doubt: str | None = None


_Reader = Callable[[_Table], Iterator[_Row]]


def wrong_column(name: str, column: str, header: Sequence[str]) -> str:
    """Say that a header lacks the column, or has two of that name."""
    if column in header:
        return f"{name}: the column {column!r} is there {list(header).count(column)} times"
    columns = ", ".join(repr(_cut(name)) for name in header) or "none"
    return f"{name}: no column {column!r}{did_you_mean(column, header)} (its columns: {columns})"


def _read(
    raw: BinaryIO,
    name: str,
    column: str,
    encoding: str | None,
    reader: _Reader | None,
    lenient: bool,
    position: Callable[[], int] | None = None,
) -> Iterator[Cell]:
    """Decode a text table while it is read and yield its cells.

    Args:
        raw: the bytes; reading gives as many as are asked for, fewer only at the end.
        name: what errors call it.
        column: the column to read.
        encoding: of the text; None finds it out.
        reader: knows the format; None tells it by the content.
        lenient: as in `read_column`.
        position: tells how far the work on the file is, in bytes; None asks `raw`.
    """
    buffer = io.BufferedReader(cast(io.RawIOBase, raw), SAMPLE_BYTES)  # readinto is all it asks for
    head = buffer.peek(SAMPLE_BYTES)
    codec, sample = _codec(head, name, encoding)
    lines = io.TextIOWrapper(buffer, encoding=codec, newline="")
    table = _Table(name, column, _decoded(lines, name, codec.removesuffix("-sig")), sample)
    position = position or (buffer.tell if buffer.seekable() else lambda: 0)
    reader = reader or (_read_jsonl if sample.lstrip().startswith("{") else _read_csv)
    before = 0
    for row, (_, found, doubt) in enumerate(_without_surrogates(reader(table), table), 1):
        size = (after := position()) - before
        before = after
        if not isinstance(found, DataError):
            yield Cell(row, found, size, doubt=doubt)
        elif lenient and row > 1:
            yield Cell(row, None, size, broken=str(found))
        else:
            raise found
    buffer.detach()  # the caller closes what it opened


def _without_surrogates(rows: Iterator[_Row], table: _Table) -> Iterator[_Row]:
    """Yield the rows; a cell that no encoding can write becomes an error."""
    for row in rows:
        if isinstance(row.cell, str) and SURROGATE.search(row.cell):
            what = f"{table.column!r} holds half of a surrogate pair, which is no character"
            yield row._replace(cell=table.error(row.line, what))
        else:
            yield row


def _codec(head: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """Return the codec of a table that begins with `head`, and its decoded first whole lines.

    Where these are plain ASCII the answer is UTF-8; a wrong guess shows later as an error, never as wrong letters.
    """
    if len(head) >= SAMPLE_BYTES:
        cut = head.rfind(b"\n") + 1 or _last_whole(head)
        head = head[: cut + cut % 2 if b"\0" in head else cut]  # a character of UTF-16 has two bytes
    try:
        text = decode_bytes(head, name, encoding)
    except DataError as error:
        raise BrokenTableError(str(error)) from error
    for codec in CODECS if encoding is None else (encoding, *CODECS):
        if _decodes_to(head, codec, text):
            return codec, text
    raise BrokenTableError(f"{name}: tables in this encoding cannot be read; save it as UTF-8")


def _last_whole(head: bytes) -> int:
    """Return where the last character begins that may be cut in two, if there is no line end to cut at."""
    lead = next((n for n in range(1, 4) if head[-n] >= UTF8_LEAD), 0)  # of UTF-8; elsewhere a letter, and no loss
    return (len(head) - lead) // 4 * 4 if b"\0" in head else len(head) - lead


def _decodes_to(data: bytes, codec: str, text: str) -> bool:
    """Tell whether `codec` reads `data` as `text`."""
    try:
        return data.decode(codec) == text
    except (UnicodeError, LookupError):
        return False


def _decoded(lines: Iterable[str], name: str, codec: str) -> Iterator[str]:
    """Yield lines; bytes that are not in the encoding become an error that names the line before them."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):  # noqa: B007  # used by the error
            yield line
    except UnicodeDecodeError as error:
        what = f"bytes that are not {codec}: {error.object[error.start : error.start + 8]!r}"
        raise BrokenTableError(f"{name}: soon after line {number}: {what}; is --encoding right?") from error


def _read_csv(table: _Table, delimiters: str = DELIMITERS) -> Iterator[_Row]:
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
        for row in rows:
            yield from _csv_row(table, header, row, lines.take())
    except csv.Error as error:
        line, what = lines.take().refused(error)
        raise table.error(line, f"broken CSV: {what}") from error


def _check_header(table: _Table, header: Sequence[str], source: RowSource) -> None:
    """Refuse a header as `check_column` does; one of several lines may be the work of a stray quotation mark."""
    if sum(1 for line in source.lines if line.strip()) > 1 and header.count(table.column) != 1:
        line, hint = source.long_text()
        raise BrokenTableError(f"{wrong_column(f'{table.name}:{line}', table.column, header)}; {hint}")
    table.check_column(header)


def _csv_row(table: _Table, header: Sequence[str], row: Sequence[str], source: RowSource) -> Iterator[_Row]:
    """Yield what there is of a row of CSV, nothing of a blank line."""
    place = header.index(table.column)
    if len(row) > place and not any(row[len(header) :]):
        doubt = source.swallowed(len(header))
        yield _Row(source.begin, row[place], doubt and f"{table.name}:{source.begin}: {doubt}")
    elif row:
        wrong = f"expected {len(header)} cells as in the header, got {len(row)}"
        if len(source.lines) > 1:
            line, hint = source.long_text()
            raise table.error(line, f"{wrong}; {hint}")  # the lines may be rows of their own
        hint = f"is a text with {source.delimiter!r} in it not quoted?" if len(row) > len(header) else "is it cut off?"
        yield _Row(source.begin, table.error(source.begin, f"{wrong}; {hint}"))


def _read_tsv(table: _Table) -> Iterator[_Row]:
    """Yield line and cell of a table whose cells are separated by tabs."""
    return _read_csv(table, "\t")


def _delimiter(table: _Table, delimiters: str) -> str:
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


def _quoting(table: _Table, delimiter: str) -> Literal[0, 3]:
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


def _read_jsonl(table: _Table) -> Iterator[_Row]:
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
        yield _Row(number, cell)
        begun = True


def _jsonl_cell(line: str, table: _Table, number: int, *, begun: bool) -> str | None:
    """Return the cell in a line of JSON Lines; behind the first row, one that lacks the column counts as null."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise table.error(number, f"not valid JSON: {error}: {_shown(line)}") from error
    if not isinstance(row, dict):
        raise table.error(number, f"expected a JSON object, got {_shown(line)}")
    if table.column not in row and not begun:
        raise DataError(wrong_column(f"{table.name}:{number}", table.column, tuple(row)))
    return _text_or_none(row.get(table.column), table, number, begun=begun)


def _text_or_none(value: object, table: _Table, line: int, *, begun: bool) -> str | None:
    """Return a JSON value that is a text or null; behind the first row, numbers may stand among them."""
    if value is None or isinstance(value, str):
        return value
    if begun and isinstance(value, int | float) and not isinstance(value, bool):
        return None if math.isnan(value) else str(value)  # pandas writes NaN for a missing text
    raise table.error(line, f"{table.column!r} must be a text or null, got {_shown(repr(value))}")


def _shown(text: str) -> str:
    """Return the beginning of a text for a message."""
    return repr(_cut(text.strip()))


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


READERS: dict[str, _Reader] = {".csv": _read_csv, ".tsv": _read_tsv, ".jsonl": _read_jsonl, ".ndjson": _read_jsonl}
TABLE_SUFFIXES = (*READERS, ".parquet")
