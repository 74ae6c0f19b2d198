"""The text that is tagged: all of it, and a part that is drawn so that slow contenders come to an end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svodka.errors import DataError
from svodka.model_folder import file_digest
from svodka.splitter import split_sentences
from svodka.training.texts import read_texts

__all__ = ["Material", "draw", "read_material", "sentences_of"]


@dataclass(frozen=True, slots=True)
class Material:
    """What the contenders get.

    Attributes:
        files: name, SHA-256 and number of texts of each file.
        sentences: of all texts.
        texts: those that were drawn, whole.
        drawn: the sentences of the texts that were drawn.
        single: the first of these, to be asked about one at a time.
    """

    files: list[dict[str, Any]]
    sentences: list[str]
    texts: list[str]
    drawn: list[str]
    single: list[str]


def read_material(paths: Sequence[Path], most: int, singly: int, seed: int) -> Material:
    """Read JSON Lines, CSV or TSV files, packed by gzip or not, whose `text` is a sentence or a whole article.

    Args:
        paths: the files.
        most: draw texts until there are so many sentences; 0 takes all.
        singly: how many sentences are asked about one at a time.
        seed: of the draw.

    Raises:
        DataError: a file is missing or unusable, or there is no sentence in all of them.
    """
    read = [read_texts(path) for path in paths]
    texts = [text for one in read for text in one]
    sentences = sentences_of(texts)
    if not sentences:
        raise DataError(f"{', '.join(map(str, paths))}: no sentence in {len(texts)} texts")
    some = draw(texts, most, seed) if most else texts
    drawn = sentences_of(some)
    files = [
        {"name": path.name, "sha256": file_digest(path), "texts": len(one)}
        for path, one in zip(paths, read, strict=True)
    ]
    return Material(files, sentences, some, drawn, drawn[:singly])


def draw(texts: Sequence[str], most: int, seed: int) -> list[str]:
    """Return texts in random order that have at least `most` sentences together, and no text more; or all texts."""
    order = list(texts)
    random.Random(seed).shuffle(order)
    some: list[str] = []
    count = 0
    for text in order:
        if count >= most:
            break
        some.append(text)
        count += len(split_sentences(text))
    return some


def sentences_of(texts: Sequence[str]) -> list[str]:
    """Return the sentences of texts."""
    return [sentence.text for text in texts for sentence in split_sentences(text)]
