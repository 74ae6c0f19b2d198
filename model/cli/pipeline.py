"""Documents in, tagged documents out: their sentences go through the tagger in one stream, whatever their number."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from svodka.documents import Document
from svodka.output import TaggedDocument
from svodka.results import Prediction, TaggedSentence, article_prediction
from svodka.splitter import split_sentences

if TYPE_CHECKING:
    from svodka.splitter import Sentence
    from svodka.tagger import Tagger

__all__ = ["tag_documents"]


@dataclass(slots=True)
class _Open:
    """A document whose sentences are with the tagger."""

    document: Document
    sentences: Sequence[Sentence]
    tagged: list[TaggedSentence] = field(default_factory=list)


def tag_documents(
    tagger: Tagger,
    documents: Iterable[Document],
    thresholds: float | Mapping[str, float] | None,
    counted: Callable[[float], None],
    at_most: int | None = None,
) -> Iterator[TaggedDocument]:
    """Yield the documents with their sentences tagged, in order.

    Short documents share batches, so a table of single sentences is as quick as one long article. In memory are only
    the documents whose sentences the tagger has taken but not answered yet.

    Args:
        tagger: the model.
        documents: the texts; one without a sentence gives nothing (`Inputs` yields none such).
        thresholds: as `Tagger.predict` takes them.
        counted: called after each sentence with its share of the document's bytes.
        at_most: end behind the document with which there are so many sentences, and take no further one; None goes on
            to the end.
    """
    waiting: deque[_Open] = deque()
    for prediction in tagger.stream(_sentences(documents, waiting, at_most), thresholds):
        yield from _ready(waiting, tagger.topics)
        _add(waiting[0], prediction)
        counted(waiting[0].document.size / len(waiting[0].sentences))
    yield from _ready(waiting, tagger.topics)


def _sentences(documents: Iterable[Document], waiting: deque[_Open], at_most: int | None) -> Iterator[str]:
    """Yield the sentences of documents, and put each document on the waiting list first."""
    count = 0
    for document in documents:
        sentences = split_sentences(document.text)
        if not sentences:
            continue  # they would wait in memory for the next sentence, which may be a million rows away
        waiting.append(_Open(document, sentences))
        yield from (sentence.text for sentence in sentences)
        count += len(sentences)
        if at_most is not None and count >= at_most:
            return


def _add(entry: _Open, prediction: Prediction) -> None:
    """Put the answer for the next sentence in its place."""
    index = len(entry.tagged)
    sentence = entry.sentences[index]
    entry.tagged.append(TaggedSentence(index, sentence.start, sentence.end, prediction))


def _ready(waiting: deque[_Open], topics: Sequence[str]) -> Iterator[TaggedDocument]:
    """Yield the documents at the head of the waiting list that are complete."""
    while waiting and len(waiting[0].tagged) == len(waiting[0].sentences):
        entry = waiting.popleft()
        article = article_prediction(entry.document.text, entry.tagged, topics)
        yield TaggedDocument(entry.document.name, entry.document.row, article)
