"""Charts as SVG that a page can hold: text stays text, colours come from the page's style, shapes tell without colour.

Every chart has `role="img"` and a label that says its finding in numbers. Nothing in them depends on time or chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["interval_bar", "precision_recall_chart", "reliability_chart"]

Attributes = Mapping[str, object]
BAR_WIDTH, BAR_HEIGHT = 168, 22
CURVE_SIZE, CURVE_LEFT, CURVE_TOP, CURVE_BOTTOM = 150, 30, 8, 24
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

    parts = [_line(at(0), middle, at(1), middle, "axis")]
    parts += [_line(at(tick), middle - 4, at(tick), middle + 4, "tick") for tick in TICKS]
    if low is not None and high is not None:
        parts.append(_tag("rect", {"x": at(low), "y": middle - 4, "width": at(high) - at(low), "height": 8}, "range"))
    if second is not None:
        x, r = at(second), 5
        path = f"M{_n(x)} {_n(middle - r)}L{_n(x + r)} {_n(middle)}L{_n(x)} {_n(middle + r)}L{_n(x - r)} {_n(middle)}Z"
        parts.append(_tag("path", {"d": path}, "diamond"))
    if value is not None:
        parts.append(_tag("rect", {"x": at(value) - 1.5, "y": middle - 7.5, "width": 3, "height": 15}, "notch"))
    return _svg(BAR_WIDTH, BAR_HEIGHT, alt, parts, "bar")


def precision_recall_chart(
    points: Sequence[Sequence[float]], recall: float | None, precision: float | None, alt: str, decimal: str
) -> str:
    """Return a square with the steps of a precision-recall curve and the operating point.

    Args:
        points: [recall, precision] with rising recall.
        recall: of the operating point; None if there is none.
        precision: of the operating point; None if nothing is predicted.
        alt: the label.
        decimal: the decimal mark of the numbers at the axes.
    """
    size, left, top = CURVE_SIZE, CURVE_LEFT, CURVE_TOP

    def place(x: float, y: float) -> tuple[float, float]:
        return left + size * x, top + size * (1 - y)

    parts = []
    for tick in BARE_TICKS:
        x, y = place(tick, tick)
        parts += [_line(x, top, x, top + size, "grid"), _line(left, y, left + size, y, "grid")]
        label = f"{tick:g}".replace(".", decimal)
        parts += [_text(x, top + size + 15, label, "middle"), _text(left - 6, y + 4, label, "end")]
    if points:
        path: list[str] = []
        before = 0.0
        for x, y in points:
            (x0, y0), (x1, _) = place(before, y), place(x, y)
            path.append(f"{'M' if not path else 'L'}{_n(x0)} {_n(y0)}L{_n(x1)} {_n(y0)}")
            before = x
        parts.append(_tag("path", {"d": "".join(path)}, "curve"))
    if recall is not None and precision is not None:
        x, y = place(recall, precision)
        parts += [_line(x, y, x, top + size, "guide"), _line(left, y, x, y, "guide")]
        parts.append(_tag("circle", {"cx": x, "cy": y, "r": 4.5}, "dot"))
    return _svg(left + size + 10, top + size + CURVE_BOTTOM, alt, parts, "curve-chart")


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
        parts += [_line(x, top, x, top + height, "grid"), _line(left, y, left + width, y, "grid")]
        label = f"{tick:g}".replace(".", decimal)
        parts += [_text(x, top + height + 16, label, "middle"), _text(left - 8, y + 4, label, "end")]
    parts.append(_line(*place(0, 0), *place(1, 1), "diagonal"))
    parts += _columns(bins, left, width, base, thousands)
    centres = [place(one["mean"], one["share"]) for one in bins]
    path = "".join(f"{'L' if i else 'M'}{_n(x)} {_n(y)}" for i, (x, y) in enumerate(centres))
    parts.append(_tag("path", {"d": path}, "curve thin"))
    for one, (x, y) in zip(bins, centres, strict=True):
        parts.append(_line(x, place(0, one["share_low"])[1], x, place(0, one["share_high"])[1], "whisker"))
        parts.append(_tag("circle", {"cx": x, "cy": y, "r": 4.5}, "dot"))
    parts.append(_text(left + width / 2, top + height + 34, names[0], "middle"))
    turned = {"x": 0, "y": 0, "text-anchor": "middle", "transform": f"translate(13 {_n(top + height / 2)}) rotate(-90)"}
    parts.append(_tag("text", turned, "", escape(names[1])))
    parts.append(_text(left - 8, base, names[2], "end"))
    return _svg(left + width + 12, base + 8, alt, parts, "plot")


def _columns(bins: Sequence[Mapping[str, Any]], left: float, width: float, base: float, thousands: str) -> list[str]:
    """Return a column for each bin, its height by the logarithm of its decisions, and the number on top of it."""
    most = max(math.log10(1 + one["n"]) for one in bins)
    parts = []
    for one in bins:
        height = (COUNT_HEIGHT - 22) * math.log10(1 + one["n"]) / most
        x, wide = left + width * one["low"], width * (one["high"] - one["low"])
        box = {"x": x + 3, "y": base - height, "width": wide - 6, "height": height}
        count = f"{one['n']:,}".replace(",", thousands)
        parts += [_tag("rect", box, "column"), _text(x + wide / 2, base - height - 4, count, "middle")]
    return parts


def _svg(width: float, height: float, alt: str, parts: Iterable[str], kind: str) -> str:
    """Return a whole chart."""
    label = escape(alt)
    return (
        f'<svg class="{kind}" viewBox="0 0 {_n(width)} {_n(height)}" role="img" aria-label="{label}">'
        f"<title>{label}</title>{''.join(parts)}</svg>"
    )


def _tag(name: str, attributes: Attributes, kind: str = "", inside: str | None = None) -> str:
    """Return an element; `inside` is put in as it is."""
    written = "".join(
        f' {key}="{_n(value) if isinstance(value, int | float) else escape(str(value))}"'
        for key, value in attributes.items()
    )
    kind = f' class="{kind}"' if kind else ""
    return f"<{name}{kind}{written}/>" if inside is None else f"<{name}{kind}{written}>{inside}</{name}>"


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a line."""
    return _tag("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2}, kind)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    """Return a label."""
    return _tag("text", {"x": x, "y": y, "text-anchor": anchor}, "", escape(text))


def _n(value: float) -> str:
    """Return a coordinate with at most two places."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
