"""How like real text our sentences are: what gives them away, and which words they lack.

Adversarial validation: a classifier is trained to tell our sentences from real ones. An AUC of 0.5 means that it
cannot; what it leans on says what to write differently. Source of the idea: J. Pan et al., "Adversarial Validation
Approach to Concept Drift Problem" (2020).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from svodka.errors import DataError, MissingExtraError
from svodka.normalise import normalise

__all__ = ["FEWEST_SENTENCES", "Realness", "missing_lemmas", "tell_apart"]

SEED = 13
MOST_SENTENCES = 5000
FOLDS = 5
FEWEST_SENTENCES = 2 * FOLDS
FEATURES_SHOWN = 40
TOKEN = r"\w+|[^\w\s]"
WORD = re.compile(r"[а-яё-]{3,}")


@dataclass(frozen=True, slots=True)
class Realness:
    """How well a classifier tells our sentences from real ones.

    Attributes:
        auc: area under the ROC curve out of fold, 0.5 (cannot tell) to 1.
        sentences: number of sentences of each kind that it saw.
        ours: words and marks that betray ours, the plainest first.
        real: those that betray the real ones.
    """

    auc: float
    sentences: int
    ours: tuple[str, ...]
    real: tuple[str, ...]


def tell_apart(ours: Sequence[str], real: Sequence[str]) -> Realness:
    """Train TF-IDF (1-2-grams of words and marks) with logistic regression on equal numbers of both kinds.

    At most 5,000 sentences of each kind are drawn; the draw and the folds are fixed.

    Raises:
        DataError: fewer than `FEWEST_SENTENCES` sentences of either kind.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    size = min(len(ours), len(real), MOST_SENTENCES)
    if size < FEWEST_SENTENCES:
        raise DataError(f"expected at least {FEWEST_SENTENCES} sentences of ours and of real text, got {size}")
    draw = random.Random(SEED)
    texts = [normalise(text) for part in (ours, real) for text in draw.sample(list(part), size)]
    own = np.repeat([True, False], size)
    vectors = TfidfVectorizer(token_pattern=TOKEN, ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    features = vectors.fit_transform(texts)
    classifier = LogisticRegression(C=3.0, max_iter=1000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = cross_val_predict(classifier, features, own, cv=folds, method="predict_proba")[:, 1]
    order = np.argsort(classifier.fit(features, own).coef_[0])
    names = vectors.get_feature_names_out()
    return Realness(
        auc=float(roc_auc_score(own, scores)),
        sentences=size,
        ours=tuple(names[order[::-1][:FEATURES_SHOWN]]),
        real=tuple(names[order[:FEATURES_SHOWN]]),
    )


def missing_lemmas(ours: Sequence[str], real: Sequence[str], limit: int = 300) -> dict[str, int]:
    """Return the most frequent lemmas of real text that ours never has, with their numbers of occurrences.

    Raises:
        MissingExtraError: the library `pymorphy3` is not installed.
    """
    lemma = _lemmatiser()
    known = {lemma(word) for word in _words(ours)}
    counts = Counter(lemma(word) for word in _words(real))
    return dict([(one, n) for one, n in counts.most_common() if one not in known][:limit])


def _words(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for word in WORD.findall(normalise(text).lower())]


def _lemmatiser() -> Callable[[str], str]:
    try:
        import pymorphy3
    except ImportError as error:
        raise MissingExtraError("counting lemmas", "train") from error
    analyser = pymorphy3.MorphAnalyzer()

    @cache
    def lemma(word: str) -> str:
        return str(analyser.parse(word)[0].normal_form)

    return lemma
