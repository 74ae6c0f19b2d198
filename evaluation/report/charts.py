"""Charts as SVG that a page can hold: text stays text, colours come from the page's style, shapes tell without colour.

Every chart has `role="img"` and a label that says its finding in numbers. Nothing in them depends on time or chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.report.svg import caption, line, picture, polyline, tag, upright

__all__ = ["interval_bar", "precision_recall_chart", "reliability_chart"]

BAR_WIDTH, BAR_HEIGHT = 168, 22
CURVE_SIZE, CURVE_LEFT, CURVE_TOP, CURVE_BOTTOM = 150, 42, 8, 36
PLOT_WIDTH, PLOT_HEIGHT, PLOT_LEFT, PLOT_TOP = 400, 300, 54, 12
COUNT_HEIGHT, COUNT_GAP = 62, 44
TICKS = (0, 0.25, 0.5, 0.75, 1)
BARE_TICKS = (0, 0.5, 1)


def interval_bar(
    value: float | None, low: float | None, high: float | None, alt: str, second: float | None = None
) -> str:
    """Return a scale from 0 to 1 with an interval as a bar, its figure as a notch, and a second figure as a diamond.

    Nothing is drawn for None; without a value there is only the scale.
    """
    pad, middle = 6, BAR_HEIGHT / 2
    width = BAR_WIDTH - 2 * pad

    def at(share: float) -> float:
        return pad + width * share

    parts = [line(at(0), middle, at(1), middle, "axis")]
    parts += [line(at(tick), middle - 4, at(tick), middle + 4, "tick") for tick in TICKS]
    if low is not None and high is not None:
        parts.append(tag("rect", {"x": at(low), "y": middle - 4, "width": at(high) - at(low), "height": 8}, "range"))
    if second is not None:
        x, r = at(second), 5
        path = polyline([(x, middle - r), (x + r, middle), (x, middle + r), (x - r, middle)], closed=True)
        parts.append(tag("path", {"d": path}, "diamond"))
    if value is not None:
        parts.append(tag("rect", {"x": at(value) - 1.5, "y": middle - 7.5, "width": 3, "height": 15}, "notch"))
    return picture(BAR_WIDTH, BAR_HEIGHT, alt, parts, "bar")


def precision_recall_chart(
    points: Sequence[Sequence[float]],
    operating: tuple[float | None, float | None],
    alt: str,
    names: tuple[str, str],
    decimal: str,
) -> str:
    """Return a square with the steps of a precision-recall curve and the operating point.

    Args:
        points: [recall, precision] with rising recall.
        operating: recall and precision of the operating point; None for what is not defined.
        alt: the label.
        names: of the horizontal and of the vertical axis.
        decimal: the decimal mark of the numbers at the axes.
    """
    size, left, top = CURVE_SIZE, CURVE_LEFT, CURVE_TOP

    def place(x: float, y: float) -> tuple[float, float]:
        return left + size * x, top + size * (1 - y)

    parts = [
        caption(left + size / 2, top + size + 30, names[0], "middle"),
        upright(11, top + size / 2, names[1]),
    ]
    for tick in BARE_TICKS:
        x, y = place(tick, tick)
        parts += [line(x, top, x, top + size, "grid"), line(left, y, left + size, y, "grid")]
        label = f"{tick:g}".replace(".", decimal)
        parts += [caption(x, top + size + 15, label, "middle"), caption(left - 6, y + 4, label, "end")]
    if points:
        steps: list[tuple[float, float]] = []
        before = 0.0
        for x, y in points:
            steps += [place(before, y), place(x, y)]
            before = x
        parts.append(tag("path", {"d": polyline(steps)}, "curve"))
    recall, precision = operating
    if recall is not None and precision is not None:
        x, y = place(recall, precision)
        parts += [line(x, y, x, top + size, "guide"), line(left, y, x, y, "guide")]
        parts.append(tag("circle", {"cx": x, "cy": y, "r": 4.5}, "dot"))
    return picture(left + size + 10, top + size + CURVE_BOTTOM, alt, parts, "curve-chart")


def reliability_chart(
    bins: Sequence[Mapping[str, Any]], alt: str, names: tuple[str, str, str], decimal: str, thousands: str
) -> str:
    """Return a reliability diagram: share against mean probability with intervals, and the number of decisions below.

    Args:
        bins: as `svodka.evaluation.report.curves.reliability` gives them.
        alt: the label.
        names: of the horizontal axis, of the vertical axis, and of the columns below.
        decimal: the decimal mark of the numbers at the axes.
        thousands: what parts the thousands of counts.
    """
    width, height, left, top = PLOT_WIDTH, PLOT_HEIGHT, PLOT_LEFT, PLOT_TOP
    base = top + height + COUNT_GAP + COUNT_HEIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        return left + width * x, top + height * (1 - y)

    parts = []
    for tick in TICKS:
        x, y = place(tick, tick)
        parts += [line(x, top, x, top + height, "grid"), line(left, y, left + width, y, "grid")]
        label = f"{tick:g}".replace(".", decimal)
        parts += [caption(x, top + height + 16, label, "middle"), caption(left - 8, y + 4, label, "end")]
    parts.append(line(*place(0, 0), *place(1, 1), "diagonal"))
    parts += _columns(bins, left, width, base, thousands)
    centres = [place(one["mean"], one["share"]) for one in bins]
    parts.append(tag("path", {"d": polyline(centres)}, "curve thin"))
    for one, (x, y) in zip(bins, centres, strict=True):
        parts.append(line(x, place(0, one["share_low"])[1], x, place(0, one["share_high"])[1], "whisker"))
        parts.append(tag("circle", {"cx": x, "cy": y, "r": 4.5}, "dot"))
    parts.append(caption(left + width / 2, top + height + 34, names[0], "middle"))
    parts.append(upright(13, top + height / 2, names[1]))
    parts.append(caption(left - 8, base, names[2], "end"))
    return picture(left + width + 12, base + 8, alt, parts, "plot")


def _columns(bins: Sequence[Mapping[str, Any]], left: float, width: float, base: float, thousands: str) -> list[str]:
    """Return a column for each bin, its height by the logarithm of its decisions, and the number on top of it."""
    most = max(math.log10(1 + one["n"]) for one in bins)
    parts = []
    for one in bins:
        height = (COUNT_HEIGHT - 22) * math.log10(1 + one["n"]) / most
        x, wide = left + width * one["low"], width * (one["high"] - one["low"])
        box = {"x": x + 3, "y": base - height, "width": wide - 6, "height": height}
        count = f"{one['n']:,}".replace(",", thousands)
        parts += [tag("rect", box, "column"), caption(x + wide / 2, base - height - 4, count, "middle")]
    return parts
