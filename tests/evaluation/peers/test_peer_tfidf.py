import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.peers import tfidf

pytest.importorskip("sklearn", reason="needs svodka[report]")

TOPICS = ("rain", "heat")
PLACES = ("Туле", "Твери", "Пскове", "Калуге", "Рязани", "Орле", "Курске", "Вологде")
TEXTS = [f"В {place} весь день лил дождь." for place in PLACES]
TEXTS += [f"В {place} установилась жара." for place in PLACES]
TEXTS += [f"В {place} открыли выставку." for place in PLACES]
GOLD = np.repeat([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], len(PLACES), axis=0)


def answers(fitted, *texts):
    """The topics that a fitted peer gives to each text."""
    limits = [fitted.thresholds[topic] for topic in fitted.thresholds]
    rows = fitted.predict_proba(texts) >= limits
    return [[topic for topic, over in zip(fitted.thresholds, row, strict=True) if over] for row in rows]


def test_it_learns_words_in_other_forms_and_spellings():
    fitted = tfidf.fit(TEXTS, GOLD, TOPICS)
    found = answers(fitted, "Ночью ожидаются дожди", "Установится жара", "Открыли новую выставку", "ДОЖДЬ!")
    assert found == [["rain"], ["heat"], [], ["rain"]]
    assert tuple(fitted.thresholds) == TOPICS


def test_two_trainings_give_the_same_probabilities():
    first, second = (tfidf.fit(TEXTS, GOLD, TOPICS) for _ in range(2))
    assert (first.predict_proba(TEXTS) == second.predict_proba(TEXTS)).all()
    assert first.thresholds == second.thresholds
    assert first.settings == second.settings


def test_probabilities_have_a_column_for_each_topic():
    fitted = tfidf.fit(TEXTS, GOLD, TOPICS)
    scores = fitted.predict_proba(["Дождь", "Жара", "Ярмарка"])
    assert scores.shape == (3, 2)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert fitted.predict_proba([]).shape == (0, 2)


def test_what_nobody_judged_is_not_taken_for_a_no():
    # All rows about rain but two are not judged for it. Taken as "no", they would be found by nothing.
    gold = GOLD.copy()
    gold[2 : len(PLACES), 0] = -1
    assert answers(tfidf.fit(TEXTS, gold, TOPICS), *TEXTS[: len(PLACES)]) == [["rain"]] * len(PLACES)


@pytest.mark.parametrize(
    ("labels", "share"),
    [([0] * 24, 0), ([1] * 24, 1), ([1] + [0] * 23, 1 / 24), ([-1] * 24, 0)],
    ids=["none has it", "all have it", "one has it", "nobody judged"],
)
def test_a_topic_without_examples_gets_its_share(labels, share):
    gold = np.stack([GOLD[:, 0], np.array(labels, dtype=float)], axis=1)
    fitted = tfidf.fit(TEXTS, gold, TOPICS)
    assert fitted.predict_proba(["Жара", "Дождь"])[:, 1] == pytest.approx([share, share])
    assert (fitted.thresholds["heat"], fitted.settings["strengths"]["heat"]) == (0.5, None)


@pytest.mark.parametrize("texts", [[], ["", " "]], ids=["no sentence", "no word"])
def test_without_words_there_is_nothing_to_train_on(texts):
    with pytest.raises(DataError, match=f"cannot be trained on {len(texts)} sentences"):
        tfidf.fit(texts, np.zeros((len(texts), 2)), TOPICS)
