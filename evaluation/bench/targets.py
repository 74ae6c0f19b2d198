"""What svodka promises about speed and size, checked against the figures of a run."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["TARGETS", "Target", "check_targets"]

Content = Mapping[str, Any]
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A promise.

    Attributes:
        title: what is promised about.
        sign: `>=`, `<=`, `<` or `==`.
        limit: the number that is promised.
        unit: of the number.
        value: finds the number in the content; KeyError, StopIteration or None mean that it was not measured.
    """

    title: str
    sign: str
    limit: float
    unit: str
    value: Callable[[Content], float | None]


SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}


def _row(content: Content, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row for row in content["contenders"] if row["id"] == name)
    return found


def _best_pipeline(content: Content) -> float | None:
    """Return by how much the quicker of the pipelines is slower than svodka."""
    found = [row["ratio"]["median"] for row in content["contenders"] if row["id"].startswith("pipeline-")]
    return min(found) if found else None


def _points_lost(content: Content) -> float | None:
    lost = content["precision"]["macro_f1_difference"]
    return None if lost is None or lost["value"] is None else abs(100 * lost["value"])


TARGETS = (
    Target("sentences, raw text in", ">=", 1000, "a second", lambda c: _row(c, "svodka")["per_second"]["median"]),
    Target("quicker than the quicker transformers.pipeline", ">=", 15, "times", _best_pipeline),
    Target("one sentence at a time, median", "<", 2, "ms", lambda c: _row(c, "svodka-single")["single_ms"]["median"]),
    Target("first answer of a fresh process", "<=", 0.6, "s", lambda c: c["startup"]["first_answer"]["median"]),
    Target("import svodka", "<", 0.3, "s", lambda c: c["startup"]["import"]["median"]),
    Target("package with weights", "<", 60, "MB", lambda c: c["sizes"]["package"] / MEGABYTE),
    Target("model.onnx", "<", 30, "MB", lambda c: c["sizes"]["model_onnx"] / MEGABYTE),
    Target("decisions that depend on company", "==", 0, "flips", lambda c: c["independence"]["flips"]),
    Target("int8 decides as float32", ">=", 99.5, "%", lambda c: 100 * c["precision"]["equal"]),
    Target("macro F1 of int8 from float32", "<=", 0.3, "points", _points_lost),
)


def check_targets(content: Content) -> list[dict[str, Any]]:
    """Return for each target `title`, `sign`, `limit`, `unit`, `value` and `met`; the last two None if not measured.

    What is promised is promised for the processor: a run on a graphics card has no targets.
    """
    if content.get("device") == "cuda":
        return []
    rows = []
    for target in TARGETS:
        try:
            value = target.value(content)
        except (KeyError, StopIteration):
            value = None
        met = None if value is None else SIGNS[target.sign](value, target.limit)
        told = {"title": target.title, "sign": target.sign, "limit": target.limit, "unit": target.unit}
        rows.append(told | {"value": value, "met": met})
    return rows
