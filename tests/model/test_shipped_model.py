"""The model that comes with svodka: a quick one reads every sentence, and hands on what it may have wrong."""

import random
from pathlib import Path

import numpy as np
import pytest

from svodka import Tagger
from svodka.model_folder import CASCADE_KEY, verify_files
from svodka.source import shipped_folder
from svodka.splitter import split_sentences

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def sentences():
    """The sentences of the project's own articles."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "tests" / "articles").glob("*.txt"))]
    return [sentence.text for text in texts for sentence in split_sentences(text)]


@pytest.fixture(scope="module")
def shipped():
    """Both models, loaded once."""
    return Tagger.load("shipped")


def test_it_is_whole_and_no_file_is_too_large_for_git():
    verify_files(shipped_folder())
    assert max(path.stat().st_size for path in shipped_folder().iterdir()) < 95 * MEGABYTE


def test_it_decides_much_as_its_last_model_alone(shipped, sentences):
    assert shipped.info.details[CASCADE_KEY]["agreement"] > 0.995
    alone = Tagger.load("shipped", early_exits=False)
    same = [a.topics == b.topics for a, b in zip(shipped.predict(sentences), alone.predict(sentences), strict=True)]
    assert sum(same) >= 0.9 * len(sentences)


def test_its_answers_do_not_depend_on_company_or_order(shipped, sentences):
    together = shipped.predict_proba(sentences)
    order = random.Random(13).sample(range(len(sentences)), len(sentences))
    assert np.array_equal(shipped.predict_proba([sentences[i] for i in order]), together[order])
    assert np.array_equal(np.concatenate([shipped.predict_proba([text]) for text in sentences[:20]]), together[:20])
