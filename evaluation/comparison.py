"""Two models on the same labelled sentences: how far B is from A, and whether that can be chance.

Differences are B minus A, resampled with the same draws for both (a paired bootstrap, see `bootstrap`); McNemar's test
(see `mcnemar`) asks the same of the plain numbers of right answers. The bootstrap is about F1, which is what counts;
McNemar's test is exact also where few answers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.evaluation import bootstrap
from svodka.evaluation.mcnemar import McNemar, holm, mcnemar
from svodka.evaluation.metrics import DEFAULT_SEED, RESAMPLES
from svodka.evaluation.results import Difference

__all__ = ["Comparison", "Figure", "TopicComparison", "compare_decisions"]

Floats = NDArray[np.float64]
Decisions = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of both models, 0 to 1, and B's minus A's; None where it is not defined on this data."""

    a: float | None
    b: float | None
    difference: Difference


@dataclass(frozen=True, slots=True)
class TopicComparison:
    """The decisions of both models about one topic.

    Attributes:
        topic: its id.
        support: number of gold sentences that carry it.
        judged: number of sentences for which somebody decided whether they carry it.
        f1: F1 of both; its p-value is for this topic alone, not corrected for the number of topics.
        mcnemar: of the judged decisions about this topic.
        holm_p: McNemar's p-value, corrected for the number of topics.
    """

    topic: str
    support: int
    judged: int
    f1: Figure
    mcnemar: McNemar
    holm_p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How model B differs from model A on the topics that both know.

    Attributes:
        n: number of sentences with at least one judged topic.
        fully_judged: number of sentences for which all topics are judged.
        macro_f1: mean F1 of the topics that a gold sentence carries.
        micro_f1: F1 over all judged decisions.
        samples_f1: mean F1 of the sentences, each over its judged topics.
        exact_match: share of the fully judged sentences whose topics are all right.
        mean_average_precision: of the topics that some judged sentences carry and others do not, whatever the
            thresholds; not defined if probabilities were not given.
        topics: each of the shared topics, in model A's order.
        decisions: McNemar's test over all judged decisions, a sentence and a topic each.
        sentences: McNemar's test over the fully judged sentences, right if all topics are.
        units: what the intervals resample, "sentences" or "documents".
        unit_count: how many of them have something judged.
        resamples: how often.
        seed: of the resampling.
    """

    n: int
    fully_judged: int
    macro_f1: Figure
    micro_f1: Figure
    samples_f1: Figure
    exact_match: Figure
    mean_average_precision: Figure
    topics: tuple[TopicComparison, ...]
    decisions: McNemar
    sentences: McNemar
    units: str
    unit_count: int
    resamples: int
    seed: int


def compare_decisions(
    gold: Floats,
    first: Decisions,
    second: Decisions,
    topics: Sequence[str],
    *,
    probabilities: tuple[Floats, Floats] | None = None,
    seed: int = DEFAULT_SEED,
    resamples: int = RESAMPLES,
    groups: Sequence[str] | None = None,
) -> Comparison:
    """Compare the decisions of model A (`first`) and model B (`second`).

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged, columns in the order of `topics`.
        first: (n, t), the topics that A gives.
        second: (n, t), those that B gives.
        topics: ids.
        probabilities: (n, t) of A and of B, 0 to 1, for mean average precision.
        seed: of the bootstrap.
        resamples: of the bootstrap.
        groups: the document of each sentence, if known: the intervals then resample documents, not sentences.

    Raises:
        DataError: the shapes do not fit each other.
    """
    shapes = [gold.shape, first.shape, second.shape, *(each.shape for each in probabilities or ())]
    if set(shapes) != {(len(gold), len(topics))}:
        raise DataError(f"expected labels and decisions of shape ({len(gold)}, {len(topics)}), got {shapes}")
    counts = [bootstrap.sentence_counts(gold, decisions) for decisions in (first, second)]
    totals, drawn = _totals(counts, resamples, seed, groups)
    own = [bootstrap.sample_scores(gold, decisions) for decisions in (first, second)]
    judged = gold >= 0
    right = [judged & ((gold == 1) == decisions) for decisions in (first, second)]
    full = judged.all(axis=1)
    return Comparison(
        n=int(judged.any(axis=1).sum()),
        fully_judged=int(full.sum()),
        macro_f1=_figure(bootstrap.macro_f1, totals, drawn),
        micro_f1=_figure(bootstrap.micro_f1, totals, drawn),
        samples_f1=_figure(bootstrap.samples_f1, *_totals(own, resamples, seed, groups)),
        exact_match=_figure(bootstrap.exact_match, totals, drawn),
        mean_average_precision=_precision(gold, probabilities, resamples, seed, groups),
        topics=_topics(topics, gold, right, totals, drawn),
        decisions=mcnemar(right[0][judged], right[1][judged]),
        sentences=mcnemar(right[0][full].all(axis=1), right[1][full].all(axis=1)),
        units="sentences" if groups is None else "documents",
        unit_count=bootstrap.unit_count(gold, groups),
        resamples=resamples,
        seed=seed,
    )


def _totals(
    counts: Sequence[Floats], resamples: int, seed: int, groups: Sequence[str] | None
) -> tuple[list[Floats], list[Floats]]:
    """Return the counts of both models over all sentences, and over each resample of the same draws."""
    drawn = bootstrap.resample(np.concatenate(counts, axis=1), resamples, seed, groups)
    return [each.sum(axis=0) for each in counts], np.split(drawn, 2, axis=1)


def _figure(measure: Callable[[Floats], Floats], totals: Sequence[Floats], drawn: Sequence[Floats]) -> Figure:
    """Return what `measure` makes of both models' counts."""
    return _apart([measure(each) for each in totals], [measure(each) for each in drawn])


