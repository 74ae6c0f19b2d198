"""Texts of files whose labels do not matter."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from svodka.decode import decode_bytes, read_text
from svodka.errors import DataError
from svodka.training.records import Problem, parse_records

__all__ = ["read_texts"]


def read_texts(path: Path) -> list[str]:
    """Read the texts of a JSON Lines, CSV or TSV file that may be packed by gzip; what else stands in it is ignored.

    Raises:
        DataError: the file is missing or cannot be unpacked, or a row has no `text`.
    """
    if path.suffix == ".gz" and path.is_file():
        try:
            text = decode_bytes(gzip.decompress(path.read_bytes()), str(path))
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path}: cannot be unpacked: {error}") from error
        ending = Path(path.stem).suffix
    else:
        text, ending = read_text(path), path.suffix
    texts: list[str] = []
    for record in parse_records(text, str(path), ending):
        value = None if isinstance(record, Problem) else record.values.get("text")
        if not isinstance(value, str):
            problem = record if isinstance(record, Problem) else Problem(str(path), record.line, "'text' is missing")
            raise DataError(str(problem))
        texts.append(value)
    return texts
