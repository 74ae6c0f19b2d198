"""Find the texts to tag: files, folders, standard input, and the cells of tables.

One generator serves one article and a table of 10 GB: files are opened one after another, tables are read row by row.
A file that cannot be used from its beginning does not stop the others: it is noted in `Inputs.skipped`. If asked for,
so is a broken row; a table that is damaged from its beginning then stops the run, so that it can be mended. A row that
seems to be several, joined by a stray quotation mark, is read as it stands and noted in `Inputs.doubts`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svodka.columns import TABLE_SUFFIXES, Cell, is_table, read_column, read_column_from_stream
from svodka.decode import decode_bytes, read_text
from svodka.errors import ConfigError, DataError, did_you_mean
from svodka.files import is_pipe, printable
from svodka.markup import refuse_markup
from svodka.text_table import BrokenTableError

__all__ = ["STDIN", "Document", "Inputs"]

STDIN = "-"
TEXT_SUFFIXES = (".txt", ".md")
MOST_SKIPPED = 100_000  # as many reasons take some 20 MB; a table with more broken rows is damaged as a whole
OWN_RESULTS = (b'{"source": ', b"source,index,")  # how JSON Lines and CSV begin that `svodka tag` wrote


@dataclass(frozen=True, slots=True)
class Document:
    """One text to tag.

    Attributes:
        name: the file it is from as the user named it, printable; `-` is standard input.
        row: the 1-based data row in a table; None for a text file.
        text: the decoded text.
        size: bytes of the inputs that were read for it and for what gave no document since the one before, 0 if
            unknown; for progress only.
    """

    name: str
    row: int | None
    text: str
    size: float

    @property
    def source(self) -> str:
        """What results call it: `article.txt`, `-`, or `table.csv:12`."""
        return self.name if self.row is None else f"{self.name}:{self.row}"


class Inputs:
    """The documents behind the names of a command line, read as they are asked for.

    Attributes:
        files: the files behind the names, in the order in which they are read; `-` is standard input.
        skipped: what could not be read so far and why, one line each.
        doubts: what was read so far and may be read wrongly, one line each, at most `MOST_SKIPPED`.
        empty: number of texts so far without a letter or a digit, hence without a sentence; they are not yielded.
        total: bytes of all inputs, or None if standard input is among them.
    """

    def __init__(
        self,
        names: Sequence[str],
        column: str | None = None,
        encoding: str | None = None,
        leave_out: Path | None = None,
        *,
        lenient: bool = False,
    ) -> None:
        """Find the files behind `names`, without opening them.

        Args:
            names: files, folders (read recursively, hidden names left out) and `-` for standard input.
            column: the column of texts in CSV, TSV, JSON Lines and Parquet files; None if there are only text files.
            encoding: the encoding of all inputs; None finds it out for each.
            leave_out: the file or folder that the results go to; earlier results there are no input.
            lenient: skip a broken row of a table, as far as `read_column` can, and go on. A table with damage that it
                cannot skip is then never passed over as a whole, whatever the place of the damage.

        Raises:
            ConfigError: a table is named but no column; or a column and a file that is no table, or text files alone;
                standard input is named twice; or `leave_out` is a file of a folder that would be read, and no earlier
                result.
        """
        if list(names).count(STDIN) > 1:
            raise ConfigError("standard input (-) can be read only once")
        self.column = column
        self.encoding = encoding
        self.lenient = lenient
        self.skipped: list[str] = []
        self.doubts: list[str] = []
        self.empty = 0
        self._passed = 0.0  # bytes read since the last document
        self._leave_out = leave_out.resolve() if leave_out else None
        self.files = tuple(file for name in names for file in self._find(name))
        self._check_column(names)
        self.total = None if STDIN in names else sum(_size(file) for file in self.files)

    def __iter__(self) -> Iterator[Document]:
        """Yield the documents in the order of the names, folders sorted.

        Raises:
            DataError: a table breaks off behind its first text, `MOST_SKIPPED` rows are broken, or not one input could
                be read. BrokenTableError, if it can be mended; for a lenient reader also before the first text.
            MissingExtraError: a Parquet file, and no pyarrow.
        """
        from svodka.splitter import has_sentence  # the splitter is not for --help

        read = 0
        for file in self.files:
            try:
                for document in self._documents(file):
                    self._passed += document.size
                    if has_sentence(document.text):
                        yield replace(document, size=self._passed)
                        self._passed = 0.0
                    else:
                        self.empty += 1
                read += 1
            except _UnusableFileError as error:
                self.skipped.append(str(error))
                self._passed += _size(file)
        if not read and self.skipped:
            raise DataError(self._nothing_read())

    def _nothing_read(self) -> str:
        """Say that no input could be used."""
        if len(self.skipped) == 1:
            return self.skipped[0]
        return f"none of {len(self.skipped)} inputs could be read, the first: {self.skipped[0]}"

    def _find(self, name: str) -> Iterator[str]:
        """Yield the files behind one name."""
        path = Path(name)
        if name != STDIN and path.is_dir():
            yield from self._walk(path)
            return
        if name != STDIN and self.column is None and is_table(path):
            raise ConfigError(f"{name} is a table: say which column holds the texts, as in --column text")
        if (
            self.column is not None
            and path.is_file()
            and not is_table(path)
            and path.suffix.lower() not in TEXT_SUFFIXES
        ):
            raise ConfigError(f"{name} is none of the tables that --column reads: {' '.join(TABLE_SUFFIXES)}")
        yield name

    def _check_column(self, names: Sequence[str]) -> None:
        """Refuse a column if nothing but text files is named: it would go unheeded, and a table be read as prose."""
        if self.column is not None and all(name != STDIN and _is_text(Path(name)) for name in names):
            raise ConfigError(
                f"--column {self.column}: {names[0]} is read as one text, without columns; "
                f"give a table its own ending ({' '.join(TABLE_SUFFIXES)}), or leave --column out"
            )

    def _walk(self, folder: Path) -> Iterator[str]:
        """Yield the files of a folder that can be read, sorted, and note the others."""
        wanted = TEXT_SUFFIXES if self.column is None else (*TEXT_SUFFIXES, *TABLE_SUFFIXES)
        for parent, folders, files in os.walk(folder, onerror=self._note):
            kept = (name for name in sorted(folders) if not name.startswith("."))
            folders[:] = (name for name in kept if Path(parent, name).resolve() != self._leave_out)
            for path in (Path(parent, name) for name in sorted(files) if not name.startswith(".")):
                table = is_table(path)
                read = path.suffix.lower() in TEXT_SUFFIXES or (table and self.column is not None)
                if path.resolve() == self._leave_out:
                    if read and not _own_result(path):
                        raise ConfigError(
                            f"--out {path} is also an input and would be overwritten; write elsewhere, or remove it"
                        )
                elif read:
                    yield str(path)
                elif table:
                    self.skipped.append(f"{path}: a table, and no --column was given")
                else:
                    self.skipped.append(f"{path}: not one of {' '.join(wanted)}")

    def _note(self, error: OSError) -> None:
        """Note a folder that cannot be listed."""
        self.skipped.append(f"{error.filename}: {error.strerror}")

    def _documents(self, name: str) -> Iterator[Document]:
        """Yield the documents of one file or of standard input."""
        # A pipe has no ending that tells a table: `svodka tag <(zcat posts.csv.gz) --column text`.
        if self.column is not None and (name == STDIN or is_table(Path(name)) or is_pipe(Path(name))):
            begun = False
            try:
                for cell in self._cells(name, self.column):
                    begun = True
                    if cell.doubt and len(self.doubts) < MOST_SKIPPED:
                        self.doubts.append(cell.doubt)
                    if cell.broken is None:
                        yield Document(printable(name), cell.row, cell.text or "", cell.size)
                    else:
                        self._skip_row(cell.broken, cell.size)
            except DataError as error:
                if begun or (self.lenient and isinstance(error, BrokenTableError)):
                    raise
                raise _UnusableFileError(str(error)) from error
        else:
            text, size = _text(name, self.encoding)
            yield Document(printable(name), None, text, size)

    def _cells(self, name: str, column: str) -> Iterator[Cell]:
        """Yield the cells of one table."""
        if name == STDIN:
            stream = sys.stdin.buffer
            return read_column_from_stream(stream, "standard input", column, self.encoding, lenient=self.lenient)
        _check_readable(Path(name))
        return read_column(Path(name), column, self.encoding, lenient=self.lenient)

    def _skip_row(self, why: str, size: float) -> None:
        """Note a broken row."""
        self.skipped.append(why)
        self._passed += size
        if len(self.skipped) >= MOST_SKIPPED:
            raise DataError(f"{MOST_SKIPPED} broken rows; are --column and --encoding right? the last: {why}")


def _is_text(path: Path) -> bool:
    """Tell whether there is a file that is read as one text."""
    return path.is_file() and not is_table(path)


def _own_result(path: Path) -> bool:
    """Tell whether `svodka tag` wrote a file, as far as its beginning tells."""
    with path.open("rb") as handle:
        return handle.read(20).removeprefix(b"\xef\xbb\xbf").startswith(OWN_RESULTS)


class _UnusableFileError(DataError):
    """One input cannot be used; the others can."""


def _text(name: str, encoding: str | None) -> tuple[str, int]:
    """Return the text of a file or of standard input, and its size in bytes."""
    try:
        if name == STDIN:
            data = sys.stdin.buffer.read()
            text, size = decode_bytes(data, "standard input", encoding), len(data)
        else:
            text, size = read_text(name, encoding), _size(name)
        refuse_markup(text, "standard input" if name == STDIN else name)
    except DataError as error:
        raise _UnusableFileError(str(error)) from error
    return text, size


def _check_readable(path: Path) -> None:
    """Refuse a table that is not there or may not be read; `read_text` does the same for texts."""
    if is_pipe(path):
        return  # a pipe that is opened and closed has lost what was written into it
    try:
        path.open("rb").close()
    except FileNotFoundError as error:
        neighbours = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise _UnusableFileError(f"{path}: no such file{did_you_mean(path.name, neighbours)}") from error
    except OSError as error:
        raise _UnusableFileError(f"{path}: cannot be read: {error.strerror}") from error


def _size(name: str) -> int:
    """Return the size of a file, 0 if it cannot be had."""
    try:
        return Path(name).stat().st_size
    except OSError:
        return 0
