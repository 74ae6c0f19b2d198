"""The quick model in `models/quick`, which hands what leaves it in doubt on to the shipped one."""

import random
from pathlib import Path

import numpy as np
import pytest

from svodka import Tagger
from svodka.model_folder import verify_files
from svodka.splitter import split_sentences

ROOT = Path(__file__).parents[2]
QUICK = ROOT / "models" / "quick"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def sentences():
    """The sentences of the project's own articles."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "tests" / "articles").glob("*.txt"))]
    return [sentence.text for text in texts for sentence in split_sentences(text)]


@pytest.fixture(scope="module")
def quick():
    """The pair, loaded once."""
    return Tagger.load(QUICK)


def test_it_is_whole_and_no_file_is_too_large_for_git():
    verify_files(QUICK)
    assert max(path.stat().st_size for path in QUICK.iterdir()) < 95 * MEGABYTE


def test_it_belongs_to_the_shipped_model_and_decides_much_as_it_does(quick, sentences):
    shipped = Tagger.load("shipped")
    assert quick.topics == shipped.topics
    same = [a.topics == b.topics for a, b in zip(quick.predict(sentences), shipped.predict(sentences), strict=True)]
    assert sum(same) >= 0.8 * len(sentences)


def test_without_early_answers_it_decides_exactly_as_the_shipped_model(sentences):
    slow, shipped = Tagger.load(QUICK, early_exits=False), Tagger.load("shipped")
    assert [a.topics for a in slow.predict(sentences)] == [b.topics for b in shipped.predict(sentences)]


def test_its_answers_do_not_depend_on_company_or_order(quick, sentences):
    together = quick.predict_proba(sentences)
    order = random.Random(13).sample(range(len(sentences)), len(sentences))
    assert np.array_equal(quick.predict_proba([sentences[i] for i in order]), together[order])
    assert np.array_equal(np.concatenate([quick.predict_proba([text]) for text in sentences[:20]]), together[:20])
