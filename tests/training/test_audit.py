import sys

import numpy as np
import pytest

from svodka.errors import DataError, MissingExtraError
from svodka.evaluation.peers.tfidf import out_of_fold
from svodka.training.audit import audit
from svodka.training.rows import Row

TOPICS = ("rain", "heat")
PLACES = ("Туле", "Твери", "Пскове", "Калуге", "Рязани", "Орле", "Курске", "Вологде")
KINDS = {
    "rain": ("В {} весь день лил дождь.", "Дождь в {} не утихает с ночи.", "Ливень и дождь накрыли дачи в {}."),
    "heat": ("В {} установилась жара.", "От жары в {} плавится асфальт.", "Жара в {} продержится до среды."),
    "": ("В {} открыли выставку.", "Новый музей в {} ждёт гостей.", "Выставка кукол в {} продлена."),
}


@pytest.fixture(autouse=True)
def libraries():
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    pytest.importorskip("cleanlab", reason="needs svodka[report]")


def row(number, text="Дождь.", topics=()):
    return Row(f"s{number}", text, tuple(topics), None, (), number, "weather.jsonl")


def decided(labels, probabilities):
    """Audit one topic; give the topic's suspects as (line, suggestion, quality)."""
    gold, scores = np.array(labels, dtype=float)[:, None], np.array(probabilities, dtype=float)[:, None]
    found = audit([row(number) for number in range(1, len(gold) + 1)], gold, scores, ["rain"])
    return [(one.row.line, one.suggestion, pytest.approx(one.quality)) for one in found.suspects]


def weather():
    """Labelled sentences: rain, heat, neither, 24 each."""
    rows, gold = [], []
    for topic, patterns in KINDS.items():
        for pattern in patterns:
            for place in PLACES:
                rows.append(row(len(rows) + 1, pattern.format(place), [topic] if topic else []))
                gold.append([topic == "rain", topic == "heat"])
    return rows, np.array(gold, dtype=float)


def test_confident_disagreement_is_suspected_and_the_worst_comes_first():
    # The mean probability of a given label is 0.58 with and 0.58 without the topic. The third label and the last lie
    # beyond that on the other side: they are suspected; their quality is the probability of what they say.
    found = decided([1, 1, 1, 0, 0, 0], [0.9, 0.8, 0.05, 0.1, 0.2, 0.97])
    assert found == [(6, "add", 0.03), (3, "remove", 0.05)]


def test_agreement_is_no_suspicion():
    assert decided([1, 1, 0, 0], [0.9, 0.7, 0.3, 0.1]) == []


def test_planted_errors_rank_first():
    rows, gold = weather()
    planted = {(3, "rain"): 0, (30, "heat"): 0, (50, "rain"): 1, (60, "heat"): 1}
    for (line, topic), label in planted.items():
        gold[line - 1, TOPICS.index(topic)] = label
    probabilities = out_of_fold([one.text for one in rows], gold)
    first = audit(rows, gold, probabilities, TOPICS).suspects[: len(planted)]
    assert {(one.row.line, one.topic): 0 if one.suggestion == "add" else 1 for one in first} == planted


def test_what_nobody_judged_is_not_suspected():
    rows, gold = weather()
    gold[2, 0] = -1  # rain that nobody judged
    gold[10, 0] = 0  # rain that somebody missed
    probabilities = out_of_fold([one.text for one in rows], gold)
    assert np.isnan(probabilities[2, 0])
    found = audit(rows, gold, probabilities, TOPICS)
    assert (found.suspects[0].row.line, found.suspects[0].topic) == (11, "rain")
    assert (3, "rain") not in {(one.row.line, one.topic) for one in found.suspects}
    assert found.judged == 2 * len(rows) - 1
    # A model has an answer for that sentence, too; it is left out all the same.
    answered = np.where(np.isnan(probabilities), 0.99, probabilities)
    assert audit(rows, gold, answered, TOPICS) == found


@pytest.mark.parametrize("label", [0, 1, -1], ids=["none has it", "all have it", "nobody judged"])
def test_a_topic_with_one_kind_of_label_is_left_out(label):
    rows, gold = weather()
    gold[:, 1] = label
    found = audit(rows, gold, np.full(gold.shape, 0.5), TOPICS)
    assert (found.left_out, found.judged) == (("heat",), len(rows))


def test_a_topic_with_one_example_cannot_be_cross_validated():
    rows, gold = weather()
    gold[:, 1] = 0
    gold[30, 1] = 1
    probabilities = out_of_fold([one.text for one in rows], gold)
    assert np.isnan(probabilities[:, 1]).all()
    assert audit(rows, gold, probabilities, TOPICS).left_out == ("heat",)


def test_two_audits_find_the_same():
    rows, gold = weather()
    gold[5, 0] = 0
    texts = [one.text for one in rows]
    first, second = (audit(rows, gold, out_of_fold(texts, gold), TOPICS) for _ in range(2))
    assert first == second


def test_shapes_must_fit():
    rows, gold = weather()
    with pytest.raises(DataError, match=r"expected \(72, 2\), got \(72, 2\) and \(72, 1\)"):
        audit(rows, gold, np.zeros((72, 1)), TOPICS)


def test_without_cleanlab_the_fix_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cleanlab.multilabel_classification", None)
    with pytest.raises(MissingExtraError, match=r"svodka data audit needs: pip install 'svodka\[report\]'"):
        audit([], np.zeros((0, 1)), np.zeros((0, 1)), ["rain"])
