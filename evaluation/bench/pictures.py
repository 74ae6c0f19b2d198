"""The pictures of a run: what each shows, what it says to those who do not see it, and its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.bench.charts import Mark, accuracy_chart, growth_chart, speed_chart
from svodka.evaluation.bench.wording import SERIES, interval, number
from svodka.evaluation.report.blocks import Figure

__all__ = ["PICTURES", "accuracy_figure", "growth_figures", "speed_figure"]

Content = Mapping[str, Any]
ACCURACY, SPEED = "accuracy-speed.svg", "speed.svg"
GROWTH = {name: f"growth-{name}.svg" for name, _ in SERIES}
PICTURES = (ACCURACY, SPEED, *GROWTH.values())


def accuracy_figure(content: Content) -> Figure | None:
    """Return macro F1 against sentences a second; None if nobody was judged."""
    rows = [row for row in content["contenders"] if row["pictured"] and row["macro_f1"] and row["macro_f1"]["low"]]
    if not rows:
        return None
    marks = [
        Mark(row["id"], row["family"], _three(row["per_second"], "median"), _three(row["macro_f1"], "value"))
        for row in rows
    ]
    told = "; ".join(
        f"{row['id']} {number(row['per_second']['median'])} a second, {interval(row['macro_f1'])}" for row in rows
    )
    alt = f"Macro F1 with 95 % intervals against sentences a second. {told}."
    return Figure("", "", alt, accuracy_chart(marks, alt), ACCURACY)


def speed_figure(content: Content) -> Figure:
    """Return sentences a second of every contender."""
    rows = content["contenders"]
    marks = [Mark(row["id"], row["family"], _three(row["per_second"], "median")) for row in rows]
    told = "; ".join(f"{row['id']} {number(row['per_second']['median'])}" for row in rows)
    alt = f"Sentences a second: {told}."
    return Figure("", "", alt, speed_chart(marks, alt), SPEED)


def growth_figures(content: Content) -> tuple[Figure, ...]:
    """Return the time against each thing that grows, for those that were measured."""
    growth = content["growth"]
    return tuple(_growth_figure(name, title, growth[name]) for name, title in SERIES if name in growth)


def _growth_figure(name: str, title: str, points: Sequence[Mapping[str, Any]]) -> Figure:
    """Return seconds of the whole for sentences, where both axes are logarithmic, else milliseconds a sentence."""
    whole = name == "sentences"
    marks = [_grown(point, 1.0 if whole else 1000 / point["n"]) for point in points]
    unit = "seconds" if whole else "milliseconds a sentence"
    told = "; ".join(f"{number(mark.x[0])}: {number(mark.y[0])}" for mark in marks)
    alt = f"{unit.capitalize()} against {title}. {told}."
    return Figure(title.capitalize(), "", alt, growth_chart(marks, alt, (title, unit), log=whole), GROWTH[name])


def _grown(point: Mapping[str, Any], factor: float) -> Mark:
    seconds = point["seconds"]
    y = (seconds["median"] * factor, seconds["low"] * factor, seconds["high"] * factor)
    return Mark("", "svodka", (point["x"], point["x"], point["x"]), y)


def _three(found: Mapping[str, float], middle: str) -> tuple[float, float, float]:
    return found[middle], found["low"], found["high"]
