"""Rows as token ids, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from svodka.training.token_ids import TokenIds

if TYPE_CHECKING:
    import datasets

__all__ = ["TokenisedRows", "collate", "tokenise"]


class TokenisedRows(Dataset[dict[str, Any]]):
    """Rows as token ids and labels (1, 0, or -1 for not judged), with the lengths that batches are sorted by.

    A teacher's vectors `(n, width)` may be given too, NaN where there is none.
    """

    def __init__(
        self,
        ids: Sequence[Sequence[int]],
        labels: npt.NDArray[np.float32],
        vectors: npt.NDArray[np.float16] | None = None,
    ) -> None:
        self.ids = ids
        self.labels = labels
        self.vectors = vectors
        self.column_names = ["input_ids", "labels", "length"]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, key: int | str) -> Any:
        if key == "length":
            return [len(row) for row in self.ids]
        taught = {} if self.vectors is None else {"vectors": self.vectors[int(key)]}
        return {"input_ids": self.ids[int(key)], "labels": self.labels[int(key)], **taught}


def tokenise(rows: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_tokens: int) -> TokenisedRows:
    """Return normalised, tokenised rows of a split with the columns `text` and `labels`."""
    ids = TokenIds(tokenizer, max_tokens)(rows["text"])
    return TokenisedRows(ids, np.asarray(rows["labels"], dtype=np.float32))


def collate(pad_id: int, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Pad a batch to its longest row."""
    width = max(len(row["input_ids"]) for row in rows)
    ids = torch.full((len(rows), width), pad_id)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        n = len(row["input_ids"])
        ids[i, :n] = torch.as_tensor(row["input_ids"])
        mask[i, :n] = 1
    batch = {"input_ids": ids, "attention_mask": mask}
    for key in ("labels", "vectors"):
        if key in rows[0]:
            batch[key] = torch.from_numpy(np.stack([row[key] for row in rows])).float()
    return batch
