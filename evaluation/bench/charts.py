"""The charts of a run. Families differ by shape as well as by colour; every chart says its finding in its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from svodka.evaluation.bench.labels import Box, Label, place_labels
from svodka.evaluation.bench.registry import Family
from svodka.evaluation.bench.scales import Scale, linear, logarithmic
from svodka.evaluation.report.svg import caption, line, picture, polyline, tag, upright

__all__ = ["Mark", "accuracy_chart", "growth_chart", "speed_chart", "standalone"]

CLASSES: dict[str, str] = {"svodka": "own", "same weights": "same", "other": "other"}
NAMES = {"svodka": "svodka", "same weights": "the same weights, run by others", "other": "other models"}
LEFT, TOP, WIDTH, HEIGHT = 52, 14, 640, 360
ROW, NAME_WIDTH, BARS = 24, 150, 470
SMALL_WIDTH, SMALL_HEIGHT, SMALL_LEFT = 330, 190, 58


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a chart.

    Attributes:
        name: what is written beside it.
        family: decides about its shape and colour.
        x: its value along the horizontal axis, above 0, with lower and upper end.
        y: its value along the vertical axis with lower and upper end; the same three numbers where there is none.
    """

    name: str
    family: Family
    x: tuple[float, float, float]
    y: tuple[float, float, float] = (0.0, 0.0, 0.0)


def accuracy_chart(marks: Sequence[Mark], alt: str) -> str:
    """Return macro F1 against sentences a second, the latter logarithmic; intervals as lines through the points."""
    across = logarithmic([value for mark in marks for value in mark.x], LEFT, LEFT + WIDTH)
    up = linear([value for mark in marks for value in mark.y], TOP + HEIGHT, TOP, zero=False)
    parts = _grid(across, up)
    for mark in marks:
        (x, x0, x1), (y, y0, y1) = map(across, mark.x), map(up, mark.y)
        parts += [line(x, y0, x, y1, "spread"), line(x0, y, x1, y, "spread")]
    points = [(across(mark.x[0]), up(mark.y[0])) for mark in marks]
    frame = Box(LEFT, TOP - 8, LEFT + WIDTH + 60, TOP + HEIGHT)
    lines = [Box(x - 1, up(mark.y[2]), x + 1, up(mark.y[1])) for mark, (x, _) in zip(marks, points, strict=True)]
    labels = place_labels(points, [mark.name for mark in marks], frame, lines)
    parts += [_leader(point, label) for point, label in zip(points, labels, strict=True) if label.leader]
    parts += [_shape(*point, mark.family) for point, mark in zip(points, marks, strict=True)]
    parts += [
        caption(label.x, label.y, mark.name, label.anchor, "who") for mark, label in zip(marks, labels, strict=True)
    ]
    parts += [
        caption(LEFT + WIDTH / 2, TOP + HEIGHT + 36, "sentences a second", "middle"),
        upright(13, TOP + HEIGHT / 2, "macro F1"),
    ]
    parts += _legend([mark.family for mark in marks], LEFT, TOP + HEIGHT + 60)
    return picture(LEFT + WIDTH + 64, TOP + HEIGHT + 70, alt, parts, "plot")


def speed_chart(marks: Sequence[Mark], alt: str) -> str:
    """Return a row for each mark with its sentences a second, logarithmic; the line is the spread over the rounds."""
    bottom = TOP + ROW * len(marks)
    across = logarithmic([value for mark in marks for value in mark.x], NAME_WIDTH, NAME_WIDTH + BARS)
    parts = [line(across(tick), TOP, across(tick), bottom, "grid") for tick in across.ticks]
    parts += [caption(across(tick), bottom + 16, _figure(tick), "middle") for tick in across.ticks]
    for row, mark in enumerate(marks):
        y = TOP + ROW * (row + 0.5)
        x, x0, x1 = map(across, mark.x)
        parts += [caption(NAME_WIDTH - 14, y + 4, mark.name, "end", "who"), line(x0, y, x1, y, "spread")]
        parts += [_shape(x, y, mark.family), caption(NAME_WIDTH + BARS + 70, y + 4, _figure(mark.x[0]), "end")]
    parts.append(caption(NAME_WIDTH + BARS / 2, bottom + 34, "sentences a second", "middle"))
    parts += _legend([mark.family for mark in marks], NAME_WIDTH, bottom + 58)
    return picture(NAME_WIDTH + BARS + 76, bottom + 68, alt, parts, "plot")