def _precision(
    gold: Floats, scores: tuple[Floats, Floats] | None, resamples: int, seed: int, groups: Sequence[str] | None
) -> Figure:
    """Return mean average precision of both models, with the draws of the other figures."""
    if scores is None:
        return Figure(None, None, Difference(None, None, None, None))
    values = [bootstrap.mean_average_precision(gold, each) for each in scores]
    return _apart(values, [bootstrap.mean_average_precisions(gold, each, resamples, seed, groups) for each in scores])


def _apart(values: Sequence[Floats], drawn: Sequence[Floats]) -> Figure:
    """Return a figure of both models, and how far B is from A in the whole and in each resample."""
    (a, b), (drawn_a, drawn_b) = values, drawn
    return Figure(_known(a), _known(b), bootstrap.difference(b - a, drawn_b - drawn_a))


def _topics(
    topics: Sequence[str], gold: Floats, right: Sequence[Decisions], totals: Sequence[Floats], drawn: Sequence[Floats]
) -> tuple[TopicComparison, ...]:
    """Return the comparison of each topic."""
    tests = []
    for labels, a, b in zip(gold.T, right[0].T, right[1].T, strict=True):
        tests.append(mcnemar(a[labels >= 0], b[labels >= 0]))
    corrected = holm([test.p_value for test in tests])
    return tuple(
        TopicComparison(
            topic=topic,
            support=int((gold[:, place] == 1).sum()),
            judged=int((gold[:, place] >= 0).sum()),
            f1=_figure(partial(_f1_of, place), totals, drawn),
            mcnemar=tests[place],
            holm_p=corrected[place],
        )
        for place, topic in enumerate(topics)
    )


def _f1_of(place: int, counts: Floats) -> Floats:
    """Return F1 of the topic in one column, for counts (..., 3 t + 2)."""
    return np.asarray(bootstrap.topic_f1(counts)[..., place])


def _known(value: Floats) -> float | None:
    """Return a figure as a number, None if it is not defined."""
    return None if np.isnan(value) else float(value)
