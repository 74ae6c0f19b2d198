import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.baseline import best_threshold, fit_tfidf

pytest.importorskip("sklearn", reason="needs svodka[report]")

TOPICS = ("rain", "heat")
PLACES = ("Туле", "Твери", "Пскове", "Калуге", "Рязани", "Орле", "Курске", "Вологде")
TEXTS = [f"В {place} весь день лил дождь." for place in PLACES]
TEXTS += [f"В {place} установилась жара." for place in PLACES]
TEXTS += [f"В {place} открыли выставку." for place in PLACES]
GOLD = np.repeat([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], len(PLACES), axis=0)


def answers(fitted, *texts):
    """The topics that a fitted baseline gives to each text."""
    limits = [fitted.thresholds[topic] for topic in fitted.topics]
    rows = fitted.predict_proba(texts) >= limits
    return [[topic for topic, over in zip(fitted.topics, row, strict=True) if over] for row in rows]


def test_it_learns_words_in_other_forms_and_spellings():
    fitted = fit_tfidf(TEXTS, GOLD, TOPICS)
    found = answers(fitted, "Ночью ожидаются дожди", "Установится жара", "Открыли новую выставку", "ДОЖДЬ!")
    assert found == [["rain"], ["heat"], [], ["rain"]]
    assert (fitted.topics, fitted.n) == (TOPICS, len(TEXTS))


def test_two_trainings_give_the_same_probabilities():
    first, second = (fit_tfidf(TEXTS, GOLD, TOPICS) for _ in range(2))
    assert (first.predict_proba(TEXTS) == second.predict_proba(TEXTS)).all()
    assert first.thresholds == second.thresholds
    assert first.strengths == second.strengths


def test_probabilities_have_a_column_for_each_topic():
    fitted = fit_tfidf(TEXTS, GOLD, TOPICS)
    scores = fitted.predict_proba(["Дождь", "Жара", "Ярмарка"])
    assert scores.shape == (3, 2)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert fitted.predict_proba([]).shape == (0, 2)


def test_what_nobody_judged_is_not_taken_for_a_no():
    # All rows about rain but two are not judged for it. Taken as "no", they would be found by nothing.
    gold = GOLD.copy()
    gold[2 : len(PLACES), 0] = -1
    assert answers(fit_tfidf(TEXTS, gold, TOPICS), *TEXTS[: len(PLACES)]) == [["rain"]] * len(PLACES)


@pytest.mark.parametrize(
    ("labels", "share"),
    [([0] * 24, 0), ([1] * 24, 1), ([1] + [0] * 23, 1 / 24), ([-1] * 24, 0)],
    ids=["none has it", "all have it", "one has it", "nobody judged"],
)
def test_a_topic_without_examples_gets_its_share(labels, share):
    gold = np.stack([GOLD[:, 0], np.array(labels, dtype=float)], axis=1)
    fitted = fit_tfidf(TEXTS, gold, TOPICS)
    assert fitted.predict_proba(["Жара", "Дождь"])[:, 1] == pytest.approx([share, share])
    assert (fitted.thresholds["heat"], fitted.strengths["heat"]) == (0.5, None)


@pytest.mark.parametrize("texts", [[], ["", " "]], ids=["no sentence", "no word"])
def test_without_words_there_is_nothing_to_train_on(texts):
    with pytest.raises(DataError, match=f"cannot be trained on {len(texts)} sentences"):
        fit_tfidf(texts, np.zeros((len(texts), 2)), TOPICS)


# gold by falling score, the scores, the best threshold, why
@pytest.mark.parametrize(
    ("gold", "scores", "expected"),
    [
        ("++-", (0.9, 0.7, 0.1), 0.4),  # F1 = 1 behind the second; the middle of 0.7 and 0.1
        ("+-+", (0.9, 0.5, 0.4), 0.2),  # F1 after each: 2/3, 1/2, 4/5; the middle of 0.4 and 0
        ("+--", (0.9, 0.5, 0.4), 0.7),  # 1, 2/3, 1/2
        ("+-+-", (0.8, 0.6, 0.6, 0.2), 0.4),  # the two of 0.6 cannot be parted: 2/3 before them, 4/5 behind
        ("-+", (0.6, 0.3), 0.15),  # 0, 2/3
        ("+", (0.5,), 0.25),
    ],
)
def test_the_best_threshold_lies_between_two_scores(gold, scores, expected):
    labels = np.array([sign == "+" for sign in gold])
    mixed = np.arange(len(gold))[::-1]  # the order of the rows does not matter
    assert best_threshold(labels, np.array(scores)) == pytest.approx(expected)
    assert best_threshold(labels[mixed], np.array(scores)[mixed]) == pytest.approx(expected)
