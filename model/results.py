"""What the tagger answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["ArticlePrediction", "Prediction", "TaggedSentence", "article_prediction"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The topics of one text.

    Attributes:
        text: the text exactly as it was given.
        topics: ids of the topics at or above their thresholds, in the model's order; empty if there are none.
        scores: calibrated probability, 0 to 1, of every topic of the model, in the model's order.
        truncated: True if the text had more tokens than the model reads, so that its end was not seen.
    """

    text: str
    topics: tuple[str, ...]
    scores: Mapping[str, float]
    truncated: bool


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """One sentence of an article.

    Attributes:
        index: place of the sentence in the article, from 0.
        start: offset of its first character in the article's original text.
        end: offset behind its last character; `article[start:end] == prediction.text`.
        prediction: its topics.
    """

    index: int
    start: int
    end: int
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class ArticlePrediction:
    """The tagged sentences of one article.

    Attributes:
        text: the article exactly as it was given.
        sentences: its sentences in order.
        topics: number of sentences that carry each topic, most frequent first (ties: the model's order);
            topics that no sentence carries are left out.
    """

    text: str
    sentences: tuple[TaggedSentence, ...]
    topics: Mapping[str, int]


def article_prediction(text: str, sentences: Iterable[TaggedSentence], topics: Sequence[str]) -> ArticlePrediction:
    """Put the tagged sentences of an article together and count its topics; `topics` are the model's, in its order."""
    tagged = tuple(sentences)
    counts = Counter(topic for sentence in tagged for topic in sentence.prediction.topics)
    ordered = sorted(counts, key=lambda topic: (-counts[topic], topics.index(topic)))
    return ArticlePrediction(text, tagged, {topic: counts[topic] for topic in ordered})
