"""Read one column of texts from CSV, TSV, JSON Lines and Parquet, row by row, so that size does not matter.

The first three may be packed with gzip (`posts.jsonl.gz`); they are unpacked while they are read.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from svodka.csv_rows import read_csv, read_tsv
from svodka.decode import decode_bytes
from svodka.errors import DataError
from svodka.json_rows import read_jsonl
from svodka.text_table import BrokenTableError, TableRow, TextTable

__all__ = [
    "TABLE_SUFFIXES",
    "Cell",
    "is_table",
    "read_column",
    "read_column_from_stream",
]

SAMPLE_BYTES = 1 << 20  # enough to tell the encoding and the separator
PACKED = ".gz"
UTF8_LEAD = 0xC0  # the first byte of a character of several is at least that
SURROGATE = re.compile("[\ud800-\udfff]")
# decode_bytes answers with the text, a stream needs the name of a codec that gives the same, byte-order mark included.
CODECS = (
    *("utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32"),
    *("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"),
)


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


def _read(
    raw: BinaryIO,
    name: str,
    column: str,
    encoding: str | None,
    reader: Reader | None,
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
    table = TextTable(name, column, _decoded(lines, name, codec.removesuffix("-sig")), sample)
    position = position or (buffer.tell if buffer.seekable() else lambda: 0)
    reader = reader or (read_jsonl if sample.lstrip().startswith("{") else read_csv)
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


def _without_surrogates(rows: Iterator[TableRow], table: TextTable) -> Iterator[TableRow]:
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


Reader = Callable[[TextTable], Iterator[TableRow]]
READERS: dict[str, Reader] = {".csv": read_csv, ".tsv": read_tsv, ".jsonl": read_jsonl, ".ndjson": read_jsonl}
TABLE_SUFFIXES = (*READERS, ".parquet")
