"""Adversarial training: each step also learns on word vectors that were moved where it hurts most.

Miyato et al. 2017, arXiv:1605.07725. They move the vectors of each sentence by themselves; here the table of all word
vectors moves, once for the sentences of a step, which needs no change of the model and is the same in all processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from svodka.training.restored import restored

__all__ = ["moved"]


@contextmanager
def moved(weight: Tensor, length: float) -> Iterator[None]:
    """Move `weight` by `length` along its gradient for a while; afterwards it is back, to the bit."""
    with restored([weight]):
        with torch.no_grad():
            if weight.grad is not None:
                norm = weight.grad.norm().clamp(min=torch.finfo(weight.dtype).tiny)
                weight.add_(weight.grad * (length / norm))
        yield
