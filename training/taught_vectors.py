"""What a teacher makes of each sentence as a whole: the vector that its topic head reads, for a student to make alike.

A dozen probabilities say little of most sentences; a vector says hundreds of things of each, so that fewer sentences do
(Romero et al. 2015, "FitNets", arXiv:1412.6550, who match layers on the way). `svodka teach --vectors` writes them
beside its answers, and `vectors` in a recipe gives their weight in the loss.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError, DataError
from svodka.files import atomic_write
from svodka.model_folder import file_digest
from svodka.training.soft import answered_texts

__all__ = ["Taught", "read_taught", "vectors_beside", "write_vectors"]

Vectors = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Taught:
    """A teacher's vectors of many sentences.

    Attributes:
        vectors: each `(width,)`, by text.
        width: of all of them.
        digest: of the files that they were read from.
    """

    vectors: Mapping[str, Vectors]
    width: int
    digest: str

    def of(self, texts: Sequence[str], width: int) -> Vectors:
        """Return the vectors `(n_texts, width)` of texts, NaN for those that the teacher was not asked of.

        Raises:
            ConfigError: they have another width.
        """
        if width != self.width:
            raise ConfigError(
                f"vectors: the teacher's have {self.width} channels and the student's {width}; a narrower student "
                "learns from answers alone (`--set vectors=0`)"
            )
        unknown = np.full(width, np.nan, np.float16)
        return np.stack([self.vectors.get(text, unknown) for text in texts])


def vectors_beside(answers: Path) -> Path:
    """Return where the vectors that belong to a file of answers stand: `soft.vectors.npy` beside `soft.jsonl.gz`."""
    return answers.with_name(f"{answers.name.removesuffix('.gz').removesuffix('.jsonl')}.vectors.npy")


def write_vectors(answers: Path, vectors: Vectors) -> None:
    """Write vectors `(n_texts, width)` beside the file `answers`, in the order of its texts."""
    with atomic_write(vectors_beside(answers), "wb") as out:
        np.save(out, vectors, allow_pickle=False)


def read_taught(answers: Sequence[Path]) -> Taught:
    """Read the vectors beside files of answers; of a text that stands twice, the last counts.

    Raises:
        ConfigError: there are no files of answers.
        DataError: a file of vectors is missing, damaged, or has another number of vectors than there are answers, or
            another width than the file before.
    """
    if not answers:
        raise ConfigError("vectors: a teacher's vectors stand beside its answers; name these with --soft FILE")
    found: dict[str, Vectors] = {}
    width = 0
    for path in answers:
        texts = answered_texts(path)
        vectors = _read(path, len(texts), width)
        width = vectors.shape[1]
        found.update(zip(texts, vectors, strict=True))
    digests = " ".join(file_digest(vectors_beside(path)) for path in answers)
    return Taught(found, width, hashlib.sha256(digests.encode("ascii")).hexdigest())


def _read(answers: Path, count: int, width: int) -> Vectors:
    """Return the vectors beside a file of `count` answers; `width` is that of the file before, 0 for any."""
    path = vectors_beside(answers)
    try:
        vectors: Vectors = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise DataError(f"{path}: not found; `svodka teach --vectors` writes it with {answers.name}") from error
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}; make it anew with `svodka teach --vectors`") from error
    if vectors.ndim != 2 or len(vectors) != count or (width and vectors.shape[1] != width):
        raise DataError(
            f"{path}: has the shape {vectors.shape}, expected ({count}, {width or 'width'}); "
            f"does it belong to another {answers.name}?"
        )
    return vectors
