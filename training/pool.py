"""The sentences that could be labelled next, from the same inputs as `svodka tag` takes."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from svodka.columns import read_column_from_stream
from svodka.documents import Document, Inputs
from svodka.errors import ConfigError, DataError
from svodka.splitter import split_sentences
from svodka.training.near_duplicates import folded

__all__ = ["Pool", "Sentence", "read_pool"]

PACKED = ".gz"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the inputs.

    Attributes:
        source: where it stands: `article.txt`, `-`, or `table.csv:12` for a row of a table.
        index: its place in that text, from 0.
        text: the sentence, with a space for each line break in it.
    """

    source: str
    index: int
    text: str

    @property
    def id(self) -> str:
        """Return a name that no other sentence of the same inputs has: `article.txt#3`."""
        return f"{self.source}#{self.index}"


@dataclass(slots=True)
class Pool:
    """What was found in the inputs.

    Attributes:
        sentences: the different sentences, in the order of the inputs; those without a letter or digit are left out.
        doubles: number of sentences left out as they only repeat an earlier one, up to case and punctuation.
        known: number of sentences left out as they are labelled already.
        skipped: what could not be read and why, one line each.
    """

    sentences: list[Sentence] = field(default_factory=list)
    doubles: int = 0
    known: int = 0
    skipped: list[str] = field(default_factory=list)


def read_pool(
    names: Sequence[str],
    column: str | None = None,
    encoding: str | None = None,
    *,
    known: Iterable[str] = (),
    leave_out: Path | None = None,
) -> Pool:
    """Read the inputs, split their texts into sentences and keep each sentence once.

    Args:
        names: files, folders, tables and `-` as `Inputs` takes them; also tables packed by gzip (`.csv.gz`,
            `.jsonl.gz`).
        column: the column of texts in tables.
        encoding: of all inputs; None finds it out.
        known: sentences that are labelled already.
        leave_out: a file that no folder yields.

    Raises:
        ConfigError: a table is named but no column.
        DataError: a table is broken, or not one input could be read.
    """
    plain = [name for name in names if not name.endswith(PACKED)]
    packed = [name for name in names if name.endswith(PACKED)]
    inputs = Inputs(plain, column, encoding, leave_out)
    pool = Pool()
    labelled = {folded(text) for text in known}
    seen: set[str] = set()
    for document in _documents(inputs, packed, column, encoding):
        for index, sentence in enumerate(split_sentences(document.text)):
            key = folded(sentence.text)
            pool.known += key in labelled
            pool.doubles += key in seen and key not in labelled
            if key and key not in seen and key not in labelled:
                seen.add(key)
                pool.sentences.append(Sentence(document.source, index, " ".join(sentence.text.split())))
    pool.skipped = inputs.skipped
    return pool


def _documents(inputs: Inputs, packed: Sequence[str], column: str | None, encoding: str | None) -> Iterator[Document]:
    """Yield the texts of all inputs, packed tables last."""
    for name in packed:
        if column is None:
            raise ConfigError(f"{name} is a table: say which column holds the texts, as in --column text")
    yield from inputs
    for name in packed:
        yield from _unpacked(name, str(column), encoding)


def _unpacked(name: str, column: str, encoding: str | None) -> Iterator[Document]:
    """Yield the cells of a table packed by gzip."""
    try:
        with gzip.open(name, "rb") as stream:
            for cell in read_column_from_stream(stream, name, column, encoding):  # type: ignore[arg-type]
                yield Document(name, cell.row, cell.text or "", cell.size)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name}: cannot be unpacked: {getattr(error, 'strerror', None) or error}") from error
