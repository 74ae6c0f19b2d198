"""Measure what the products of a network get as inputs, so that the 8-bit graph can round them with fixed scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from svodka.providers import new_session
from svodka.rounding import Range

if TYPE_CHECKING:
    import onnx

__all__ = ["measure_ranges"]


def measure_ranges(probed: onnx.ModelProto, ids: Sequence[Sequence[int]]) -> dict[str, Range]:
    """Return the range of every product's inputs over all tokens of some texts.

    Args:
        probed: a float32 graph that `build_graph` made with `probes`.
        ids: token ids of the texts, at least one; a few hundred texts of the kind that will be tagged.
    """
    session = new_session(probed.SerializeToString())
    names = [output.name for output in session.get_outputs() if output.name != "logits"]
    ranges: dict[str, Range] = {}
    for row in ids:
        values = session.run(names, {"input_ids": np.array([row], dtype=np.int64)})
        for name, value in zip(names, values, strict=True):
            low, high = value[0].min(axis=0), value[0].max(axis=0)
            if (seen := ranges.get(name)) is not None:
                low, high = np.minimum(low, seen.low), np.maximum(high, seen.high)
            ranges[name] = Range(low, high)
    return ranges
