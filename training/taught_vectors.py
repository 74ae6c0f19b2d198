"""What a teacher makes of each sentence as a whole: the vector that its topic head reads, for a student to make alike.

A dozen probabilities say little of most sentences; a vector says hundreds of things of each, so that fewer sentences do
(Romero et al. 2015, "FitNets", arXiv:1412.6550, who match layers on the way). `svodka teach --vectors` writes them
beside its answers, and `vectors` in a recipe gives their weight in the loss.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError, DataError
from svodka.files import atomic_write
from svodka.model_folder import file_digest
from svodka.training.soft import answered_texts, read_about

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
                f"vectors: the teacher's have {self.width} channels and the student's {width}; such a student "
                "learns from answers alone (`--set vectors=0`)"
            )
        unknown = np.full(width, np.nan, np.float16)
        return np.stack([self.vectors.get(text, unknown) for text in texts])


def vectors_beside(answers: Path) -> Path:
    """Return where the vectors that belong to a file of answers stand: `soft.vectors.npy` beside `soft.jsonl.gz`."""
    return answers.with_name(f"{answers.name.removesuffix('.gz').removesuffix('.jsonl')}.vectors.npy")


def write_vectors(answers: Path, vectors: Vectors) -> str:
    """Write vectors `(n_texts, width)` beside the file `answers`, in the order of its texts; return their SHA-256.

    It belongs into the first line of `answers`, as `vectors`.
    """
    path = vectors_beside(answers)
    with atomic_write(path, "wb") as out:
        np.save(out, vectors, allow_pickle=False)
    return file_digest(path)


def read_taught(answers: Sequence[Path]) -> Taught:
    """Read the vectors beside files of answers; of a text that stands twice, the last counts.

    Raises:
        ConfigError: there are no files of answers, or their vectors are those of several teachers.
        DataError: a file of vectors is missing, damaged, or not the one that was written with its answers.
    """
    if not answers:
        raise ConfigError("vectors: a teacher's vectors stand beside its answers; name these with --soft FILE")
    found: dict[str, Vectors] = {}
    digests: list[str] = []
    teachers: dict[str, Path] = {}
    for path in answers:
        about = read_about(path)
        digests.append(str(about.get("vectors")))
        teachers[json.dumps(about.get("teachers"))] = path
        found.update(zip(answered_texts(path), _read(path, digests[-1]), strict=True))
    if len(teachers) > 1:
        names = " and ".join(path.name for path in teachers.values())
        raise ConfigError(f"vectors: those of {names} come from different teachers and mean something else to each")
    width = len(next(iter(found.values()), ()))
    return Taught(found, width, hashlib.sha256(" ".join(digests).encode("ascii")).hexdigest())


def _read(answers: Path, digest: str) -> Vectors:
    """Return the vectors beside a file of answers, whose SHA-256 this should be."""
    path = vectors_beside(answers)
    anew = "make both anew with `svodka teach --vectors`"
    try:
        found = file_digest(path)
    except FileNotFoundError as error:
        raise DataError(f"{path}: not found; `svodka teach --vectors` writes it with {answers.name}") from error
    if found != digest:
        raise DataError(f"{path}: is not the file that was written with {answers.name}; {anew}")
    try:
        vectors: Vectors = np.load(path, allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}; {anew}") from error
    return vectors
