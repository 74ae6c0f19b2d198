"""Whether an answer depends on the texts that it is asked with, and on rounding to 8 bits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.engine import Scorer

__all__ = ["Arrangement", "arrangements", "compare_logits", "cuts", "measure_independence"]

Logits = npt.NDArray[np.float32]
SIZES = (1, 2, 7, 64)
MIXED = 2  # random orders


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A way to ask about the same texts.

    Attributes:
        name: what it is.
        calls: the places of the texts that are asked about together, one list a call.
    """

    name: str
    calls: Sequence[Sequence[int]]


def arrangements(n: int, longest: int, seed: int) -> Iterator[Arrangement]:
    """Yield ways to ask about `n` texts.

    They are: 1, 2, 7 and 64 in a call; all in a call, in two random orders, cut at random places; and 63 in a call
    beside the longest text, to which a tagger that pads would pad them all.

    Args:
        n: number of texts, at least 1.
        longest: the place of the longest text.
        seed: of the random orders.
    """
    for size in SIZES:
        yield Arrangement(f"{size} in a call", [range(n)[i : i + size] for i in range(0, n, size)])
    draw = random.Random(seed)
    for number in range(1, MIXED + 1):
        order = draw.sample(range(n), n)
        yield Arrangement(f"all in a call, random order {number}", [order])
        ends = sorted({0, n, *(draw.randrange(n) for _ in range(n // 20))})
        pieces = [order[begin:end] for begin, end in pairwise(ends)]
        yield Arrangement(f"random order {number}, calls of random size", pieces)
    beside = [[longest, *range(n)[i : i + 63]] for i in range(0, n, 63)]
    yield Arrangement("63 in a call beside the longest text", beside)


def measure_independence(
    engine: Scorer,
    encoded: Sequence[Any],
    limits: Logits,
    seed: int,
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Return how far the logits of texts move with their company, and how many decisions turn.

    Args:
        engine: the model.
        encoded: the texts, at least one.
        limits: the logit of each topic from which on it is assigned, see `cuts`.
        seed: of the random orders.
        say: takes a line about what is going on.

    Returns:
        `texts`; `flips`, decisions that turn in any arrangement, added up; `largest_difference` of two logits; and
        `arrangements` with these figures for each.
    """
    reference = engine.logits(encoded, len(limits))
    longest = max(range(len(encoded)), key=lambda place: len(encoded[place].ids))
    rows = []
    for arrangement in arrangements(len(encoded), longest, seed):
        say(arrangement.name)
        logits = np.full_like(reference, np.nan)
        for call in arrangement.calls:
            logits[list(call)] = engine.logits([encoded[place] for place in call], len(limits))
        found = compare_logits(reference, logits, limits)
        rows.append(
            {"name": arrangement.name, "flips": found["flips"], "largest_difference": found["largest_difference"]}
        )
    return {
        "texts": len(encoded),
        "flips": sum(row["flips"] for row in rows),
        "largest_difference": max(row["largest_difference"] for row in rows),
        "arrangements": rows,
    }


def compare_logits(first: Logits, second: Logits, limits: Logits) -> dict[str, Any]:
    """Compare two answers to the same texts, each (n, topics).

    Returns:
        `decisions`, how many there are; `flips`, how many differ; `equal`, the share that does not; `equal_texts`, the
        share of texts without any flip; `largest_difference` of two logits.
    """
    turned = (first >= limits) != (second >= limits)
    return {
        "decisions": turned.size,
        "flips": int(turned.sum()),
        "equal": float(1 - turned.mean()),
        "equal_texts": float(1 - turned.any(axis=1).mean()),
        "largest_difference": float(np.abs(first - second).max()),
    }


def cuts(thresholds: Sequence[float]) -> Logits:
    """Return the logits of thresholds, which are probabilities from 0 to 1; infinite for 0 and 1."""
    limits = np.array(thresholds, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return (np.log(limits) - np.log1p(-limits)).astype(np.float32)
