"""Word vectors in 4 bits: most of a small encoder's file are word vectors, and they need not be finer than that.

They are rounded before training and stay as they are, so that all other weights learn to live with them. Each word has
a scale of its own, the one with the least mean square error; see `svodka.rounding.coarse`.
"""

from __future__ import annotations

import torch
from transformers import BertModel

from svodka.graph import COARSE_KEY
from svodka.rounding import coarse

__all__ = ["COARSE", "settle_words"]

COARSE = 4


def settle_words(bert: BertModel, bits: int) -> None:
    """Round the word vectors of an encoder to 4 bits, and train them no more; or, with 8 bits, let them learn.

    The encoder may come from a model with word vectors of either kind.
    """
    if bits != COARSE:
        if hasattr(bert.config, COARSE_KEY):
            delattr(bert.config, COARSE_KEY)
        return
    weight = bert.embeddings.word_embeddings.weight
    steps, scales = coarse(weight.detach().float().numpy())
    with torch.no_grad():
        weight.copy_(torch.from_numpy(steps * scales))
    weight.requires_grad_(False)
    setattr(bert.config, COARSE_KEY, True)
