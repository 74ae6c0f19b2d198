"""Static vectors in the manner of model2vec: the mean of the word vectors that the model's encoder begins with.

Pieces of words are weighted by a / (a + p), where p is how often a piece stands in the training sentences (S. Arora,
Y. Liang, T. Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR 2017), as model2vec does.
Logistic regression is trained on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.bench.contenders.learned import Learned
from svodka.evaluation.bench.protocol import Contender, Job
from svodka.evaluation.labelled import read_labelled
from svodka.evaluation.peers.vectors import fit_on_vectors
from svodka.normalise import normalise

__all__ = ["StaticVectors", "prepare"]

WORD_VECTORS = "bert.embeddings.word_embeddings.weight"
FREQUENCY = 1e-3  # the a of the weights


class StaticVectors:
    """Gives each sentence the weighted mean of its pieces' vectors.

    Args:
        tokenizer: of the model.
        table: float32 (vocabulary, width), the vectors of the pieces, weighted already.
    """

    def __init__(self, tokenizer: Any, table: NDArray[np.float32]) -> None:
        self._tokenizer, self._table = tokenizer, table

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (n_texts, width); a text without pieces gets zeros."""
        means = np.zeros((len(texts), self._table.shape[1]), dtype=np.float32)
        for row, ids in enumerate(_pieces(self._tokenizer, texts)):
            if ids:
                means[row] = self._table[ids].mean(axis=0)
        return means


def prepare(job: Job) -> Contender:
    """Take the word vectors from the model's weights and train on the files of the job."""
    from safetensors import safe_open
    from tokenizers import Tokenizer

    folder = Path(job.model)
    rows = read_labelled([Path(name) for name in job.train], job.topics)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with safe_open(folder / "model.safetensors", framework="numpy") as weights:
        table = weights.get_tensor(WORD_VECTORS).astype(np.float32)
    counts = np.zeros(len(table))
    for ids in _pieces(tokenizer, rows.texts):
        np.add.at(counts, ids, 1)
    weight = FREQUENCY / (FREQUENCY + counts / max(counts.sum(), 1))
    encode = StaticVectors(tokenizer, table * weight[:, None].astype(np.float32))
    settings = {"vectors": "the encoder's own", "pooling": f"mean weighted by a / (a + p), a = {FREQUENCY}"}
    peer = fit_on_vectors(encode, rows.texts, rows.gold, job.topics, job.seed, settings)
    return Learned(peer, job.topics)


def _pieces(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each text's pieces, without special ones."""
    encoded = tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
    return [one.ids for one in encoded]
