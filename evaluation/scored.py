"""A model's answers on labelled sentences, and the terms under which they were given."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from svodka import provenance
from svodka.cli import tag
from svodka.cli.progress import Meter

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["Scored", "score", "terms", "thresholds_in_force"]


@dataclass(frozen=True, slots=True)
class Scored:
    """The answers of one model.

    Attributes:
        probabilities: float64 (n, topics), 0 to 1, columns in the order of the model's topics.
        thresholds: for each topic the probability from which it is predicted.
        truncated: bool (n,), whether the model saw only the beginning of the sentence.
        seconds: how long the answers took, at least 0; None if nobody measured it.
    """

    probabilities: NDArray[np.float64]
    thresholds: Mapping[str, float]
    truncated: NDArray[np.bool_]
    seconds: float | None = None


def score(tagger: Tagger, texts: Sequence[str], thresholds: Mapping[str, float], *, quiet: bool = False) -> Scored:
    """Return the model's answers, with a progress bar on long work unless `quiet`."""
    rows: list[list[float]] = []
    truncated: list[bool] = []
    started = time.perf_counter()
    with Meter(len(texts), quiet) as meter:
        for prediction in tagger.stream(texts):
            rows.append([prediction.scores[topic] for topic in tagger.topics])
            truncated.append(prediction.truncated)
            meter.advance(1)
    shape = (len(rows), len(tagger.topics))
    seconds = time.perf_counter() - started
    return Scored(np.array(rows, dtype=np.float64).reshape(shape), thresholds, np.array(truncated, dtype=bool), seconds)


def thresholds_in_force(given: Sequence[str], tagger: Tagger) -> dict[str, float]:
    """Return the model's own thresholds, and over them what the command line gives (`0.4`, `topic=0.4`).

    Raises:
        ConfigError: a threshold is no number from 0 to 1, or for an unknown topic.
    """
    chosen = tag.parse_thresholds(given, tagger.topics)
    if isinstance(chosen, float):
        return dict.fromkeys(tagger.topics, chosen)
    return {topic: float((chosen or {}).get(topic, tagger.thresholds[topic])) for topic in tagger.topics}


def terms(tagger: Tagger, seed: int) -> dict[str, Any]:
    """Return under which terms figures were measured: date, model, seed, versions, machine, commit."""
    return {
        "date": provenance.now(),
        "model": {
            "folder": tagger.source.name,
            "source": tagger.source.kind,
            "digest": tagger.info.digest,
            "precision": tagger.precision,
            "device": tagger.device,
        },
        "seed": seed,
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "git_commit": provenance.git_commit(),
    }
