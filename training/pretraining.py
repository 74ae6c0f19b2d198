"""Training of the encoder before it is fine-tuned, on the same rows or on unlabelled text.

- `masked`: it learns to guess words that are hidden from it (J. Devlin et al. 2019, arXiv:1810.04805), on text of the
  field (S. Gururangan et al. 2020, arXiv:2004.10964).
- `contrastive`: it learns to give sentences with the same topics like vectors (`svodka.training.contrastive`).

Both have a loop of their own, without checkpoints, so they are for trials only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import BertModel, DataCollatorForLanguageModeling, get_scheduler, set_seed
from transformers.models.bert.modeling_bert import BertLMPredictionHead

from svodka.errors import ConfigError
from svodka.training.classifier import SentenceClassifier
from svodka.training.contrastive import contrastive_loss
from svodka.training.fit import bf16_helps
from svodka.training.row_order import EpochOrder
from svodka.training.tokenised import TokenisedRows, collate

__all__ = ["PretrainingSettings", "pretrain_contrastive", "pretrain_masked"]

MASK_PROBABILITY = 0.15  # as in the source
WARMUP = 0.1
IGNORE_INDEX = -100  # the library's mark


@dataclass(frozen=True, slots=True)
class PretrainingSettings:
    """How long and how fast the encoder learns.

    Attributes:
        steps: of AdamW.
        batch_size: sentences in a step.
        learning_rate: at its height, after a tenth of the steps.
        seed: of the order, of the words that are hidden, and of dropout.
    """

    steps: int
    batch_size: int
    learning_rate: float
    seed: int


def pretrain_masked(
    bert: BertModel, tokenizer: Any, ids: Sequence[Sequence[int]], settings: PretrainingSettings
) -> float:
    """Let the encoder guess hidden tokens; return the mean loss of the last tenth of the steps, in nats a token.

    Args:
        bert: it is changed.
        tokenizer: its own, of transformers. Without a mask token, a hidden word is one that it does not know.
        ids: token ids of the sentences, special tokens included.
        settings: how long and how fast.

    Raises:
        ConfigError: the tokenizer has neither a mask token nor one for the unknown.
    """
    hiding = deepcopy(tokenizer)  # it is saved later, as it was
    hiding.mask_token = hiding.mask_token or hiding.unk_token
    if hiding.mask_token is None:
        raise ConfigError("pretraining: 'masked' needs a backbone whose tokenizer has a mask token, or an unknown one")
    set_seed(settings.seed)
    head = BertLMPredictionHead(bert.config).to(bert.device)  # type: ignore[no-untyped-call]
    nn.init.normal_(head.transform.dense.weight, std=bert.config.initializer_range)
    for bias in (head.transform.dense.bias, head.decoder.bias):
        nn.init.zeros_(bias)
    # The output is the table of word vectors, as in BERT: what is learned of one is learned of the other.
    head.decoder.weight = bert.embeddings.word_embeddings.weight
    hide = DataCollatorForLanguageModeling(hiding, mlm_probability=MASK_PROBABILITY, seed=settings.seed)

    def loss(rows: list[int]) -> Tensor:
        batch = hide([{"input_ids": list(ids[row])} for row in rows]).to(bert.device)
        labels = batch.pop("labels")
        guessed = labels != IGNORE_INDEX
        logits = head(bert(**batch).last_hidden_state[guessed])
        # A batch of short sentences may have nothing hidden; a mean over nothing would be no number.
        total: Tensor = nn.functional.cross_entropy(logits.float(), labels[guessed], reduction="sum")
        return total / max(1, int(guessed.sum()))

    return _learn(nn.ModuleList([bert, head]), loss, [len(row) for row in ids], settings)


def pretrain_contrastive(
    model: SentenceClassifier,
    ids: Sequence[Sequence[int]],
    labels: npt.NDArray[np.float32],
    pad_id: int,
    settings: PretrainingSettings,
) -> float:
    """Let the encoder give sentences with the same topics like vectors; return the mean loss at the end, in nats.

    Args:
        model: its encoder is changed; it tells how vectors are pooled, and its topic head is left alone.
        ids: token ids of n sentences, special tokens included.
        labels: (n, n_topics) of 1, 0, or -1 for not judged; a row that is not judged for every topic is left out.
        pad_id: id of the padding.
        settings: how long and how fast.

    Raises:
        ConfigError: no two rows that are judged for every topic have one in common.
    """
    judged = np.flatnonzero((labels >= 0).all(axis=1)).tolist()
    if not judged or (labels[judged] == 1).sum(axis=0).max() < 2:
        raise ConfigError("pretraining: 'contrastive' needs rows with a topic in common, judged for every topic")
    set_seed(settings.seed)
    rows = TokenisedRows([ids[place] for place in judged], labels[judged])
    bert = model.bert

    def loss(places: list[int]) -> Tensor:
        batch = {key: value.to(bert.device) for key, value in collate(pad_id, [rows[i] for i in places]).items()}
        known = batch.pop("labels")
        vectors = model.vectors(**batch)
        with torch.autocast(bert.device.type, enabled=False):
            return contrastive_loss(vectors, known)

    return _learn(bert, loss, rows["length"], settings)


def _learn(
    module: nn.Module, loss_of: Callable[[list[int]], Tensor], lengths: Sequence[int], settings: PretrainingSettings
) -> float:
    """Take the steps; return the mean loss of the last tenth of them."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=settings.learning_rate, weight_decay=0.01)
    schedule = get_scheduler("linear", optimizer, round(WARMUP * settings.steps), settings.steps)
    device = next(module.parameters()).device
    module.train()
    losses = []
    for rows in islice(_batches(lengths, settings), settings.steps):
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16_helps()):
            loss = loss_of(rows)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    module.train(mode=False)
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)


def _batches(lengths: Sequence[int], settings: PretrainingSettings) -> Iterator[list[int]]:
    """Give batches of rows of about one length, pass after pass, without end."""
    for epoch in count():
        order = list(EpochOrder(settings.batch_size, list(lengths), settings.seed, partial(int, epoch)))
        for start in range(0, len(order), settings.batch_size):
            yield order[start : start + settings.batch_size]
