"""A frozen encoder: multilingual-e5-small, as our models start from it, and logistic regression.

What it lacks against svodka's own models is fine-tuning: the same encoder, the same mean over tokens, the same prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.peers.protocol import Floats
from svodka.evaluation.peers.vectors import Encode, VectorPeer, fit_on_vectors
from svodka.normalise import normalise

__all__ = ["MAX_TOKENS", "PREFIX", "fit", "load_encoder"]

PREFIX = "query: "  # the encoder was trained with it
MAX_TOKENS = 128
BATCH = 32


def fit(texts: Sequence[str], gold: Floats, topics: Sequence[str], seed: int) -> VectorPeer:
    """Train the peer; see `Fit`."""
    from svodka.training.backbone import OFFLINE_BACKBONE, backbone_folder

    settings = {"encoder": OFFLINE_BACKBONE, "pooling": "mean", "max_tokens": MAX_TOKENS, "bf16": _bf16()}
    return fit_on_vectors(load_encoder(backbone_folder(OFFLINE_BACKBONE)), texts, gold, topics, seed, settings)


def load_encoder(folder: str) -> Encode:
    """Return a function from texts to their vectors of length 1, by the BERT in `folder`."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from svodka.training.quiet import quiet_libraries

    with quiet_libraries():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        ready = [PREFIX + normalise(text) for text in texts]
        order = sorted(range(len(ready)), key=lambda place: len(ready[place]))  # little padding in each batch
        vectors = np.zeros((len(ready), model.config.hidden_size), dtype=np.float32)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=_bf16()):
            for begin in range(0, len(order), BATCH):
                rows = order[begin : begin + BATCH]
                vectors[rows] = _mean_vectors(model, tokenizer, [ready[row] for row in rows])
        return vectors

    return encode


def _mean_vectors(model: Any, tokenizer: Any, texts: list[str]) -> NDArray[np.float32]:
    """Return the mean of each text's last layer, padding left out, scaled to length 1."""
    batch = tokenizer(
        texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt", return_token_type_ids=False
    )
    mask = batch["attention_mask"].unsqueeze(-1)
    hidden = (model(**batch).last_hidden_state.float() * mask).sum(1) / mask.sum(1)
    vectors: NDArray[np.float32] = (hidden / hidden.norm(dim=1, keepdim=True)).numpy()
    return vectors


def _bf16() -> bool:
    """Return whether the encoder computes in bfloat16, by the same rule as our own training."""
    from svodka.training.fit import bf16_helps

    return bf16_helps()
