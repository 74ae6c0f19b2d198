"""The elements of a chart as SVG that a page can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

__all__ = ["Attributes", "caption", "line", "picture", "polyline", "tag", "upright"]

Attributes = Mapping[str, object]


def picture(width: float, height: float, alt: str, parts: Iterable[str], kind: str) -> str:
    """Return a whole chart; `alt` says its finding in numbers, `kind` is its class in the page's style."""
    name = escape(alt)
    return (
        f'<svg class="{kind}" viewBox="0 0 {_place(width)} {_place(height)}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{''.join(parts)}</svg>"
    )


def tag(name: str, attributes: Attributes, kind: str = "", inside: str | None = None) -> str:
    """Return an element; `inside` is put in as it is."""
    written = "".join(
        f' {key}="{_place(value) if isinstance(value, int | float) else escape(str(value))}"'
        for key, value in attributes.items()
    )
    kind = f' class="{kind}"' if kind else ""
    return f"<{name}{kind}{written}/>" if inside is None else f"<{name}{kind}{written}>{inside}</{name}>"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a line."""
    return tag("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2}, kind)


def caption(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    """Return a text; `anchor` is "start", "middle" or "end"."""
    return tag("text", {"x": x, "y": y, "text-anchor": anchor}, kind, escape(text))


def upright(x: float, y: float, text: str) -> str:
    """Return a text that reads upwards, with its middle at a place: the name of a vertical axis."""
    turned = f"translate({_place(x)} {_place(y)}) rotate(-90)"
    return tag("text", {"x": 0, "y": 0, "text-anchor": "middle", "transform": turned}, "", escape(text))


def polyline(points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """Return the path through points, as the value of `d`."""
    moves = (f"{'L' if i else 'M'}{_place(x)} {_place(y)}" for i, (x, y) in enumerate(points))
    return "".join(moves) + ("Z" if closed else "")


def _place(value: float) -> str:
    """Return a coordinate with at most two places."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
