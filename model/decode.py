"""From the bytes of a file to its text, whatever encoding a Russian text came in.

Order of the checks: known binary formats, byte-order marks, UTF-16 without a mark, strict UTF-8, and last the five
single-byte Cyrillic encodings, told apart by `guess_cyrillic`. Line ends are never translated: offsets into the text
must stay offsets into what the user has.
"""

from __future__ import annotations

import codecs
from encodings.aliases import aliases
from pathlib import Path

from svodka.cyrillic import guess_cyrillic
from svodka.errors import ConfigError, DataError, did_you_mean

__all__ = ["decode_bytes", "read_text"]

_PLAIN = "save it as plain text (.txt) and try again"
_OFFICE = "save a table as CSV and name its column, as in --column text, or a document as plain text (.txt)"
# The first bytes of files that are not text, what they are, and what to do.
_MAGIC = (
    (b"%PDF-", "a PDF document", "copy its text or run pdftotext, and try again"),
    (b"PK\x03\x04", "a ZIP archive or an Office file (DOCX, XLSX, ODT)", _OFFICE),
    (b"\xd0\xcf\x11\xe0", "an old Office file (DOC, XLS)", _OFFICE),
    (b"{\\rtf", "an RTF document", _PLAIN),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x89PNG", "a PNG picture", "recognise its text (OCR) first"),
    (b"\xff\xd8\xff", "a JPEG picture", "recognise its text (OCR) first"),
    (b"PAR1", "a Parquet table", "give its name the ending .parquet and name the column"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV"),
)
# UTF-32 stands first: its little-endian mark begins with the mark of UTF-16.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Names that people use and Python does not know.
_NICKNAMES = {"win-1251": "cp1251", "win1251": "cp1251", "windows1251": "cp1251", "koi8": "koi8-r", "dos": "cp866"}
_HINT = "name the encoding with --encoding (for instance --encoding windows-1251) or save the file as UTF-8"


def read_text(path: str | Path, encoding: str | None = None) -> str:
    """Return the text of the file at `path`, decoded as `decode_bytes` does.

    Raises:
        DataError: the file is missing, is a folder, may not be read, or is no text.
        ConfigError: `encoding` is no encoding that Python knows.

    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        folder = path.parent
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        raise DataError(f"{path}: no such file{did_you_mean(path.name, names)}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return decode_bytes(data, str(path), encoding)


def decode_bytes(data: bytes, source: str, encoding: str | None = None) -> str:
    """Return the text in `data`, without its byte-order mark and with its line ends as they are.

    Args:
        data: the whole content of a file or stream; empty gives an empty text.
        source: the name to show in errors.
        encoding: the encoding to use; None means: find out.

    Raises:
        DataError: binary data, damaged UTF-8 (with byte offset and line), or no encoding that makes Russian of it.
        ConfigError: `encoding` is no text encoding that Python knows.

    """
    _refuse_binary(data, source)
    if encoding is not None:
        return _decode_named(data, source, encoding)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], source, name, skipped=len(mark))
    wide = _utf16_without_mark(data)
    if wide:
        return _strict(data, source, wide)
    _refuse_nul(data, source)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decode_single_byte(data, source, error)


def _refuse_binary(data: bytes, source: str) -> None:
    """Raise DataError if `data` begins like a known format that is not text."""
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic):
            raise DataError(f"{source}: expected text, got {what}; {remedy}")


def _refuse_nul(data: bytes, source: str) -> None:
    """Raise DataError if `data` holds a NUL byte, which no text in a one-byte encoding or UTF-8 has."""
    offset = data.find(b"\0")
    if offset >= 0:
        line = _line(data, offset)
        raise DataError(
            f"{source}: expected text, got binary data (NUL byte at offset {offset}, line {line}); {_PLAIN}"
        )


def _decode_named(data: bytes, source: str, encoding: str) -> str:
    """Return `data` decoded by the encoding that the user named, without a byte-order mark."""
    name = _NICKNAMES.get(encoding.lower(), encoding)
    try:
        # Encoding a letter also refuses codecs that are no text encodings, such as base64.
        "a".encode(name)
    except (LookupError, ValueError) as error:
        known = {alias.replace("_", "-") for alias in (*aliases, *aliases.values(), *_NICKNAMES)}
        guess = did_you_mean(encoding.lower().replace("_", "-"), sorted(known))
        raise ConfigError(f"unknown encoding {encoding!r}{guess}") from error
    return _strict(data, source, codecs.lookup(name).name).removeprefix("\ufeff")


def _strict(data: bytes, source: str, encoding: str, skipped: int = 0) -> str:
    """Return `data` decoded strictly; `skipped` bytes stood before it in the file."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(data[: error.start].decode(encoding, "replace").splitlines()) or 1
        where = f"byte {data[error.start : error.end]!r} at offset {error.start + skipped}, about line {line}"
        raise DataError(f"{source}: not valid {encoding}: {where} ({error.reason}); {_HINT}") from error


def _utf16_without_mark(data: bytes) -> str | None:
    """Return the byte order of UTF-16 text without a mark, or None if `data` is no such text.

    In Russian UTF-16 the high byte of nearly every pair is 4 (Cyrillic) or 0 (spaces, digits, Latin).
    """
    sample = data[:65536]
    pairs = len(sample) // 2
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        high = sample[start::2]
        if pairs and high.count(4) + high.count(0) > 0.8 * pairs and len(sample.strip(b"\0")) > pairs // 2:
            other = sample[1 - start :: 2]
            return name if other.count(0) < 0.2 * pairs else None
    return None


def _decode_single_byte(data: bytes, source: str, error: UnicodeDecodeError) -> str:
    """Return text that is not UTF-8 in the single-byte encoding it most likely has, or raise DataError."""
    where = f"byte 0x{data[error.start]:02x} at offset {error.start}, line {_line(data, error.start)}"
    high = len(data) - len(data.decode("ascii", "ignore"))
    valid = data.decode("utf-8", "ignore")
    kept = len(valid.encode("utf-8")) - len(valid.encode("ascii", "ignore"))
    if kept > 0.75 * high:
        raise DataError(f"{source}: damaged UTF-8: {where} ({error.reason}); {_HINT}") from error
    encoding = guess_cyrillic(data)
    if encoding is None:
        raise DataError(f"{source}: neither UTF-8 ({where}) nor a known Cyrillic encoding; {_HINT}") from error
    return data.decode(encoding)


def _line(data: bytes, offset: int) -> int:
    """Return the 1-based line of the byte at `offset`."""
    return data.count(b"\n", 0, offset) + 1
