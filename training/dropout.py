"""Dropout that draws its mask eight elements at a time.

PyTorch draws one random number for each element on a processor, on one core, and that is a tenth of the time of a
training step. Here each random byte decides about one element, so the rate is a multiple of 1/256.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["ByteDropout", "use_byte_dropout"]

LEVELS = 256
WORD_BYTES = 8
LARGEST_WORD = 2**63 - 1


class ByteDropout(nn.Module):
    """Like `nn.Dropout`: zeroes elements while training and scales up the others, so that the mean stays.

    Args:
        p: share of the elements that are dropped, 0 to below 1; rounded to a multiple of 1/256.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p must be from 0 to below 1, got {p!r}")
        self.p = p  # stock modules read it and drop by themselves
        self.dropped = min(round(p * LEVELS), LEVELS - 1)

    def forward(self, values: Tensor) -> Tensor:
        """Return `values` with some elements dropped; unchanged when not training."""
        if not self.training or not self.dropped:
            return values
        words = torch.randint(-LARGEST_WORD - 1, LARGEST_WORD, (-(-values.numel() // WORD_BYTES),), dtype=torch.int64)
        kept = words.view(torch.uint8)[: values.numel()].view(values.shape) >= self.dropped
        return values * (kept.to(values.dtype) * (LEVELS / (LEVELS - self.dropped)))


def use_byte_dropout(model: nn.Module) -> None:
    """Replace every `nn.Dropout` inside `model` by a `ByteDropout` of the same rate."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(module, name, ByteDropout(child.p))
