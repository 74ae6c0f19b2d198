"""Which container a file is, by what it begins with; its name does not matter."""

from __future__ import annotations

import zipfile
from pathlib import Path

from svodka.decode import decode_bytes, read_text
from svodka.errors import DataError
from svodka.training.formats.delimited import read_delimited
from svodka.training.formats.example import Options, Table
from svodka.training.formats.hf_folder import read_folder
from svodka.training.formats.json_text import read_json
from svodka.training.formats.names import TopicNames
from svodka.training.formats.own_csv import is_own, restored
from svodka.training.formats.parquet import read_parquet
from svodka.training.formats.xlsx import read_xlsx

__all__ = ["OLE", "PARQUET", "ZIP", "open_table"]

ZIP, PARQUET, OLE = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"


def open_table(path: Path, names: TopicNames, options: Options) -> Table:
    """Return the rows of a file or a folder, whatever its format.

    Raises:
        DataError: it is missing, of no known format, damaged, or has no rows.
        ConfigError: an option of the user is wrong.
        MissingExtraError: the library that reads the format is not installed.
    """
    if path.is_dir():
        return read_folder(path, options)
    if not path.is_file():
        read_text(path)  # says what is wrong, with the likely slip
    data = path.read_bytes()
    if data.startswith(ZIP):
        _refuse_other_archives(path)
        return _own(read_xlsx(path, names, options))
    if data.startswith(PARQUET):
        return read_parquet(path)
    if data.startswith(OLE):
        raise DataError(
            f"{path}: an Excel file of the old kind (.xls), or one with a password; save it as .xlsx or CSV"
        )
    text = decode_bytes(data, str(path), options.encoding)
    if not text.strip():
        raise DataError(f"{path}: is empty")
    if text.lstrip().startswith(("{", "[")):
        return read_json(path, text)
    return _own(read_delimited(path, data, text, names, options))


def _own(table: Table) -> Table:
    """Return a table of `svodka data export --to csv` with the values that it was made of; others stay as they are."""
    return restored(table) if is_own(table) else table


def _refuse_other_archives(path: Path) -> None:
    """Refuse what begins like an Excel file and is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
    except zipfile.BadZipFile as error:
        raise DataError(f"{path}: a damaged Excel file or archive: {error}") from error
    if "content.xml" in inside:
        raise DataError(f"{path}: an OpenDocument file; save it as .xlsx or CSV and try again")
    if not any(name.startswith("xl/") for name in inside):
        shown = ", ".join(map(repr, inside[:5]))
        raise DataError(f"{path}: an archive and no Excel workbook (in it: {shown}); unpack it and try again")
