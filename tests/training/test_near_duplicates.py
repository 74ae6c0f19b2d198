import itertools
import random

import pytest

from svodka.errors import ConfigError
from svodka.training.near_duplicates import cross_duplicates, folded, near_duplicates

SAME = [
    ("Ещё идёт дождь.", "еще идет дождь"),
    ("«Ливень» стих", '"Ливень" — стих!'),
    ("Снег,  снег,\nснег", "снег снег снег"),
    ("пере\u00adмены погоды", "Перемены погоды"),
    ("Mороз и солнце", "Мороз и солнце"),  # a Latin M
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spelling_and_punctuation_do_not_count(one, other):
    assert folded(one) == folded(other)
    assert near_duplicates([one, other]) == [(0, 1, 1.0)]


def test_similarity_by_hand():
    # 5-grams of "туманы": туман, уманы; of "туманов": туман, умано, манов; one of four is shared.
    assert near_duplicates(["туманы", "туманов"], threshold=0.25) == [(0, 1, 0.25)]
    assert near_duplicates(["туманы", "туманов"], threshold=0.26) == []


def test_short_and_empty_texts():
    assert near_duplicates(["Град", "град!", "Гром"]) == [(0, 1, 1.0)]
    assert near_duplicates(["…", "!", ""]) == []
    assert near_duplicates([]) == []


def test_pairs_come_in_order():
    texts = ["Днём ожидается сильный ветер", "Ночью подморозит", "днем ожидается сильный ветер", "ночью подморозит."]
    assert near_duplicates(texts) == [(0, 2, 1.0), (1, 3, 1.0)]


def all_pairs(texts, threshold):
    """Compare everything with everything."""
    sets = [{text[start : start + 5] for start in range(max(1, len(text) - 4))} for text in map(folded, texts)]
    pairs = itertools.combinations(range(len(texts)), 2)
    found = [(i, j, len(sets[i] & sets[j]) / len(sets[i] | sets[j])) for i, j in pairs]
    return [pair for pair in found if pair[2] >= threshold]


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7, 1.0])
def test_nothing_is_lost_against_comparing_all(threshold):
    chance = random.Random(5)
    words = ["дождь", "ветер", "мороз", "туман", "гроза", "оттепель", "ночью", "местами", "слабый", "порывистый"]
    texts = [" ".join(chance.choices(words, k=chance.randint(1, 9))) for _ in range(150)]
    expected = all_pairs(texts, threshold)
    assert expected
    assert near_duplicates(texts, threshold) == expected
    left, right = texts[:60], texts[60:]
    assert cross_duplicates(left, right, threshold) == [(i, j - 60, s) for i, j, s in expected if i < 60 <= j]


@pytest.mark.parametrize("threshold", [0, -1, 1.5, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(ConfigError, match="expected a similarity above 0 and at most 1, got"):
        near_duplicates(["Снег"], threshold)
