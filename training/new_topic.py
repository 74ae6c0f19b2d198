"""Sentences to label first for a topic that no model knows yet.

Before anything is labelled, sentences are ranked by how like they are to the topic's title and definition (zero-shot).
That is a way to find the first examples and no more: nothing says where the topic begins. With two labelled sentences
that have it and two that have it not, a quick classifier takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svodka.errors import ConfigError, did_you_mean
from svodka.topics import Topic, load_topics
from svodka.training.acquisition import doubts
from svodka.training.loading import label_vector
from svodka.training.quick_features import learn_space, told
from svodka.training.quick_head import LEAST, fit_quick_head
from svodka.training.rows import read_rows
from svodka.training.sentence_vectors import Encoder, vectors_of
from svodka.training.texts import read_texts

__all__ = ["NewTopic", "Ranking", "find_new_topic", "rank_for_new_topic"]

Floats = NDArray[np.float64]
MOST_TEXTS = 20_000  # of the inputs, from which words are learned
SAMPLE = 500  # of svodka's own sentences, so that the middle of all vectors does not depend on a few inputs


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic to be labelled for the first time.

    Attributes:
        topic: itself.
        others: topics that it has to be told from: those of its file and those of the model.
    """

    topic: Topic
    others: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What is known of n sentences with regard to the new topic.

    Attributes:
        likeness: to its definition, -1 to 1; only their order means something.
        priority: of labelling, 0 or more.
        probability: of the quick classifier; None if too little is labelled for one.
        threshold: from which probability on the classifier gives the topic; 0.5 without one.
        labelled: number of labelled sentences with the topic and without it.
    """

    likeness: Floats
    priority: Floats
    probability: Floats | None
    threshold: float
    labelled: tuple[int, int]


def find_new_topic(path: Path, topic_id: str, known: Sequence[Topic]) -> NewTopic:
    """Return a topic of a YAML file that the model does not know.

    Raises:
        ConfigError: the file is wrong, has no such topic, or the model knows it already.
    """
    topics = load_topics(path)
    ids = [topic.id for topic in topics]
    if topic_id not in ids:
        hint = did_you_mean(topic_id, ids) or f" (its topics: {', '.join(ids)})"
        raise ConfigError(f"--new-topic {topic_id}: {path} has no such topic{hint}")
    if topic_id in [topic.id for topic in known]:
        raise ConfigError(f"--new-topic {topic_id}: the model knows this topic; ask for it with --topic {topic_id}")
    others = {topic.id: topic for topic in (*known, *topics) if topic.id != topic_id}
    return NewTopic(topics[ids.index(topic_id)], tuple(others.values()))


def rank_for_new_topic(new: NewTopic, texts: Sequence[str], labelled: Sequence[Path], encoder: Encoder) -> Ranking:
    """Rank sentences for labelling.

    Args:
        new: the topic.
        texts: the sentences, at least one.
        labelled: files of labelled rows; those in which somebody judged the new topic teach the quick classifier.
        encoder: of sentences.

    Raises:
        DataError: a file is missing or a row of it is wrong.
    """
    judged = _judged(new, labelled)
    background = _own_texts()
    vectors = vectors_of(texts, encoder)
    own_vectors = vectors_of(background[:: max(1, len(background) // SAMPLE)], encoder)
    space = learn_space([*background, *texts[:MOST_TEXTS]], np.concatenate([own_vectors, vectors]))
    definitions = [told(topic) for topic in (new.topic, *new.others)]
    defined = space.place(definitions, vectors_of(definitions, encoder))
    placed = space.place(texts, vectors)
    likeness = placed.likeness(defined)[:, 0]
    labels = np.array([label for _, label in judged])
    counts = (int((labels == 1).sum()), int((labels == 0).sum()))
    if min(counts) < LEAST:
        return Ranking(likeness, likeness.clip(0), None, 0.5, counts)
    taught_texts = [text for text, _ in judged]
    taught = space.place(taught_texts, vectors_of(taught_texts, encoder))
    head = fit_quick_head(taught.features(taught.likeness(defined)[:, 0]), labels, new.topic.id)
    probability = head.predict_proba(placed.features(likeness))[:, 0]
    threshold = head.thresholds[new.topic.id]
    return Ranking(likeness, doubts(probability[:, None], [threshold])[:, 0], probability, threshold, counts)


def _judged(new: NewTopic, files: Sequence[Path]) -> list[tuple[str, float]]:
    """Return the sentences that somebody judged for the new topic, with 1 if they have it, else 0."""
    ids = [new.topic.id, *(topic.id for topic in new.others)]
    rows = [row for path in files for row in read_rows(path, ids)]
    return [(row.text, label) for row in rows if (label := label_vector(row, ids)[0]) >= 0]


def _own_texts() -> list[str]:
    """Return svodka's own training sentences, of which only the words are used."""
    return read_texts(Path(str(resources.files("svodka.training") / "data" / "train.jsonl")))
