"""JSON Lines: one object per sentence; the format for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from svodka.output import TaggedDocument
from svodka.results import TaggedSentence

if TYPE_CHECKING:
    from svodka.topics import Topic

__all__ = ["JsonlWriter", "make", "record"]

DIGITS = 4  # of a score: more are noise
ENCODE = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make a new encoder for every line


def record(source: str, sentence: TaggedSentence) -> dict[str, object]:
    """Return one sentence as it is written: `text` is `document[start:end]`, scores of all topics in model order."""
    prediction = sentence.prediction
    return {
        "source": source,
        "index": sentence.index,
        "start": sentence.start,
        "end": sentence.end,
        "text": prediction.text,
        "topics": list(prediction.topics),
        "scores": {topic: round(score, DIGITS) for topic, score in prediction.scores.items()},
        "truncated": prediction.truncated,
    }


class JsonlWriter:
    """Writes one JSON object per sentence and line."""

    def __init__(self, handle: IO[str]) -> None:
        """Write to `handle`."""
        self._handle = handle

    def begin(self) -> None:
        """Write nothing: the format has no head."""

    def write(self, document: TaggedDocument) -> None:
        """Write the sentences of one document."""
        source = document.source
        for sentence in document.article.sentences:
            self._handle.write(ENCODE(record(source, sentence)) + "\n")

    def end(self) -> None:
        """Write nothing: the format has no foot."""


def make(handle: IO[str], topics: Sequence[Topic], lang: str) -> JsonlWriter:  # noqa: ARG001  # as all formats
    """Return a writer to `handle`; the format has ids and no titles."""
    return JsonlWriter(handle)
