"""Texts of files whose labels do not matter."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from svodka.decode import decode_bytes, read_text
from svodka.errors import DataError
from svodka.topics import load_topics
from svodka.training.formats.bridge import is_foreign
from svodka.training.formats.names import TopicNames
from svodka.training.formats.reading import read_sentences
from svodka.training.records import Problem, parse_records

__all__ = ["foreign_texts", "read_texts"]


def read_texts(path: Path) -> list[str]:
    """Read the texts of a JSON Lines, CSV or TSV file that may be packed by gzip; what else stands in it is ignored.

    Files of spreadsheets and labelling tools are read as training reads them; their rows without a text are left out.

    Raises:
        DataError: the file is missing or cannot be unpacked, or a row has no `text`.
        MissingExtraError: the library that reads the format is not installed.
    """
    foreign = foreign_texts(path)
    if foreign is not None:
        return foreign
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


def foreign_texts(path: Path) -> list[str] | None:
    """Return the texts of a file in another format than svodka's own; None if it is in svodka's own.

    Raises:
        DataError: the file is damaged, or no column can be taken for the sentences.
        MissingExtraError: the library that reads the format is not installed.
    """
    topics = load_topics()  # whichever topics its labels speak of, they do not matter here
    if not is_foreign(path, [topic.id for topic in topics]):
        return None
    return [example.text for example in read_sentences(path, TopicNames(topics))]
