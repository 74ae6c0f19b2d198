"""The order in which training rows are passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from transformers.trainer_pt_utils import LengthGroupedSampler

__all__ = ["EpochOrder", "padding_share"]

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


def padding_share(lengths: Sequence[int], order: EpochOrder) -> float:
    """Return which share, 0 to below 1, of the tokens of a pass is padding: a batch is as wide as its longest row.

    Args:
        lengths: tokens of each row, at least one row.
        order: in which the rows are passed over.
    """
    rows = list(order)
    batches = [rows[i : i + order.batch_size] for i in range(0, len(rows), order.batch_size)]
    padded = sum(max(lengths[row] for row in batch) * len(batch) for batch in batches)
    return 1 - sum(lengths) / padded
