"""Change weights for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

__all__ = ["restored"]


@contextmanager
def restored(weights: Sequence[Tensor]) -> Iterator[None]:
    """Whatever happens to the weights in between, afterwards they are as before, to the bit."""
    kept = [weight.detach().clone() for weight in weights]
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, before in zip(weights, kept, strict=True):
                weight.copy_(before)
