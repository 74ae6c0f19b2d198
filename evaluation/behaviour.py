"""Behaviour tests: what a model must be able to do, must not mind, and must notice.

Three kinds of test: minimum functionality (MFT: plain cases with a known answer), invariance (INV: a change that must
not matter) and directional expectation (DIR: a change that must). Source: M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh,
"Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from svodka.evaluation.results import CapabilityResult, CaseFailure, Estimate, Unmet
from svodka.evaluation.scored import score
from svodka.evaluation.suites import Case, Suite
from svodka.evaluation.wilson import wilson

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["Answer", "failure_rate", "run_behaviour", "unmet"]

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


def unmet(case: Case, before: Answer, after: Answer | None) -> tuple[Unmet, ...]:
    """Return the expectations that the model does not meet; none if the case is passed.

    `before` is the answer on the sentence, `after` that on the changed one: None for a case without a change.
    """
    return tuple(_of_one(case, before) if after is None else _of_pair(case, before, after))


def _of_one(case: Case, answer: Answer) -> list[Unmet]:
    """Return the expectations that one sentence does not meet."""
    expect, got = case.expect, set(answer.topics)
    failed = []
    if expect.topics is not None and set(expect.topics) != got:
        failed.append(Unmet("topics", expect.topics))
    if missing := tuple(topic for topic in expect.has if topic not in got):
        failed.append(Unmet("has", missing))
    if surplus := tuple(topic for topic in expect.has_not if topic in got):
        failed.append(Unmet("has_not", surplus))
    return failed


def _of_pair(case: Case, before: Answer, after: Answer) -> list[Unmet]:
    """Return the expectations that a sentence and its changed form do not meet."""
    expect, old, new = case.expect, set(before.topics), set(after.topics)
    if not (expect.gains or expect.loses or expect.keeps or expect.score):
        moved = old ^ new if expect.about is None else (old ^ new) & set(expect.about)
        return [Unmet("same") if expect.about is None else Unmet("unmoved", expect.about)] if moved else []
    failed = []
    if wrong := tuple(topic for topic in expect.gains if topic in old or topic not in new):
        failed.append(Unmet("gains", wrong))
    if wrong := tuple(topic for topic in expect.loses if topic not in old or topic in new):
        failed.append(Unmet("loses", wrong))
    if wrong := tuple(topic for topic in expect.keeps if topic not in old & new):
        failed.append(Unmet("keeps", wrong))
    for topic, direction in expect.score:
        change = after.scores[topic] - before.scores[topic]
        if not (change > 0 if direction == "up" else change < 0):
            failed.append(Unmet(direction, (topic,)))
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
        before, after = answers[case.text], None if case.changed is None else answers[case.changed]
        if failed := unmet(case, before, after):
            failures.append(_failure(case, failed, before, after))
    kept = tuple(failures[:MOST_FAILURES])
    return CapabilityResult(suite.capability, suite.kind, suite.title, len(suite.cases), len(failures), kept)


def _failure(case: Case, failed: tuple[Unmet, ...], before: Answer, after: Answer | None) -> CaseFailure:
    """Return a case that is not passed, with what came."""
    if after is None:
        return CaseFailure(case.id, case.text, None, failed, _predicted(before))
    moved = {topic: (before.scores[topic], after.scores[topic]) for topic, _ in case.expect.score}
    return CaseFailure(case.id, case.text, case.changed, failed, _predicted(before), _predicted(after), moved)


def _predicted(answer: Answer) -> dict[str, float]:
    """Return the probabilities of the topics of an answer."""
    return {topic: answer.scores[topic] for topic in answer.topics}
