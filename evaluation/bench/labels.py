"""Put names beside the points of a chart so that they cover neither each other nor a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Box", "Label", "place_labels"]

LETTER, HEIGHT = 6.6, 13.0  # of the usual letter at 12 px, a little too large rather than too small
REACH = 7.0  # half the size of a point, and some air
BESIDE = ((1, 0), (-1, 0), (0, -1), (0, 1))  # to the right and down
AWAY = ((0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
FAR = 12.0  # a name farther from its point than this gets a line to it


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name goes.

    Attributes:
        x: where its text is anchored.
        y: its base line.
        anchor: "start", "middle" or "end".
        leader: it is so far from its point that a line should lead there.
        box: what it covers.
    """

    x: float
    y: float
    anchor: str
    leader: bool
    box: Box


def place_labels(
    points: Sequence[tuple[float, float]], names: Sequence[str], frame: Box, taken: Sequence[Box] = ()
) -> list[Label]:
    """Return a place for each name: the nearest to its point that is free, or the one that covers least.

    Args:
        points: coordinates.
        names: one for each point.
        frame: no name may leave it.
        taken: what must not be covered besides points and names.
    """
    covered = [Box(x - REACH, y - REACH, x + REACH, y + REACH) for x, y in points] + list(taken)
    labels: list[Label | None] = [None] * len(points)
    for place in sorted(range(len(points)), key=lambda place: points[place]):
        others = covered[:place] + covered[place + 1 :]
        best = min(
            enumerate(_candidates(*points[place], len(names[place]) * LETTER)),
            key=lambda ranked: (_cost(ranked[1].box, others, frame), ranked[0]),
        )[1]
        labels[place] = best
        covered.append(best.box)
    return [label for label in labels if label is not None]


def _candidates(x: float, y: float, width: float) -> Iterator[Label]:
    """Yield places for a name, the best first."""
    for far in (0.0, 14.0, 28.0, 42.0, 56.0):
        shifts = (
            ((1, 0), (-1, 0), (0, -1), (0, 1)) if not far else ((0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
        )
        for right, down in shifts:
            anchor = {1: "start", 0: "middle", -1: "end"}[right]
            middle = x + right * (REACH + 2)
            base = y + 4 + down * (far + (0 if right else REACH + 5))
            left = middle - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            yield Label(middle, base, anchor, far > FAR, Box(left, base - HEIGHT + 3, left + width, base + 3))


def _cost(box: Box, others: Sequence[Box], frame: Box) -> float:
    """Return how much a box covers of others, and what of it lies outside the frame."""
    area = (box.right - box.left) * (box.bottom - box.top)
    return round(sum(map(box.overlap, others)) + 10 * (area - box.overlap(frame)), 3)
