"""The order in which training rows are passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from transformers.trainer_pt_utils import LengthGroupedSampler

__all__ = ["EpochOrder"]

EPOCH_STRIDE = 1_000_003  # keeps the orders of neighbouring seeds apart


class EpochOrder(LengthGroupedSampler):
    """Rows of like length together; the order depends on the seed and the epoch and on nothing else.

    The library's sampler draws from the generator that dropout draws from too, so a run that goes on in the middle of
    an epoch would meet its rows in another order.

    Args:
        batch_size: rows in a batch.
        lengths: tokens of each row.
        seed: of the run.
        epoch: tells the number of the epoch that begins, from 0.
    """

    def __init__(self, batch_size: int, lengths: Sequence[int], seed: int, epoch: Callable[[], int]) -> None:
        super().__init__(batch_size, lengths=list(lengths))
        self.seed = seed
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        """Yield the indices of the rows."""
        self.generator = torch.Generator().manual_seed(self.seed + EPOCH_STRIDE * self.epoch())
        return iter(super().__iter__())  # type: ignore[no-untyped-call]
