"""The changes of spelling and layout, by example."""

import random
import unicodedata
from difflib import SequenceMatcher

import pytest

from svodka.evaluation import changes
from svodka.evaluation.changes import CHANGES, apply_change, neighbours
from svodka.normalise import normalise

SENTENCE = "Расчёты «Тора» отразили налёт — сбиты два самолёта-разведчика."


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("yo", "Ёмкий приём", "Емкий прием"),
        ("yo", "Без этой буквы", "Без этой буквы"),
        ("case_lower", "Бойцы ВДВ", "бойцы вдв"),
        ("case_upper", "Бойцы ВДВ", "БОЙЦЫ ВДВ"),
        ("final_stop", "Полк переброшен.", "Полк переброшен"),
        ("final_stop", "Полк переброшен", "Полк переброшен."),
        ("final_stop", "Полк переброшен?", "Полк переброшен?"),
        ("unicode_nfd", "Чёрный", "Че\u0308рныи\u0306"),
    ],
)
def test_changes_without_chance(name, before, after):
    assert apply_change(name, before) == after


def test_quotes_are_of_one_manner():
    seen = {changes.quotes("«Тор» и «Бук»", random.Random(seed)) for seed in range(30)}
    assert seen == {'"Тор" и "Бук"', "„Тор“ и „Бук“", "“Тор” и “Бук”"}


def test_dashes_and_hyphens():
    seen = {changes.dash("Су-57 — новинка", random.Random(seed)) for seed in range(30)}
    assert seen == {f"Су\u201157 {sign} новинка" for sign in ("–", "-", "―", "--")}


def test_spaces_stay_between_the_words():
    text = changes.spaces("Полк переброшен на юг", random.Random(1))
    assert text.replace("\u200b", "").split() == ["Полк", "переброшен", "на", "юг"]
    assert text.startswith(" ")
    assert text.endswith(" ")


def test_a_look_alike_stands_in_every_longer_word():
    text = changes.homoglyph("Пехота взяла Орёл и мост", random.Random(2))
    words = text.split()
    latin = [sum(letter.isascii() and letter.isalpha() for letter in word) for word in words]
    assert latin == [1, 1, 1, 0, 1]  # «и» is too short to stay recognisable
    back = str.maketrans({new: old for old, new in changes.LOOK_ALIKES.items()})
    assert text.translate(back) == "Пехота взяла Орёл и мост"


@pytest.mark.parametrize(
    ("letter", "near"),
    [("ы", "фвцуяч"), ("й", "цф"), ("ю", "бдж"), ("я", "чфы"), ("ъ", "хэ"), ("ё", ""), ("-", "")],
)
def test_neighbours_on_the_keyboard(letter, near):
    assert set(neighbours(letter)) == set(near)


def test_a_typo_is_one_slip_in_one_of_ten_words():
    words = [
        "Разведчики",
        "бригады",
        "обнаружили",
        "колонну",
        "противника",
        "возле",
        "переправы",
        "через",
        "широкую",
        "реку",
    ]
    for seed in range(40):
        changed = apply_change("typos", " ".join(words), seed).split()
        hit = [(old, new) for old, new in zip(words, changed, strict=True) if old != new]
        assert len(hit) == 1
        old, new = hit[0]
        assert old[0] == new[0]
        assert abs(len(old) - len(new)) <= 1
        assert SequenceMatcher(None, old, new).ratio() > 0.6


def test_a_long_text_gets_more_typos():
    words = [f"слово{letter}" for letter in "абвгдежзиклмнопрстуфхцчшщэюя"] + ["и", "на"]  # 28 + 2
    changed = apply_change("typos", " ".join(words)).split(" ")
    assert sum(old != new for old, new in zip(words, changed, strict=True)) == 3


def test_every_kind_of_slip_comes():
    seen = {apply_change("typos", "мост", seed) for seed in range(600)}
    # second letter «о» doubled, left out, swapped with the next, hit beside its key; the same for «с»
    beside_o = {f"м{key}ст" for key in "лргшть"}
    assert {"моост", "мст", "мсот", "мосст", "мот", "мотс"} | beside_o <= seen
    assert "мост" not in seen
    assert all(word[0] == "м" for word in seen)


def test_short_words_have_no_typos():
    assert apply_change("typos", "Мы за мир") == "Мы за мир"


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_seed_gives_the_same_change(name):
    assert apply_change(name, SENTENCE, 4) == apply_change(name, SENTENCE, 4) != SENTENCE


@pytest.mark.parametrize("name", ["yo", "quotes", "dash", "spaces", "unicode_nfd", "homoglyph"])
def test_what_the_normaliser_undoes(name):
    for seed in range(10):
        assert normalise(apply_change(name, SENTENCE, seed)) == normalise(SENTENCE)


def test_every_change_has_a_title_in_both_languages_and_a_function():
    assert set(CHANGES) == set(changes.PLAIN) | set(changes.DRAWN)
    assert all(set(title) == {"ru", "en"} for title in CHANGES.values())
    assert unicodedata.is_normalized("NFC", SENTENCE)
