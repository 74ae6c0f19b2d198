"""A tagger of three keyword rules, so that tests of inputs and outputs need no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

from svodka.output import TaggedDocument
from svodka.results import ArticlePrediction, Prediction, TaggedSentence
from svodka.source import ModelSource
from svodka.topics import Topic

# topic: title, English title, the piece of a word that gives it a score of 0.9, and one that gives 0.45
RULES = {
    "exercises": ("Учения", "Exercises", "учени", "манёвр"),
    "air_defence": ("ПВО и ПРО", "Air defence", "зенит", "радар"),
    "logistics": ("Тыл и обеспечение", "Logistics", "топлив", "склад"),
}
LONGEST = 200  # characters; more are truncated


class FakeTagger:
    """Gives a topic to every sentence with its keyword; thresholds are 0.5."""

    source = ModelSource("given", Path("my-model"))
    precision, device = "int8", "cpu"
    info = SimpleNamespace(digest="ab" * 32)
    topics = tuple(RULES)
    titles = tuple(Topic(id, ru, en, f"О теме «{ru}».", f"About {en}.") for id, (ru, en, _, _) in RULES.items())
    thresholds: Mapping[str, float] = dict.fromkeys(RULES, 0.5)

    def __init__(self) -> None:
        self.taken = 0

    def stream(
        self, texts: Iterable[str], thresholds: float | Mapping[str, float] | None = None
    ) -> Iterator[Prediction]:
        """Answer two sentences behind, as a tagger with batches does."""
        limits = dict(self.thresholds)
        limits.update(dict.fromkeys(RULES, thresholds) if isinstance(thresholds, float) else thresholds or {})
        batch: list[str] = []
        for text in texts:
            self.taken += 1
            batch.append(text)
            if len(batch) == 3:
                yield from (predict(each, limits) for each in batch)
                batch.clear()
        yield from (predict(each, limits) for each in batch)


def predict(text: str, limits: Mapping[str, float]) -> Prediction:
    """Apply the rules to one sentence."""
    scores = {
        topic: 0.9 if strong in text.lower() else 0.45 if weak in text.lower() else 0.02
        for topic, (_, _, strong, weak) in RULES.items()
    }
    topics = tuple(topic for topic in RULES if scores[topic] >= limits[topic])
    return Prediction(text, topics, scores, truncated=len(text) > LONGEST)


def tagged(name: str, sentences: Iterable[str], row: int | None = None, gaps: str = " ", score: float | None = None):
    """Return a document of these sentences with `gaps` between them, tagged by the rules or all with one score."""
    text, found = "", []
    for index, sentence in enumerate(sentences):
        text += gaps if text else ""
        prediction = predict(sentence, FakeTagger.thresholds)
        if score is not None:
            prediction = Prediction(sentence, (), dict.fromkeys(RULES, score), truncated=False)
        found.append(TaggedSentence(index, len(text), len(text) + len(sentence), prediction))
        text += sentence
    counts = Counter(topic for sentence in found for topic in sentence.prediction.topics)
    return TaggedDocument(name, row, ArticlePrediction(text, tuple(found), dict(counts.most_common())))
