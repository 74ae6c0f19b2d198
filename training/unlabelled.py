"""Sentences of unlabelled text for a student to learn from its teachers by.

Most sentences of a newspaper are about other things than defence, and a student learns little from them. So half of
the sentences are drawn from those that a quick linear model holds likely to have a topic, the others at random.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import DataError
from svodka.normalise import normalise
from svodka.splitter import split_sentences
from svodka.training.texts import read_texts

if TYPE_CHECKING:
    import datasets

__all__ = ["choose_sentences", "likely_topical", "read_sentences"]

SHORTEST, LONGEST = 20, 400  # characters
FEATURES = 2**20
REGULARISATION = 4.0


def read_sentences(paths: Iterable[Path], leave_out: Iterable[str] = ()) -> list[str]:
    """Return the sentences of unlabelled files, each once, in their order.

    Args:
        paths: JSON Lines, CSV or TSV files, packed by gzip or not, whose `text` is a sentence or an article.
        leave_out: texts that must not be among them, such as those of validation rows.

    Raises:
        DataError: a file is unusable, or there is no sentence in all of them.
    """
    seen = {normalise(text).casefold() for text in leave_out}
    sentences = []
    for path in paths:
        for text in read_texts(path):
            for sentence in split_sentences(text):
                key = normalise(sentence.text).casefold()
                if SHORTEST <= len(key) <= LONGEST and key not in seen:
                    seen.add(key)
                    sentences.append(sentence.text)
    if not sentences:
        raise DataError(f"no sentence of {SHORTEST} to {LONGEST} characters in the unlabelled files")
    return sentences


def likely_topical(rows: datasets.Dataset) -> Callable[[Sequence[str]], list[float]]:
    """Return a function from texts to the probabilities, 0 to 1, that they have any topic.

    It is logistic regression over hashed words and pairs of words.

    Args:
        rows: labelled rows with the columns `text` and `labels`.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    vectoriser = HashingVectorizer(n_features=FEATURES, ngram_range=(1, 2), alternate_sign=False)
    has_topic = [max(labels) > 0 for labels in rows["labels"]]
    model = LogisticRegression(C=REGULARISATION, solver="liblinear")
    model.fit(vectoriser.transform(map(normalise, rows["text"])), has_topic)

    def probabilities(texts: Sequence[str]) -> list[float]:
        found: list[float] = model.predict_proba(vectoriser.transform(map(normalise, texts)))[:, 1].tolist()
        return found

    return probabilities


def choose_sentences(sentences: Sequence[str], topical: Sequence[float], n: int, seed: int) -> list[str]:
    """Return at most `n` of the sentences in random order: half of them likely to have a topic, half any.

    Args:
        sentences: what to choose from.
        topical: for each sentence the probability that it has a topic.
        n: how many.
        seed: of the draw.
    """
    order = list(range(len(sentences)))
    random.Random(seed).shuffle(order)
    likely = [i for i in order if topical[i] >= 0.5][: n // 2]
    taken = set(likely)
    others = [i for i in order if i not in taken][: n - len(likely)]
    chosen = likely + others
    random.Random(seed).shuffle(chosen)
    return [sentences[i] for i in chosen]
