"""Adversarial training: each step also learns on weights that were moved where it hurts most.

- `moved`: the word vectors. Miyato et al. 2017, arXiv:1605.07725. They move the vectors of each sentence by themselves;
  here the table of all word vectors moves, once for the sentences of a step, which needs no change of the model and is
  the same in all processes.
- `perturbed`: the encoder's products, each by a share of its own length. Wu et al. 2020, arXiv:2004.05884. They use
  only what is learned on the moved weights; here it is added to what the step learns anyway, as for word vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from svodka.training.restored import restored

__all__ = ["moved", "perturbed"]


@contextmanager
def moved(weight: Tensor, length: float) -> Iterator[None]:
    """Move `weight` by `length` along its gradient for a while; afterwards it is back, to the bit."""
    with restored([weight]):
        _move(weight, length)
        yield


@contextmanager
def perturbed(weights: Sequence[Tensor], share: float) -> Iterator[None]:
    """Move each of `weights` along its gradient by `share` of its length for a while; then all are back, to the bit."""
    with restored(weights):
        for weight in weights:
            _move(weight, share * float(weight.detach().norm()))
        yield


def _move(weight: Tensor, length: float) -> None:
    """Move `weight` by `length` along its gradient, if it has one."""
    if weight.grad is None:
        return
    with torch.no_grad():
        norm = weight.grad.norm().clamp(min=torch.finfo(weight.dtype).tiny)
        weight.add_(weight.grad * (length / norm))
