"""Likely label errors, found where labels and probabilities disagree more than noise explains.

The method is confident learning, as in the library cleanlab: for each topic by itself it estimates how many labels are
wrong, from probabilities by a model that has not learnt these labels, and names the least likely ones. The quality of a
label is the probability of what it says.

Source: C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (JAIR 70,
2021); for several labels a text: A. Thyagarajan et al., "Identifying Incorrect Annotations in Multi-Label
Classification Data" (arXiv 2211.13895).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError, MissingExtraError
from svodka.training.rows import Row

__all__ = ["Audit", "Suspect", "audit", "need_cleanlab"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A decision about one topic of one sentence that is likely wrong.

    Attributes:
        row: the sentence with the topics that it was given.
        topic: the id that is in doubt.
        suggestion: "add" if it seems to be missing, "remove" if it seems to be one too many.
        probability: of the topic, 0 to 1, by the model.
        quality: of the label, 0 to 1; the lowest are the most suspicious.
    """

    row: Row
    topic: str
    suggestion: Literal["add", "remove"]
    probability: float
    quality: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        suspects: the most suspicious decision first.
        judged: number of decisions that were looked at.
        left_out: ids of the topics that could not be audited, as too few sentences have them or have them not.
    """

    suspects: tuple[Suspect, ...]
    judged: int
    left_out: tuple[str, ...]


def audit(rows: Sequence[Row], gold: Floats, probabilities: Floats, topics: Sequence[str]) -> Audit:
    """Find the likely label errors of some sentences.

    Args:
        rows: n labelled sentences.
        gold: (n, t) of their labels, 1, 0, or -1 for not judged, which is never suspected.
        probabilities: (n, t), 0 to 1, by a model that has not learnt these labels; NaN leaves a decision out.
        topics: ids, in the order of the columns.

    Raises:
        DataError: the shapes do not fit each other.
        MissingExtraError: the library `cleanlab` is not installed.
    """
    need_cleanlab()
    if not gold.shape == probabilities.shape == (len(rows), len(topics)):
        raise DataError(f"expected ({len(rows)}, {len(topics)}), got {gold.shape} and {probabilities.shape}")
    suspects: list[Suspect] = []
    left_out: list[str] = []
    judged = 0
    for topic, labels, scores in zip(topics, gold.T, probabilities.T, strict=True):
        known = np.flatnonzero((labels >= 0) & ~np.isnan(scores))
        given = labels[known] == 1
        if given.all() or not given.any():  # there is nothing to compare with
            left_out.append(topic)
            continue
        judged += len(known)
        found, quality = _judge(given, scores[known])
        suspects += [
            Suspect(rows[known[i]], topic, "remove" if given[i] else "add", float(scores[known[i]]), float(quality[i]))
            for i in np.flatnonzero(found)
        ]
    return Audit(tuple(sorted(suspects, key=lambda one: one.quality)), judged, tuple(left_out))


def need_cleanlab() -> None:
    """Raise MissingExtraError if the library is not installed; it takes a second to load."""
    try:
        import cleanlab.multilabel_classification  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("svodka data audit", "report") from error


def _judge(given: NDArray[np.bool_], scores: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Return for the labels of one topic, each (n,), whether it is likely wrong, and its quality."""
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
    from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class

    # One topic at a time: cleanlab has no word for a decision that nobody made, so those rows are left out here.
    labels = [[0] if has else [] for has in given]
    column = scores[:, None]
    found = find_multilabel_issues_per_class(labels, column, n_jobs=1)[:, 0]
    return found, get_label_quality_scores_per_class(labels, column)[:, 0]
