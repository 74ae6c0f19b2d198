"""Behaviour tests: what a model must be able to do, must not mind, and must notice.

Three kinds of test: minimum functionality (MFT: plain cases with a known answer), invariance (INV: a change that must
not matter) and directional expectation (DIR: a change that must). Source: M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh,
"Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from svodka.evaluation.results import CapabilityResult, CaseFailure, Estimate
from svodka.evaluation.scored import score
from svodka.evaluation.suites import Case, Suite
from svodka.evaluation.wilson import wilson

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["Answer", "failed_as", "failure_rate", "run_behaviour"]

MOST_FAILURES = 100  # of one capability that a result keeps


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of one sentence.

    Attributes:
        topics: ids of its topics, in the model's order.
        scores: probability of every topic.
    """

    topics: tuple[str, ...]
    scores: Mapping[str, float]


def run_behaviour(
    tagger: Tagger, thresholds: Mapping[str, float], suites: Sequence[Suite], *, quiet: bool = False
) -> list[CapabilityResult]:
    """Run every case and return the results of each capability, in the order of `suites`.

    Args:
        tagger: the model.
        thresholds: for every topic the probability from which it is predicted.
        suites: the cases, as `read_suites` gives them.
        quiet: show no progress bar.
    """
    texts = {text for suite in suites for case in suite.cases for text in (case.text, case.changed) if text is not None}
    answers = _answers(tagger, thresholds, sorted(texts), quiet)
    return [_judge(suite, answers) for suite in suites]


def failure_rate(result: CapabilityResult) -> Estimate:
    """Return the share of failed cases with its 95 % interval by E. B. Wilson (JASA 22, 1927); None without cases.

    The interval says what other cases of this kind would give. How often users meet such sentences it does not say.
    """
    rate = result.failure_rate
    return Estimate(None, None, None) if rate is None else Estimate(rate, *wilson(result.failed, result.cases))


def failed_as(case: Case, before: Answer, after: Answer | None) -> tuple[str, str] | None:
    """Return what was expected and what came, in words; None if the case is passed.

    `before` is the answer on the sentence, `after` that on the changed one: None for a case without a change.
    """
    failed = _as_mft(case, before) if after is None else _as_pair(case, before, after)
    if not failed:
        return None
    said = _said(before) if after is None else f"{_said(before)} → {_said(after)}{_moved(case, before, after)}"
    return "; ".join(failed), said


def _as_mft(case: Case, answer: Answer) -> list[str]:
    """Return the expectations that one sentence does not meet."""
    expect, got = case.expect, set(answer.topics)
    failed = []
    if expect.topics is not None and set(expect.topics) != got:
        failed.append(f"exactly {_names(expect.topics)}")
    if missing := [topic for topic in expect.has if topic not in got]:
        failed.append(f"has {_names(missing)}")
    if surplus := [topic for topic in expect.has_not if topic in got]:
        failed.append(f"has not {_names(surplus)}")
    return failed


def _as_pair(case: Case, before: Answer, after: Answer) -> list[str]:
    """Return the expectations that a sentence and its changed form do not meet."""
    expect, old, new = case.expect, set(before.topics), set(after.topics)
    if not (expect.gains or expect.loses or expect.keeps or expect.score):
        moved = old ^ new if expect.about is None else (old ^ new) & set(expect.about)
        return ["the same topics" if expect.about is None else f"no change of {_names(expect.about)}"] if moved else []
    failed = []
    if wrong := [topic for topic in expect.gains if topic in old or topic not in new]:
        failed.append(f"gains {_names(wrong)}")
    if wrong := [topic for topic in expect.loses if topic not in old or topic in new]:
        failed.append(f"loses {_names(wrong)}")
    if wrong := [topic for topic in expect.keeps if topic not in old & new]:
        failed.append(f"keeps {_names(wrong)}")
    for topic, direction in expect.score:
        change = after.scores[topic] - before.scores[topic]
        if not (change > 0 if direction == "up" else change < 0):
            failed.append(f"{topic} {direction}")
    return failed


def _answers(tagger: Tagger, thresholds: Mapping[str, float], texts: Sequence[str], quiet: bool) -> dict[str, Answer]:
    """Return the model's answer to every text."""
    rows = score(tagger, texts, thresholds, quiet=quiet).probabilities
    answers = {}
    for text, row in zip(texts, rows, strict=True):
        scores = dict(zip(tagger.topics, map(float, row), strict=True))
        answers[text] = Answer(tuple(topic for topic in tagger.topics if scores[topic] >= thresholds[topic]), scores)
    return answers


def _judge(suite: Suite, answers: Mapping[str, Answer]) -> CapabilityResult:
    """Return the result of one capability."""
    failures = []
    for case in suite.cases:
        after = None if case.changed is None else answers[case.changed]
        if words := failed_as(case, answers[case.text], after):
            failures.append(CaseFailure(case.id, case.text, case.changed, *words))
    kept = tuple(failures[:MOST_FAILURES])
    return CapabilityResult(suite.capability, suite.kind, suite.title, len(suite.cases), len(failures), kept)


def _names(topics: Sequence[str]) -> str:
    return ", ".join(topics) or "no topic"


def _said(answer: Answer) -> str:
    """Return the topics of an answer with their probabilities."""
    return ", ".join(f"{topic} {answer.scores[topic]:.2f}" for topic in answer.topics) or "no topic"


def _moved(case: Case, before: Answer, after: Answer) -> str:
    """Return how the probabilities moved that the case speaks of."""
    moves = [f"{topic} {before.scores[topic]:.3f} → {after.scores[topic]:.3f}" for topic, _ in case.expect.score]
    return f" ({'; '.join(moves)})" if moves else ""
