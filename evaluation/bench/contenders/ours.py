"""svodka itself: whole texts as `svodka tag` reads them, a list of sentences, or one sentence after the other."""

from __future__ import annotations

from collections.abc import Sequence

from svodka.cli.pipeline import tag_documents
from svodka.documents import Document
from svodka.evaluation.bench.protocol import Answers, Contender, Job
from svodka.tagger import Tagger

__all__ = ["Articles", "Sentences", "Single", "prepare"]


class Sentences(Contender):
    """Takes a list of sentences."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def tag(self, texts: Sequence[str]) -> Answers:
        """Tag sentences as a stream."""
        return [prediction.topics for prediction in self._tagger.stream(texts)]


class Articles(Sentences):
    """Takes whole texts, by the path of `svodka tag`: splitting, tokenising, batching, thresholds."""

    def tag(self, texts: Sequence[str]) -> Answers:
        """Split texts and tag their sentences."""
        documents = (Document("text", None, text, 0) for text in texts)
        tagged = tag_documents(self._tagger, documents, None, lambda _: None)
        return [sentence.prediction.topics for document in tagged for sentence in document.article.sentences]

    def answers(self, sentences: Sequence[str]) -> Answers:
        """Return the topics of sentences as they are."""
        return super().tag(sentences)


class Single(Sentences):
    """Takes one sentence at a time, as a caller who waits for each answer."""

    def tag(self, texts: Sequence[str]) -> Answers:
        """Tag sentence after sentence."""
        return [self._tagger.predict(text).topics for text in texts]


WAYS = {"articles": Articles, "sentences": Sentences, "single": Single}


def prepare(job: Job) -> Contender:
    """Load the model; options: `way` is a key of `WAYS`, `precision` that of `Tagger.load` (default: int8)."""
    precision = job.options.get("precision", "int8")
    tagger = Tagger.load(job.model, threads=job.threads, precision=precision, device=job.device)
    return WAYS[job.options["way"]](tagger)