def growth_chart(points: Sequence[Mark], alt: str, names: tuple[str, str], *, log: bool) -> str:
    """Return a line through points, both axes logarithmic or both linear from 0 on.

    Args:
        points: with rising x; `y` has median and quartiles.
        alt: the label.
        names: of the horizontal and the vertical axis.
        log: which axes.
    """
    right, base = SMALL_LEFT + SMALL_WIDTH, TOP + SMALL_HEIGHT
    xs, ys = [point.x[0] for point in points], [value for point in points for value in point.y]
    across = logarithmic(xs, SMALL_LEFT, right) if log else linear(xs, SMALL_LEFT, right, least_step=1)
    up = logarithmic(ys, base, TOP) if log else linear(ys, base, TOP)
    parts = [line(across(tick), TOP, across(tick), base, "grid") for tick in across.ticks]
    parts += [line(SMALL_LEFT, up(tick), right, up(tick), "grid") for tick in up.ticks]
    parts += [caption(across(tick), base + 16, _figure(tick), "middle") for tick in across.ticks]
    parts += [caption(SMALL_LEFT - 7, up(tick) + 4, _figure(tick), "end") for tick in up.ticks]
    places = [(across(point.x[0]), up(point.y[0])) for point in points]
    parts.append(tag("path", {"d": polyline(places)}, "curve thin"))
    for point, (x, y) in zip(points, places, strict=True):
        parts += [line(x, up(point.y[1]), x, up(point.y[2]), "whisker"), _shape(x, y, "svodka")]
    parts += [caption(SMALL_LEFT + SMALL_WIDTH / 2, base + 34, names[0], "middle")]
    parts += [upright(12, TOP + SMALL_HEIGHT / 2, names[1])]
    return picture(right + 22, base + 42, alt, parts, "plot")


def standalone(svg: str, style: str) -> str:
    """Return a chart as a file of its own, on a ground of its own, with the style of the page inside."""
    head, rest = svg.split(">", 1)
    numbers = head.split('viewBox="', 1)[1].split('"', 1)[0].split()
    size = f'width="{numbers[2]}" height="{numbers[3]}"'
    font = "svg { font-family: system-ui, sans-serif; } .ground { fill: var(--sheet); }"
    ground = '<rect class="ground" width="100%" height="100%"/>'
    return f'{head} xmlns="http://www.w3.org/2000/svg" {size}><style>{style}{font}</style>{ground}{rest}\n'


def _grid(across: Scale, up: Scale) -> list[str]:
    """Return the lines and numbers of the large chart."""
    parts = [line(across(tick), TOP, across(tick), TOP + HEIGHT, "grid") for tick in across.ticks]
    parts += [line(LEFT, up(tick), LEFT + WIDTH, up(tick), "grid") for tick in up.ticks]
    parts += [caption(across(tick), TOP + HEIGHT + 17, _figure(tick), "middle") for tick in across.ticks]
    return parts + [caption(LEFT - 8, up(tick) + 4, f"{tick:.2f}", "end") for tick in up.ticks]


def _shape(x: float, y: float, family: str) -> str:
    """Return a point: a disc, a diamond or a hollow square."""
    kind = CLASSES[family]
    if family == "svodka":
        return tag("circle", {"cx": x, "cy": y, "r": 5}, kind)
    if family == "other":
        return tag("rect", {"x": x - 4, "y": y - 4, "width": 8, "height": 8}, kind)
    return tag("path", {"d": polyline([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], closed=True)}, kind)


def _leader(point: tuple[float, float], label: Label) -> str:
    """Return the line from a name to its point."""
    edge = label.box.bottom if label.box.bottom < point[1] else label.box.top
    inside = min(max(point[0], label.box.left), label.box.right)
    return line(*point, inside, edge, "leader")


def _legend(families: Sequence[str], x: float, y: float) -> list[str]:
    """Return the shapes that occur and what they mean, in a row."""
    parts = []
    for family, name in NAMES.items():
        if family in families:
            parts += [_shape(x + 5, y - 4, family), caption(x + 17, y, name, "start")]
            x += 17 + 6.6 * len(name) + 22
    return parts


def _figure(value: float) -> str:
    """Return a number with three figures that count."""
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 100 else f"{value:.3g}"
