"""What an evaluation answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "CapabilityResult",
    "CaseFailure",
    "Difference",
    "Estimate",
    "EvaluationResult",
    "PeerResult",
    "TopicResult",
    "Unmet",
]


@dataclass(frozen=True, slots=True)
class TopicResult:
    """The decisions about one topic; figures that would divide by zero are None.

    Attributes:
        topic: its id.
        precision: share of its predicted sentences that carry it; None if none was predicted.
        recall: share of its gold sentences that were predicted; None if there are none.
        f1: harmonic mean of both; 0 if nothing was found, None if no gold sentence carries the topic.
        f1_low: lower end of its 95 % interval; None like `f1`, and where nothing can be resampled.
        f1_high: upper end.
        f1_at_half: F1 if the threshold were 0.5; None like `f1`.
        average_precision: area under its precision-recall curve, whatever the threshold; None like `f1`, and if
            every judged sentence carries the topic: then any ranking has 1.
        support: number of gold sentences that carry it.
        predicted: number of sentences that were predicted to carry it, among those judged.
        judged: number of sentences for which somebody decided whether they carry it.
        threshold: the probability from which on it is predicted.
    """

    topic: str
    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None
    f1_high: float | None
    f1_at_half: float | None
    average_precision: float | None
    support: int
    predicted: int
    judged: int
    threshold: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from 0 to 1 with its 95 % interval.

    All three are None if the figure is not defined on this data; the ends alone if there is but one unit to resample.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """How well predictions meet the gold labels.

    Attributes:
        n: number of sentences with at least one judged topic.
        topics: every topic of the model, in the model's order.
        macro_f1: mean F1 of the topics that a gold sentence carries.
        micro_f1: F1 over all judged decisions, also those about topics that no gold sentence carries.
        samples_f1: mean over sentences of each sentence's own F1 over its judged topics; 1 for a sentence with neither
            a gold nor a predicted topic.
        exact_match: share of the fully judged sentences whose topics are all right.
        fully_judged: number of sentences for which all topics are judged.
        without_positives: ids of the topics that no gold sentence carries; they have no F1 and are not in `macro_f1`.
        mean_average_precision: mean of the average precision of the topics that some judged sentences carry and
            others do not.
        calibration_error: expected calibration error over all judged decisions, 0 is best.
        decisions: number of judged decisions, one for each sentence and topic.
        calibration_error_likely: the same error over the judged decisions with a probability of 0.1 and more.
        decisions_likely: number of these.
        units: what the intervals resample, "sentences" or "documents".
        unit_count: how many of them have something judged.
        resamples: how often.
        seed: of the resampling.
    """

    n: int
    topics: tuple[TopicResult, ...]
    macro_f1: Estimate
    micro_f1: Estimate
    samples_f1: Estimate
    exact_match: Estimate
    fully_judged: int
    without_positives: tuple[str, ...]
    mean_average_precision: Estimate
    calibration_error: float | None
    decisions: int
    calibration_error_likely: float | None
    decisions_likely: int
    units: str
    unit_count: int
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of one system, such as macro F1, minus that of another on the same sentences.

    Attributes:
        value: the difference, -1 to 1; None (like all others) if the figure is not defined on this data.
        low: lower end of its 95 % interval; None also if there is but one unit to resample.
        high: upper end; None like `low`.
        p_value: two-sided, of the hypothesis that there is no difference; at least 1 / (resamples + 1), or None like
            `low`.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class PeerResult:
    """Something else that a user could run, trained on given sentences and measured on the same data as the model.

    Attributes:
        kind: its id, such as "tfidf" or "setfit".
        title: what people call it, such as "TF-IDF + logistic regression".
        family: "rules", "linear", "static vectors", "frozen encoder" or "fine-tuned".
        n_train: number of sentences that it was trained on.
        train_seconds: how long that took.
        sentences_per_second: how many sentences of the data it tagged in a second.
        settings: what was chosen for it, and how, as plain values.
        result: its figures.
        difference: macro F1 of the model minus its own.
    """

    kind: str
    title: str
    family: str
    n_train: int
    train_seconds: float
    sentences_per_second: float
    settings: Mapping[str, Any]
    result: EvaluationResult
    difference: Difference


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expectation of a behaviour case that the model did not meet.

    Attributes:
        kind: a key of `svodka.evaluation.suites.Expectation`; "same" for the same topics, "unmoved" for no change of
            some, and "up" or "down" for a probability that must move.
        topics: ids of the topics in question; none for "same", and for "topics" where no topic at all is expected.
    """

    kind: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """A behaviour case that the model did not pass.

    Attributes:
        case: id of the case.
        text: the sentence.
        changed: the sentence after the change, for invariance and directional cases; None for others.
        expected: what should have come and did not.
        got: probability of each topic of the sentence, in the model's order; empty if it has none.
        got_changed: the same of the changed sentence; None without one.
        moved: where a probability should have moved, those before and after the change, by topic.
    """

    case: str
    text: str
    changed: str | None
    expected: tuple[Unmet, ...]
    got: Mapping[str, float]
    got_changed: Mapping[str, float] | None = None
    moved: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """How a model passes the behaviour cases of one capability.

    Attributes:
        capability: its id, such as "negation" or "yo".
        kind: "MFT" (minimum functionality), "INV" (invariance) or "DIR" (directional expectation), after M. T. Ribeiro
            et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020).
        title: what it is about, in Russian and in English.
        cases: number of cases.
        failed: number of cases not passed.
        failures: the first of them.
    """

    capability: str
    kind: str
    title: Mapping[str, str]
    cases: int
    failed: int
    failures: tuple[CaseFailure, ...]

    @property
    def failure_rate(self) -> float | None:
        """Return the share of cases not passed, 0 to 1; None without cases."""
        return self.failed / self.cases if self.cases else None
