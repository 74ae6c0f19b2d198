"""What a behaviour case expected and what came, in the words of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svodka.evaluation.report.language import Language

__all__ = ["expected_words", "got_words"]


def expected_words(failure: Mapping[str, Any], say: Language) -> str:
    """Return what should have come in a case and did not."""
    return "; ".join(_expected(one, say) for one in failure["expected"])


def got_words(failure: Mapping[str, Any], say: Language) -> str:
    """Return the topics that came, before and after a change, and how the probabilities in question moved."""
    said = _topics(failure["got"], say)
    if failure["got_changed"] is None:
        return said
    moves = [
        f"{say.topic(topic)} {say.number(before)} → {say.number(after)}"
        for topic, (before, after) in failure["moved"].items()
    ]
    return f"{said} → {_topics(failure['got_changed'], say)}" + (f" ({'; '.join(moves)})" if moves else "")


def _expected(one: Mapping[str, Any], say: Language) -> str:
    """Return one expectation."""
    if one["kind"] == "topics" and not one["topics"]:
        return say("case_no_topic")
    return say(f"case_{one['kind']}", topics=say.quoted(one["topics"]))


def _topics(got: Mapping[str, float], say: Language) -> str:
    """Return topics with their probabilities."""
    return ", ".join(f"{say.topic(topic)} {say.number(score, 2)}" for topic, score in got.items()) or say("no_topic")
