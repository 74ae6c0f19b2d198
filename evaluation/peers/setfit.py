"""SetFit on the encoder that our models start from: it is fine-tuned on pairs of sentences, then logistic regression.

Pairs that share a topic are pulled together, others pushed apart. Source: L. Tunstall et al., "Efficient Few-Shot
Learning Without Prompts" (2022, arXiv:2209.11055), by way of its authors' library `setfit`. Three things differ from
that library's own recipe for many classes:

- It lists every pair of its sentences in memory, which for 20,000 sentences would be 200 million: it gets a sample
  with a like number of sentences of each topic, and of those without any.
- The number of steps is bounded, so that training ends on two cores.
- Its head has a fixed C and the threshold 0.5. Here both are chosen as for the other peers, but only on sentences that
  were in no pair: those in pairs look better to the head than new ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.evaluation.peers.frozen_e5 import MAX_TOKENS, PREFIX
from svodka.evaluation.peers.protocol import Floats
from svodka.evaluation.peers.vectors import Encode, VectorPeer, fit_on_vectors
from svodka.normalise import normalise

__all__ = ["Budget", "fit", "sample_for_pairs"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much contrastive training there is.

    Attributes:
        sentences: of which pairs are made, at most.
        steps: of the optimiser.
        pairs: in each step, half of them of sentences that share a topic.
        learning_rate: at its height, after a tenth of the steps.
        share: of the training sentences that may be in pairs, above 0 to 1. With 1 none is left to choose C and the
            threshold on but those in pairs, as where labels are few.
    """

    sentences: int = 4000
    steps: int = 300
    pairs: int = 16
    learning_rate: float = 2e-5
    share: float = 0.5


def fit(
    texts: Sequence[str],
    gold: Floats,
    topics: Sequence[str],
    seed: int,
    budget: Budget = Budget(),
    backbone: str | None = None,
) -> VectorPeer:
    """Train the peer; see `Fit`.

    Args:
        texts: the training sentences.
        gold: (n, t) of 1, 0 and -1; pairs are made only of sentences judged for every topic.
        topics: ids, in the order of the columns of `gold`.
        seed: of the sample, the training and the folds.
        budget: how much training.
        backbone: folder or Hub id of the encoder; None: the offline backbone.

    Raises:
        DataError: no pair of the sample shares a topic.
    """
    from svodka.training.backbone import OFFLINE_BACKBONE, backbone_folder

    chosen = sample_for_pairs(np.asarray(gold), min(budget.sentences, int(len(texts) * budget.share)), seed)
    labels = np.asarray(gold == 1)[chosen]
    if not len(chosen) or int(labels.sum(axis=0).max()) < 2:
        raise DataError(f"SetFit needs pairs of sentences that share a topic; none in a sample of {len(chosen)}")
    with _quiet():
        body = _sentence_transformer(backbone_folder(backbone or OFFLINE_BACKBONE))
        _train_on_pairs(body, [_prepared(texts[row]) for row in chosen], labels, budget, seed)
        unseen = np.ones(len(texts), dtype=bool)
        unseen[chosen] = False
        settings = {"encoder": backbone or OFFLINE_BACKBONE, "budget": asdict(budget), "in_pairs": len(chosen)}
        choosing = unseen if unseen.any() else None
        return fit_on_vectors(_encoder(body), texts, gold, topics, seed, settings, unseen=choosing)


def sample_for_pairs(gold: Floats, size: int, seed: int) -> NDArray[np.intp]:
    """Return the rows of at most `size` fully judged sentences, about as many of each topic and of none."""
    judged = np.flatnonzero((gold >= 0).all(axis=1))
    labels = gold[judged] == 1
    groups = [judged[column] for column in labels.T] + [judged[~labels.any(axis=1)]]
    draw = np.random.default_rng(seed)
    queues = [draw.permutation(rows) for rows in groups]
    turns = (queue[turn] for turn in range(len(gold)) for queue in queues if turn < len(queue))
    chosen: set[int] = set()
    for row in turns:
        if len(chosen) >= size:
            break
        chosen.add(int(row))
    return np.array(sorted(chosen), dtype=np.intp)


def _sentence_transformer(folder: str) -> Any:
    """Return the encoder with a mean over tokens."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    words = Transformer(folder, max_seq_length=MAX_TOKENS)
    return SentenceTransformer(
        modules=[words, Pooling(words.get_word_embedding_dimension(), pooling_mode="mean")], device="cpu"
    )


def _train_on_pairs(body: Any, texts: list[str], labels: NDArray[np.bool_], budget: Budget, seed: int) -> None:
    """Fine-tune the encoder where it is, with the library's own trainer."""
    import torch
    from setfit import SetFitModel, Trainer, TrainingArguments
    from transformers import PrinterCallback

    from svodka.training.fit import bf16_helps

    with tempfile.TemporaryDirectory() as folder, torch.autocast("cpu", torch.bfloat16, enabled=bf16_helps()):
        arguments = TrainingArguments(
            output_dir=folder,
            batch_size=budget.pairs,
            max_steps=budget.steps,
            body_learning_rate=budget.learning_rate,
            save_strategy="no",
            logging_strategy="no",
            logging_first_step=False,
            report_to="none",
            show_progress_bar=False,
            seed=seed,
        )
        model = SetFitModel(model_body=body, multi_target_strategy="one-vs-rest")
        trainer = Trainer(model=model, args=arguments)
        trainer.remove_callback(PrinterCallback)
        trainer.train_embeddings(texts, labels.astype(int).tolist(), args=arguments)
    body.eval()


def _encoder(body: Any) -> Encode:
    """Return the function from texts to their vectors."""
    import torch

    from svodka.training.fit import bf16_helps

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        ready = [_prepared(text) for text in texts]
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16_helps()):
            vectors = body.encode(ready, normalize_embeddings=True, show_progress_bar=False, convert_to_tensor=True)
        return np.asarray(vectors.float().numpy(), dtype=np.float32)

    return encode


def _prepared(text: str) -> str:
    """Return the text as the encoder reads it."""
    return PREFIX + normalise(text)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' notes about themselves off the screen."""
    from setfit import logging  # importing it makes it talkative

    from svodka.training.quiet import quiet_libraries

    logging.set_verbosity_error()
    with quiet_libraries():
        yield
