"""The headline in words: the figure, the best and the weakest topic, and the error that comes most often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from svodka.evaluation.report.language import Language

__all__ = ["lead"]

Content = Mapping[str, Any]
LEAST_TIMES = 5  # fewer are no habit


def lead(content: Content, say: Language) -> str:
    """Return the headline in words."""
    result = content["result"]
    known = [one for one in result["topics"] if one["f1"] is not None]
    if not known:
        return say("lead_undefined", n=say.count(result["n"]))
    figure = say(
        "lead",
        macro=say.estimate(result["macro_f1"]),
        sentences=say.counted("on_sentences", result["n"]),
        topics=say.counted("over_topics", len(known)),
    )
    best, worst = max(known, key=lambda one: one["f1"]), min(known, key=lambda one: one["f1"])
    parts = [figure] if best["f1"] == worst["f1"] else [figure, _extremes(best, worst, say)]
    return " ".join([*parts, *_habit(content, say)])


def _extremes(best: Mapping[str, Any], worst: Mapping[str, Any], say: Language) -> str:
    """Return the topics with the highest and the lowest F1."""
    return say(
        "lead_extremes",
        best=say.topic(best["topic"]),
        best_f1=say.number(best["f1"]),
        worst=say.topic(worst["topic"]),
        worst_f1=say.number(worst["f1"]),
        worst_support=say.counted("sentences_n", worst["support"]),
    )


def _habit(content: Content, say: Language) -> list[str]:
    """Return the kind of error that comes most often; nothing if it is rare, or if two come equally often."""
    errors = sorted(_errors(content["confusion"], [one["id"] for one in content["topics"]]), key=lambda one: -one[0])
    times, key, topics = errors[0]
    if times < LEAST_TIMES or (len(errors) > 1 and errors[1][0] == times):
        return []
    names = {name: say.topic(topic) for name, topic in topics.items()}
    return [say(key, **names, times=say.counted("times", times))]


def _errors(confusion: Content, ids: list[str]) -> Iterator[tuple[float, str, dict[str, str]]]:
    """Yield every kind of error, as the confusion table counts them: how often, its text, and the topics in it."""
    for topic, alarms, missed in zip(ids, confusion["added"], confusion["nothing"], strict=True):
        yield alarms, "lead_alarm", {"topic": topic}
        yield missed, "lead_missed", {"topic": topic}
    for missed, row in zip(ids, confusion["instead"], strict=True):
        for instead, times in zip(ids, row, strict=True):
            yield times, "lead_confused", {"missed": missed, "instead": instead}
