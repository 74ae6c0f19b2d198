"""Changed copies of training rows: what is changed, how often, and that labels stay."""

import random

import pytest

from svodka.evaluation.changes import typos
from svodka.training.augment import AUGMENTATIONS, COPIED_SHARE, augment, copies, pairs, slips, union

TEXTS = [f"Крейсер «Москва» номер {i} вышел в море." for i in range(600)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("case", "бойцы вдв взяли «буг»."), ("quotes", "Бойцы ВДВ взяли Буг.")],
)
def test_a_copy(kind, expected):
    assert AUGMENTATIONS[kind]("Бойцы ВДВ взяли «Буг».", random.Random(1)) == expected


def test_a_clause_is_left_out_but_never_the_first_or_the_last():
    text = "Утром, как сообщают, шли бои, хотя до полудня, когда пошёл дождь."
    made = {AUGMENTATIONS["clauses"](text, random.Random(seed)) for seed in range(40)}
    assert made == {
        "Утром, шли бои, хотя до полудня, когда пошёл дождь.",
        "Утром, как сообщают, хотя до полудня, когда пошёл дождь.",
        "Утром, как сообщают, шли бои, когда пошёл дождь.",
    }
    assert AUGMENTATIONS["clauses"]("Бои шли, хотя пошёл дождь.", random.Random(1)) == "Бои шли, хотя пошёл дождь."


def test_slips_change_a_tenth_of_the_words_and_one_at_least():
    words = ["дождь"] * 1000
    changed = slips(" ".join(words), random.Random(1)).split()
    assert 70 <= sum(new != "дождь" for new in changed) <= 130
    assert slips("Ночью выпал снег.", random.Random(1)) != "Ночью выпал снег."
    assert slips("но и он", random.Random(1)) == "но и он"


def test_every_kind_of_slip_occurs():
    made = {slips("снег", random.Random(seed)) for seed in range(300)}
    assert made >= {"сенг", "нсег", "сне", "нег", "снегг", "мнег", "чнег", "снеш"}


def test_what_is_practised_is_not_what_is_measured():
    practised = {slips(text, random.Random(13)) for text in TEXTS}
    measured = {typos(text, random.Random(13)) for text in TEXTS}
    assert len(practised & measured) < 0.05 * len(TEXTS)


def test_a_seeded_share_of_the_rows_has_a_copy_of_each_kind():
    made = list(copies(TEXTS, ("case", "quotes"), 13))
    assert len(made) == pytest.approx(2 * COPIED_SHARE * len(TEXTS), rel=0.15)
    assert made == list(copies(TEXTS, ("case", "quotes"), 13))
    assert made != list(copies(TEXTS, ("case", "quotes"), 14))


def test_no_copy_of_short_texts_and_where_nothing_would_change():
    assert not list(copies(["Москва СЛЕЗАМ"] * 50, ("case",), 13))
    assert not list(copies([f"слово без кавычек {i}" for i in range(50)], ("case", "quotes"), 13))


def test_copies_follow_the_rows_and_keep_their_labels():
    datasets = pytest.importorskip("datasets", reason="needs svodka[train]")
    labels = [[i % 2, -1.0, 0.25] for i in range(len(TEXTS))]
    train = datasets.Dataset.from_dict({"text": TEXTS, "labels": labels})
    made = augment(train, ("slips",), 13)
    assert made["text"][: len(TEXTS)] == TEXTS
    places = [i for i, _ in copies(TEXTS, ("slips",), 13)]
    assert made["labels"][len(TEXTS) :] == [labels[i] for i in places]
    assert len(augment(train, (), 13)) == len(TEXTS)


def test_a_pair_is_one_sentence_of_two():
    made = list(pairs(TEXTS, 13))
    assert len(made) == pytest.approx(COPIED_SHARE * len(TEXTS), rel=0.2)
    i, k, text = made[0]
    assert text == f"Крейсер «Москва» номер {i} вышел в море; Крейсер «Москва» номер {k} вышел в море."
    assert not list(pairs(["слово " * 31] * 50, 13))


def test_a_pair_has_the_topics_of_both():
    assert union([1, 0, 0, -1, -1, 0.25], [0, 0, -1, 1, 0, 0.75]) == [1, 0, -1, 1, -1, 0.75]


def test_pairs_follow_the_rows_with_their_labels():
    datasets = pytest.importorskip("datasets", reason="needs svodka[train]")
    labels = [[1.0, 0.0], [0.0, 1.0]] * (len(TEXTS) // 2)
    made = augment(datasets.Dataset.from_dict({"text": TEXTS, "labels": labels}), ("joined",), 13)
    joined = made["labels"][len(TEXTS) :]
    assert joined == [union(labels[i], labels[k]) for i, k, _ in pairs(TEXTS, 13)]
    assert [1.0, 1.0] in joined
