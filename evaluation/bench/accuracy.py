"""How right the contenders are on labelled sentences, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation import bootstrap
from svodka.evaluation.labelled import Labelled, document_groups
from svodka.evaluation.metrics import RESAMPLES

__all__ = ["decisions", "equal_share", "macro_f1", "macro_f1_difference"]

Decisions = NDArray[np.bool_]


def decisions(answers: Sequence[Sequence[str]], topics: Sequence[str]) -> Decisions:
    """Return topics of sentences as a matrix (n, topics); a topic that is not in `topics` is left out."""
    places = {topic: place for place, topic in enumerate(topics)}
    found = np.zeros((len(answers), len(topics)), dtype=bool)
    for row, answer in enumerate(answers):
        found[row, [places[topic] for topic in answer if topic in places]] = True
    return found


def equal_share(first: Decisions, second: Decisions) -> float:
    """Return the share of equal decisions, 0 to 1."""
    return float((first == second).mean())


def macro_f1(data: Labelled, decided: Decisions, seed: int) -> dict[str, float | None]:
    """Return macro F1 with its 95 % interval: `value`, `low`, `high`."""
    counts = bootstrap.sentence_counts(data.gold, decided)
    drawn = bootstrap.resample(counts, RESAMPLES, seed, document_groups(data))
    return asdict(bootstrap.estimate(bootstrap.macro_f1(counts.sum(axis=0)), bootstrap.macro_f1(drawn)))


def macro_f1_difference(data: Labelled, first: Decisions, second: Decisions, seed: int) -> dict[str, Any]:
    """Return macro F1 of the first minus that of the second: `value`, `low`, `high`, `p_value`."""
    both = (bootstrap.sentence_counts(data.gold, decided) for decided in (first, second))
    return asdict(bootstrap.compare(*both, resamples=RESAMPLES, seed=seed, groups=document_groups(data)))
