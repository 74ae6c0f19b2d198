"""Ask teachers what they hold of sentences, labelled and unlabelled, and keep their answers for a student.

The answers are JSON Lines as `svodka tag` writes them (`text`, `scores`), packed by gzip, with the mean of the
teachers' calibrated probabilities; the first line says who answered, and on whose sentences. `svodka train --soft FILE`
learns from them. `teach --vectors` writes a second file beside it.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.model_folder import file_digest
from svodka.tagger import Tagger
from svodka.topics import Topic
from svodka.training.recipe import Recipe
from svodka.training.sentence_vectors import model_views
from svodka.training.splits import load_splits
from svodka.training.taught_vectors import write_vectors
from svodka.training.unlabelled import choose_sentences, likely_topical, read_sentences

__all__ = ["Unlabelled", "teach"]

FloatArray = npt.NDArray[np.float32]
BLOCK = 4096
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """Sentences without labels.

    Attributes:
        files: of sentences or articles.
        most: at most so many sentences are taken from them.
    """

    files: Sequence[Path]
    most: int = 100_000


def teach(
    recipe: Recipe,
    topics: Sequence[Topic],
    teachers: Sequence[Path],
    out: Path,
    *,
    extra: Sequence[Path] = (),
    unlabelled: Unlabelled | None = None,
    vectors: bool = False,
    say: Callable[[str], None] = lambda _line: None,
) -> int:
    """Write the teachers' mean answers on a recipe's training rows and on unlabelled sentences; return their number.

    Validation rows, and sentences with their texts, are left out.

    Args:
        recipe: names the labelled files; its seed draws the sentences.
        topics: the topics, in the order of the teachers' outputs.
        teachers: model folders, at least one.
        out: the file, ending in `.jsonl.gz`; replaced when the new one is whole.
        extra: labelled files besides those of the recipe.
        unlabelled: sentences without labels, if they are asked of those too.
        vectors: keep, in a file beside `out`, also the vector that the only teacher makes of each sentence, by its
            8-bit network on the processor; see `svodka.training.taught_vectors`.
        say: takes a line about what is being done.

    Raises:
        ConfigError: a teacher has other topics, or several are to give vectors.
        DataError: a file is unusable.
        ModelFilesError: a teacher's folder is.
    """
    ids = [topic.id for topic in topics]
    for folder in teachers:
        _refuse_other_topics(folder, ids)
    if vectors and len(teachers) > 1:
        raise ConfigError(f"vectors are those of one teacher, got {len(teachers)}: they mean something else to each")
    splits = load_splits(recipe, topics, extra)
    texts = list(splits["train"]["text"])
    files = unlabelled.files if unlabelled else ()
    if unlabelled:
        found = read_sentences(files, leave_out=[*texts, *splits["validation"]["text"]])
        chosen = choose_sentences(found, likely_topical(splits["train"])(found), unlabelled.most, recipe.seed)
        say(f"{len(chosen)} of {len(found)} unlabelled sentences")
        texts += chosen
    about = {
        "teachers": [{"name": folder.name, "digest": Tagger.load(folder).info.digest} for folder in teachers],
        "labelled": len(splits["train"]),
        "unlabelled": len(texts) - len(splits["train"]),
        "unlabelled_files": [{"name": path.name, "sha256": file_digest(path)} for path in files],
    }
    if vectors:
        answers, made = _answers_and_vectors(teachers[0], texts, say)
        about["vectors"] = write_vectors(out, made)
    else:
        answers = _mean_answers(teachers, texts, len(ids), say)
    _write(out, about, texts, ids, answers)
    return len(texts)


def _refuse_other_topics(folder: Path, ids: Sequence[str]) -> None:
    found = Tagger.load(folder).topics
    if found != tuple(ids):
        raise ConfigError(f"the teacher {folder} has the topics {', '.join(found)}; expected {', '.join(ids)}")


def _mean_answers(
    teachers: Sequence[Path], texts: Sequence[str], n_topics: int, say: Callable[[str], None]
) -> FloatArray:
    total = np.zeros((len(texts), n_topics), dtype=np.float32)
    for folder in teachers:
        teacher = Tagger.load(folder, early_exits=False)  # what all its layers hold is what a student learns from
        for start in range(0, len(texts), BLOCK):
            total[start : start + BLOCK] += teacher.predict_proba(texts[start : start + BLOCK])
            say(f"{folder.name}: {min(start + BLOCK, len(texts))} of {len(texts)} sentences")
    return (total / len(teachers)).astype(np.float32)


def _answers_and_vectors(
    teacher: Path, texts: Sequence[str], say: Callable[[str], None]
) -> tuple[FloatArray, npt.NDArray[np.float16]]:
    views, parts = model_views(teacher), []
    for start in range(0, len(texts), BLOCK):
        logits, made = views(texts[start : start + BLOCK])
        parts.append((expit(logits), made.astype(np.float16)))
        say(f"{teacher.name}: {min(start + BLOCK, len(texts))} of {len(texts)} sentences")
    answers, vectors = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    return answers, vectors


def _write(out: Path, about: Mapping[str, Any], texts: Sequence[str], ids: Sequence[str], answers: FloatArray) -> None:
    with (
        atomic_write(out, "wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed,
        io.TextIOWrapper(packed, encoding="utf-8") as lines,
    ):
        lines.write(json.dumps({"about": about}, ensure_ascii=False) + "\n")
        for text, row in zip(texts, answers, strict=True):
            scores = {topic: round(float(value), DIGITS) for topic, value in zip(ids, row, strict=True)}
            lines.write(json.dumps({"text": text, "scores": scores}, ensure_ascii=False) + "\n")
