"""The headline in words, on contents that hold no more than it reads."""

import pytest

from svodka.evaluation.report.language import Language
from svodka.evaluation.report.lead import lead
from svodka.evaluation.report.texts import LANGUAGES, texts

TITLES = (("rain", "Дождь", "Rain"), ("heat", "Жара", "Heat"), ("wind", "Ветер", "Wind"))
NOTHING = {"added": [0, 0, 0], "nothing": [0, 0, 0], "instead": [[0, 0, 0]] * 3}


def content(f1=(0.5, 0.9, None), n=318, support=21, **errors):
    topics = [{"topic": one[0], "f1": figure, "support": support} for one, figure in zip(TITLES, f1, strict=True)]
    return {
        "lang": "ru",
        "topics": [{"id": topic, "title_ru": ru, "title_en": en} for topic, ru, en in TITLES],
        "result": {"n": n, "topics": topics, "macro_f1": {"value": 0.7, "low": 0.6, "high": 0.8}},
        "confusion": NOTHING | errors,
    }


def said(lang, **changes):
    built = content(**changes)
    return lead(built, Language(built, lang))


def test_topics_without_an_f1_are_not_counted():
    assert said("en").startswith("Macro F1 0.700 [0.600, 0.800] on 318 sentences, over 2 topics. The safest topic is")
    assert "«Жара» (F1 0,900), слабее всего «Дождь» (F1 0,500, 21 предложение)." in said("ru")


@pytest.mark.parametrize("f1", [(0.5, None, None), (0.5, 0.5, 0.5)])
def test_one_topic_or_equal_ones_are_neither_best_nor_weakest(f1):
    assert "safest" not in said("en", f1=f1)


@pytest.mark.parametrize(
    ("n", "russian", "english"),
    [
        (1, "на 1 предложении,", "on 1 sentence,"),
        (2, "на 2 предложениях,", "on 2 sentences,"),
        (11, "на 11 предложениях,", "on 11 sentences,"),
        (21, "на 21 предложении,", "on 21 sentences,"),
    ],
)
def test_the_number_of_sentences(n, russian, english):
    assert russian in said("ru", n=n)
    assert english in said("en", n=n)


@pytest.mark.parametrize(
    ("errors", "russian", "english"),
    [
        (
            {"added": [13, 0, 0], "instead": [[0, 2, 0]] * 3},
            "тема «Дождь» предсказана зря там, где ничего не пропущено (13 раз).",
            "“Rain” predicted wrongly where nothing was missed (13 times).",
        ),
        (
            {"nothing": [0, 22, 0], "added": [13, 0, 0]},
            "тема «Жара» пропущена, и ничего вместо неё (22 раза).",
            "“Heat” missed, and nothing in its place (22 times).",
        ),
        (
            {"instead": [[0, 0, 5.5], [0, 0, 0], [0, 0, 0]]},
            "вместо темы «Дождь» предсказана «Ветер» (5,5 раза).",
            "“Wind” in place of “Rain” (5.5 times).",
        ),
    ],
)
def test_the_most_frequent_error_of_all_kinds(errors, russian, english):
    assert said("ru", **errors).endswith(f"Самая частая ошибка: {russian}")
    assert said("en", **errors).endswith(f"The most frequent error: {english}")


@pytest.mark.parametrize("errors", [{"added": [4, 0, 0]}, {"added": [7, 0, 0], "nothing": [0, 7, 0]}])
def test_rare_errors_and_ties_are_no_habit(errors):
    assert "error" not in said("en", **errors)


def test_nothing_to_measure():
    assert "F1 is not defined" in said("en", f1=(None, None, None))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_noun_has_its_forms(lang):
    assert {texts(lang)[key].count("|") for key in ("on_sentences", "over_topics", "sentences_n", "times")} == {
        {"ru": 2, "en": 1}[lang]
    }
