"""A run as tables for people: in frames on a terminal, only spaces in a file or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from svodka.cli.grid import grid
from svodka.evaluation.bench.wording import (
    NO_PROMISES,
    NOTHING,
    SERIES,
    SIZES,
    STARTUP,
    count,
    disturbed,
    exact,
    interval,
    machine,
    megabytes,
    middle,
    number,
    percent,
)

__all__ = ["render"]

Content = Mapping[str, Any]
CONTENDERS = ("", "sentences/s", "x time", "one sentence, ms", "x time", "peak MB", "macro F1", "equal decisions")


def render(content: Content) -> str:
    """Return the tables of the parts that were measured, then the terms."""
    return "\n\n".join([*_parts(content), _notes(content)]) + "\n"


def _parts(content: Content) -> Iterator[str]:
    """Yield the tables."""
    if "contenders" in content:
        yield grid(CONTENDERS, [_contender(row) for row in content["contenders"]])
    if "startup" in content:
        yield grid(
            ("fresh process", "seconds"),
            [[STARTUP[name], middle(value)] for name, value in content["startup"].items()],
        )
        yield grid(
            ("size", "MB"),
            [[title, megabytes(content["sizes"][name])] for name, title in SIZES.items()],
        )
    if "independence" in content:
        yield _independence(content)
    if "growth" in content:
        yield from _growth(content["growth"])
    if content["targets"]:
        rows = [_target(row) for row in content["targets"]]
        yield grid(("promise", "", "", "measured", ""), rows, texts=("promise",))
    else:
        yield NO_PROMISES


def _contender(row: Mapping[str, Any]) -> list[str]:
    """Return a row of the large table."""
    return [
        row["id"],
        middle(row["per_second"]),
        middle(row["ratio"]),
        f"{number(row['single_ms']['median'])} (95 %: {number(row['single_ms']['p95'])})",
        number(row["single_ratio"]["median"]),
        megabytes(row["memory_bytes"]),
        interval(row["macro_f1"]),
        percent(row["equal"]),
    ]


def _independence(content: Content) -> str:
    """Return how answers move with company and with rounding."""
    found, rounding = content["independence"], content["precision"]
    rows = [[row["name"], str(row["flips"]), f"{row['largest_difference']:.2g}"] for row in found["arrangements"]]
    if "skipped" not in rounding:
        rows.append([exact(content), str(rounding["flips"]), f"{rounding['largest_difference']:.2g}"])
    return grid((f"{count(found['texts'])} sentences", "flips", "largest difference of logits"), rows)


def _growth(growth: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table for each thing that grows."""
    for name, title in SERIES:
        if name in growth:
            rows = [
                [f"{point['x']:,g}", middle(point["seconds"]), number(1000 * point["seconds"]["median"] / point["n"])]
                for point in growth[name]
            ]
            yield grid((title, "seconds", "ms a sentence"), rows)


def _target(row: Mapping[str, Any]) -> list[str]:
    """Return a promise and whether it is kept."""
    kept = {True: "kept", False: "MISSED", None: "not measured"}[row["met"]]
    value = NOTHING if row["value"] is None else number(row["value"])
    return [row["title"], f"{row['sign']} {row['limit']:,g}", row["unit"], value, kept]


def _notes(content: Content) -> str:
    """Say under which terms all this was measured, and what was not."""
    data = content["data"]
    lines = [
        machine(content),
        f"data: {count(data['sentences'])} sentences, of which {count(data['drawn'])} drawn, "
        f"{data['characters']:g} characters each; {data['single']} asked about one at a time",
        f"rounds: {content['rounds']}, in turns; medians [quartiles]; `x time`: how many times the first one's time, "
        "by rounds",
    ]
    if content["measure"]:
        lines.append(f"macro F1: {count(content['measure']['n'])} labelled sentences, 95 % bootstrap intervals")
    lines += [f"WARNING: {text}" for text in [disturbed(content)] if text]
    lines += [f"left out: {one['id']}: {one['reason']}" for one in content.get("skipped", ())]
    lines += [f"left out: growth with {name}: {why}" for name, why in _skipped_growth(content)]
    if reason := content.get("precision", {}).get("skipped"):
        lines.append(f"left out: float32: {reason}")
    return "\n".join(lines)


def _skipped_growth(content: Content) -> Sequence[tuple[str, str]]:
    return list(content.get("growth", {}).get("skipped", {}).items())
