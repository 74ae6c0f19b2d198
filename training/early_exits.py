"""Fit the exits by which easy sentences leave a network before its last layer.

An exit is a small head over one layer's tokens. It learns what the whole network answers, and sentences leave by it if
it is sure of every topic. How sure it must be is found on held-out sentences: so sure that hardly any decision turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from svodka.engine import batches_of_equal_length
from svodka.graph import EXIT_RANGE, Exit
from svodka.training.classifier import SentenceClassifier

__all__ = ["ExitPlan", "FittedExit", "fit_exits", "thinned"]

FloatArray = npt.NDArray[np.float32]
TokenIds = Callable[[Sequence[str]], Sequence[Sequence[int]]]
WHERE = (0.25, 0.5, 0.75)  # of the layers
WIDTH = 128
# More sentences than that teach an exit little, and tell little more of how sure it must be.
MOST_LESSONS, MOST_HELD = 20_000, 5_000
# With fewer decisions that may turn, there are too few to say how sure an exit must be.
FEWEST_TURNS = 5
# An exit by which fewer leave is not worth its time.
LEAST_LEAVING = 0.05
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 20, 256, 2e-3, 0.01, 0.1
EPSILON = 1e-4


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """What exits are made from.

    Attributes:
        lessons: sentences that the exits learn from; of many, 20,000 from everywhere are taken.
        held: other sentences, on which it is found how sure each exit must be; of many, 5,000.
        most_turned: share of the decisions on `held` that each exit may turn, 0 to below 1; with 0, or where `held`
            is too small to tell, there are no exits.
        seed: of an exit's beginning, and of the order of its lessons.
    """

    lessons: Sequence[str]
    held: Sequence[str]
    most_turned: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class FittedExit:
    """An exit and what it did on the held-out sentences.

    Attributes:
        exit: the exit.
        held: number of the held-out sentences.
        leaving: share of them that left by it.
        turned: share of all decisions that it turned.
    """

    exit: Exit
    held: int
    leaving: float
    turned: float

    def to_dict(self) -> dict[str, float]:
        """Return layer, bar, and what happened on how many sentences."""
        shares = {"leaving": round(self.leaving, 4), "turned": round(self.turned, 5)}
        return {"layer": self.exit.layer, "bar": round(self.exit.bar, 4), "sentences": self.held, **shares}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the network makes of sentences.

    Attributes:
        pooled: mean and maximum of the tokens behind each layer in question `(n, 2 * hidden)`.
        logits: the answers `(n, topics)`.
    """

    pooled: dict[int, FloatArray]
    logits: FloatArray


def fit_exits(
    model: SentenceClassifier, plan: ExitPlan, ids: TokenIds, cut: npt.NDArray[np.float64]
) -> list[FittedExit]:
    """Return exits behind a quarter, half and three quarters of the layers, as far as they are worth it.

    Args:
        model: the trained classifier, its calibration folded in.
        plan: what they are made from.
        ids: turns texts into token ids.
        cut: logit of each topic's threshold `(topics,)`.
    """
    of = int(model.config.num_hidden_layers)
    layers = sorted({layer for share in WHERE if 0 < (layer := round(share * of)) < of})
    held = thinned(plan.held, MOST_HELD)
    allowed = int(plan.most_turned * len(held) * len(cut))
    if not layers or not plan.lessons or allowed < FEWEST_TURNS:
        return []
    shown = _look(model, ids(held), layers)
    taught = _look(model, ids(thinned(plan.lessons, MOST_LESSONS)), layers)
    staying, fitted, limits = np.ones(len(held), dtype=bool), [], cut.astype(np.float32)
    for layer in layers:
        if staying.mean() < LEAST_LEAVING:
            break
        head = _learn(taught.pooled.pop(layer), taught.logits, plan.seed)
        early = head.logits(shown.pooled.pop(layer))
        bar, turned = _bar(early[staying], shown.logits[staying], cut, allowed)
        leaving = staying & (sureness(early, limits) > bar)
        if leaving.mean() >= LEAST_LEAVING:
            told = (len(held), float(leaving.mean()), turned / shown.logits.size)
            fitted.append(FittedExit(head.to_exit(layer, cut, bar), *told))
            staying &= ~leaving
    return fitted


