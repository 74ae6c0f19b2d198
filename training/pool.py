"""The sentences that could be labelled next, from the same inputs as `svodka tag` takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from svodka.documents import Inputs
from svodka.splitter import split_sentences
from svodka.training.near_duplicates import folded

__all__ = ["Pool", "Sentence", "read_pool"]


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
        names: files, folders, tables and `-` as `Inputs` takes them.
        column: the column of texts in tables.
        encoding: of all inputs; None finds it out.
        known: sentences that are labelled already.
        leave_out: a file that no folder yields.

    Raises:
        ConfigError: a table is named but no column.
        DataError: a table is broken, or not one input could be read.
    """
    inputs = Inputs(names, column, encoding, leave_out)
    pool = Pool()
    labelled = {folded(text) for text in known}
    seen: set[str] = set()
    for document in inputs:
        for index, sentence in enumerate(split_sentences(document.text)):
            key = folded(sentence.text)
            pool.known += key in labelled
            pool.doubles += key in seen and key not in labelled
            if key and key not in seen and key not in labelled:
                seen.add(key)
                pool.sentences.append(Sentence(document.source, index, " ".join(sentence.text.split())))
    pool.skipped = inputs.skipped
    return pool
