"""Systems that learn one topic from the same few rows, for `svodka.training.few_labels`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svodka.errors import ConfigError
from svodka.evaluation.peers.protocol import FittedPeer
from svodka.training.quick_features import Placed
from svodka.training.quick_head import fit_quick_head

__all__ = ["NEGATIVES", "SYSTEMS", "Answer", "Draw", "Setting", "draw_rows"]

NEGATIVES = 5  # for each positive
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all draws share.

    Attributes:
        topics: ids, in the order of the definitions.
        texts: the rows that are drawn from.
        measured_texts: the rows that figures come from.
        placed: `texts` in the space of quick features.
        measured: `measured_texts` there.
        defined: the definitions of the topics there.
        setfit_steps: how long SetFit trains.
    """

    topics: Sequence[str]
    texts: Sequence[str]
    measured_texts: Sequence[str]
    placed: Placed
    measured: Placed
    defined: Placed
    setfit_steps: int


@dataclass(frozen=True, slots=True)
class Draw:
    """The rows that a system learns a topic from: their places, (n,), and 1 or 0 for each, (n,)."""

    topic: str
    seed: int
    places: NDArray[np.intp]
    labels: NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Answer:
    """Probabilities of the measured rows, (m,), and from which on the topic is given."""

    probabilities: Floats
    threshold: float


def draw_rows(column: Floats, topic: str, positives: int, seed: int) -> Draw:
    """Draw so many rows with a topic, and five times as many without it; a smaller draw lies within a larger one.

    Args:
        column: (n,) of 1, 0, and -1 for not judged, which is never drawn.
        topic: its id.
        positives: how many with the topic.
        seed: of the draw.

    Raises:
        ConfigError: there are too few.
    """
    draw = np.random.default_rng(seed)
    with_it, without = (draw.permutation(np.flatnonzero(column == label)) for label in (1, 0))
    negatives = NEGATIVES * positives
    if len(with_it) < positives or len(without) < negatives:
        raise ConfigError(
            f"{topic}: {positives} rows with it and {negatives} without are asked for, but there are only "
            f"{len(with_it)} and {len(without)}"
        )
    places = np.concatenate([with_it[:positives], without[:negatives]])
    return Draw(topic, seed, places, np.repeat([1, 0], [positives, negatives]))


def _quick(setting: Setting, draw: Draw) -> Answer:
    """Learn as `svodka suggest --new-topic` does."""
    return _by_head(setting, draw, setting.placed.rows(draw.places), setting.measured)


def _quick_words(setting: Setting, draw: Draw) -> Answer:
    """Learn in the same way without an encoder."""
    return _by_head(
        setting, draw, setting.placed.rows(draw.places).without_vectors(), setting.measured.without_vectors()
    )


def _by_head(setting: Setting, draw: Draw, rows: Placed, measured: Placed) -> Answer:
    own = setting.topics.index(draw.topic)
    features = rows.features(rows.likeness(setting.defined)[:, own])
    head = fit_quick_head(features, draw.labels, draw.topic, draw.seed)
    asked = measured.features(measured.likeness(setting.defined)[:, own])
    return Answer(head.predict_proba(asked)[:, 0], head.thresholds[draw.topic])


def _tfidf(setting: Setting, draw: Draw) -> Answer:
    from svodka.evaluation.peers import tfidf

    return _by_peer(tfidf.fit(*_rows(setting, draw), [draw.topic], draw.seed), setting, draw)


def _setfit(setting: Setting, draw: Draw) -> Answer:
    """Train SetFit as its authors do with few labels: all rows in pairs, and all of them for the head."""
    from svodka.evaluation.peers import setfit

    budget = setfit.Budget(steps=setting.setfit_steps, share=1.0)
    return _by_peer(setfit.fit(*_rows(setting, draw), [draw.topic], draw.seed, budget), setting, draw)


def _rows(setting: Setting, draw: Draw) -> tuple[list[str], Floats]:
    return [setting.texts[place] for place in draw.places], draw.labels.astype(np.float64)[:, None]


def _by_peer(peer: FittedPeer, setting: Setting, draw: Draw) -> Answer:
    return Answer(peer.predict_proba(setting.measured_texts)[:, 0], peer.thresholds[draw.topic])


SYSTEMS: Mapping[str, Callable[[Setting, Draw], Answer]] = {
    "quick": _quick,
    "quick-words": _quick_words,
    "tfidf": _tfidf,
    "setfit": _setfit,
}