def sureness(logits: FloatArray, cut: FloatArray) -> FloatArray:
    """Return how far the topic nearest to its threshold is from it, in logits `(n_texts,)`."""
    nearest: FloatArray = np.abs(logits - cut).min(axis=1)
    return nearest


def thinned(texts: Sequence[str], most: int) -> Sequence[str]:
    """Return at most so many of the texts, from everywhere."""
    return texts[:: max(1, -(-len(texts) // most))]


def _look(model: SentenceClassifier, ids: Sequence[Sequence[int]], layers: Sequence[int]) -> _Seen:
    width = 2 * int(model.config.hidden_size)
    pooled = {layer: np.zeros((len(ids), width), dtype=np.float32) for layer in layers}
    logits = np.zeros((len(ids), model.head.out_features), dtype=np.float32)
    with torch.inference_mode():
        for batch in batches_of_equal_length([len(row) for row in ids]):
            rows = torch.tensor([list(ids[i]) for i in batch])
            mask = torch.ones_like(rows)
            states = model.bert(input_ids=rows, attention_mask=mask, output_hidden_states=True).hidden_states
            logits[batch] = model.head(model.pool(states[-1], mask)).numpy()
            for layer in layers:
                both = torch.cat([states[layer].mean(dim=1), states[layer].amax(dim=1)], dim=1)
                pooled[layer][batch] = both.numpy()
    return _Seen(pooled, logits)


class _Head(nn.Module):
    """An exit's head while it learns."""

    def __init__(self, center: Tensor, scale: Tensor, n_topics: int) -> None:
        super().__init__()
        self.center, self.scale = center, scale
        self.inner = nn.Linear(len(center), WIDTH)
        self.outer = nn.Linear(WIDTH, n_topics)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, pooled: Tensor) -> Tensor:
        """Return the logits `(n, topics)`."""
        even = ((pooled - self.center) / self.scale).clamp(-EXIT_RANGE, EXIT_RANGE)
        logits: Tensor = self.outer(nn.functional.gelu(self.inner(self.dropout(even))))
        return logits

    def logits(self, pooled: FloatArray) -> FloatArray:
        """Return the logits `(n, topics)`."""
        with torch.inference_mode():
            answers: FloatArray = self(torch.from_numpy(pooled)).numpy()
        return answers

    def to_exit(self, layer: int, cut: npt.NDArray[np.float64], bar: float) -> Exit:
        """Return what was learned, as the graph takes it."""
        inner, outer = ((one.weight.detach().numpy(), one.bias.detach().numpy()) for one in (self.inner, self.outer))
        return Exit(layer, self.center.numpy(), self.scale.numpy(), inner, outer, cut.astype(np.float32), bar)


def _learn(pooled: FloatArray, logits: FloatArray, seed: int) -> _Head:
    """Fit a head to the network's probabilities, by cross-entropy."""
    center, scale = pooled.mean(axis=0, dtype=np.float64), pooled.std(axis=0, dtype=np.float64) + EPSILON
    given, wanted = torch.from_numpy(pooled), torch.sigmoid(torch.from_numpy(logits))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = _Head(torch.from_numpy(center).float(), torch.from_numpy(scale).float(), logits.shape[1])
        optimizer: Any = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
        steps = EPOCHS * -(-len(pooled) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
        for _ in range(EPOCHS):
            order = torch.randperm(len(pooled))
            for begin in range(0, len(pooled), BATCH):
                rows = order[begin : begin + BATCH]
                loss = nn.functional.binary_cross_entropy_with_logits(head(given[rows]), wanted[rows])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
    return head.eval()


def _bar(early: FloatArray, late: FloatArray, cut: npt.NDArray[np.float64], allowed: int) -> tuple[float, int]:
    """Return the lowest bar with which the sentences that leave have at most `allowed` turned decisions, and these.

    It is never below what was seen: who is less sure than every sentence here stays.
    """
    sure = sureness(early, cut.astype(np.float32))
    order = np.argsort(-sure, kind="stable")
    turned = np.cumsum(((early >= cut) != (late >= cut)).sum(axis=1)[order])
    count = int(np.searchsorted(turned, allowed, side="right"))  # so many of the surest sentences may leave
    if count == 0:
        return float("inf"), 0
    last = order[min(count, len(order) - 1)]
    return float(sure[last]), int(turned[count - 1])
