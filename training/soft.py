"""Soft labels: a student learns what its teachers hold of each sentence, not only what the labels say.

Knowledge distillation (Hinton et al. 2015, arXiv:1503.02531): targets are the mean of the teachers' calibrated
probabilities, mixed with the label where there is one.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from svodka.decode import decode_bytes
from svodka.errors import DataError, did_you_mean
from svodka.normalise import normalise

if TYPE_CHECKING:
    import datasets

__all__ = ["HARD_SHARE", "answered_texts", "read_about", "read_answers", "soften"]

FloatArray = npt.NDArray[np.float32]
# How much of a labelled row's target is its label; the rest is what the teachers hold.
HARD_SHARE = 0.5
ABOUT = '{"about":'  # how the line begins that is no answer


def read_answers(paths: Sequence[Path], topics: Sequence[str]) -> dict[str, FloatArray]:
    """Return the teachers' probabilities `(n_topics,)` by text, read from what `svodka teach` or `svodka tag` wrote.

    A text that stands in several files (or twice in one) gets the mean.

    Raises:
        DataError: a file is missing or damaged, or a line has no text or no probability, 0 to 1, for a topic.
    """
    found: dict[str, list[FloatArray]] = {}
    for path in paths:
        for number, line in enumerate(_lines(path), start=1):
            if number == 1 and line.startswith(ABOUT):
                continue
            text, row = _answer(line, topics, f"{path}:{number}")
            found.setdefault(text, []).append(row)
    return {text: np.mean(rows, axis=0) for text, rows in found.items()}


def answered_texts(path: Path) -> list[str]:
    """Return the texts of a file of answers in its order; whether its lines are right, `read_answers` tells."""
    lines = _lines(path)
    first = 1 if lines and lines[0].startswith(ABOUT) else 0
    return [str(json.loads(line)["text"]) for line in lines[first:]]


def read_about(path: Path) -> dict[str, Any]:
    """Return what the file's first line tells of teachers and sentences; nothing if it has no such line."""
    first = next(iter(_lines(path)), "")
    return dict(json.loads(first)["about"]) if first.startswith(ABOUT) else {}


def soften(splits: datasets.DatasetDict, answers: Mapping[str, FloatArray]) -> datasets.Dataset:
    """Return the rows (`text`, `labels` from 0 to 1) that a student learns from.

    Labelled rows come first, with the teachers' answer mixed in where there is one; then every other text of
    `answers`, except those that stand among the validation rows.

    Args:
        splits: `train` and `validation` with the columns `text` and `labels` (1, 0, or -1 for not judged).
        answers: probabilities by text.
    """
    import datasets

    texts = list(splits["train"]["text"])
    targets = [
        _mixed(np.asarray(labels, dtype=np.float32), answers.get(text))
        for text, labels in zip(texts, splits["train"]["labels"], strict=True)
    ]
    known = {normalise(text) for split in splits.values() for text in split["text"]}
    further = [text for text in answers if normalise(text) not in known]
    rows = [*targets, *(answers[text] for text in further)]
    return datasets.Dataset.from_dict({"text": texts + further, "labels": np.stack(rows).tolist()})


def _mixed(labels: FloatArray, answer: FloatArray | None) -> FloatArray:
    if answer is None:
        return labels
    mixed: FloatArray = np.where(labels < 0, answer, HARD_SHARE * labels + (1 - HARD_SHARE) * answer)
    return mixed.astype(np.float32)


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return decode_bytes(data, str(path)).splitlines()


def _answer(line: str, topics: Sequence[str], where: str) -> tuple[str, FloatArray]:
    try:
        content: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON: {error}") from error
    text, scores = (content.get(key) if isinstance(content, dict) else None for key in ("text", "scores"))
    if not isinstance(text, str) or not isinstance(scores, dict):
        raise DataError(
            f"{where}: expected 'text' and 'scores', as `svodka teach` and `svodka tag --format jsonl` write"
        )
    for topic in topics:
        value = scores.get(topic)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            hint = "" if topic in scores else did_you_mean(topic, scores)
            raise DataError(f"{where}: the score of {topic!r} must be a number from 0 to 1, got {value!r}{hint}")
    return text, np.array([scores[topic] for topic in topics], dtype=np.float32)
