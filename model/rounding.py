"""What becomes of weights, inputs and word vectors where they are rounded to few bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "ACTIVE_SMOOTHING",
    "LARGEST_INPUT",
    "LARGEST_STEP",
    "LARGEST_WEIGHT",
    "SMOOTHING",
    "Range",
    "coarse",
    "input_scale",
    "smoothing",
]

Array = npt.NDArray[np.float32]
# Weights take 7 bits of the 8: products of two neighbours then fit into 16 bits, as processors without VNNI
# instructions add them. Otherwise those would cut large sums off, and answer differently from the others.
LARGEST_WEIGHT = 63
LARGEST_INPUT = 255
# How much of the unevenness of its inputs goes into a product's weights: half of it, but most of it behind the
# activation, where few channels have values ten times as large as the others (tried on the weights of two models).
SMOOTHING = 0.5
ACTIVE_SMOOTHING = 0.8
LEAST = 1e-5
LARGEST_STEP = 7  # steps from -7 to 7
CLIPPING = np.linspace(0.6, 1.0, 17)  # of a word's largest value, which of these its largest step stands for


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and the largest value of each channel `(channels,)` that a product got as input."""

    low: Array
    high: Array


def coarse(table: Array) -> tuple[Array, Array]:
    """Return word vectors `(words, channels)` as steps of -7 to 7 and the scale of each word `(words, 1)`.

    Of a few scales each word has the one with the least mean square error. What is so rounded is not changed again.
    """
    largest = np.abs(table).max(axis=1, keepdims=True)
    best = np.full_like(largest, np.inf)
    scales, steps = np.ones_like(largest), np.zeros_like(table)
    for share in CLIPPING[::-1]:
        tried = np.where(largest > 0, largest * np.float32(share) / LARGEST_STEP, 1).astype(np.float32)
        rounded = np.clip(np.round(table / tried), -LARGEST_STEP, LARGEST_STEP)
        error = ((rounded * tried - table) ** 2).sum(axis=1, keepdims=True)
        better = error < best
        best, scales = np.where(better, error, best), np.where(better, tried, scales)
        steps = np.where(better, rounded, steps)
    return steps.astype(np.float32), scales.astype(np.float32)


def smoothing(seen: Range, matrices: Sequence[Array], share: float) -> Array:
    """Return the factor of each channel, between evening out the weights (`share` 0) and the inputs (1)."""
    inputs = np.maximum(np.maximum(-seen.low, seen.high), LEAST)
    weights = np.maximum(np.max([np.abs(matrix).max(axis=1) for matrix in matrices], axis=0), LEAST)
    factors = inputs**share / weights ** (1 - share)
    even: Array = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    return even


def input_scale(seen: Range, factors: Array) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """Return scale and zero point of the whole numbers 0 to 255 that stand for a product's inputs."""
    low = min(float((seen.low / factors).min()), 0.0)
    high = max(float((seen.high / factors).max()), low + LEAST)
    scale = (high - low) / LARGEST_INPUT
    return np.array(scale, np.float32), np.array(np.clip(round(-low / scale), 0, LARGEST_INPUT), np.uint8)
