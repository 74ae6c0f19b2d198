"""Topics a, b, c; `+`, `-` and `?` are gold labels, capitals are predictions: "+ - - | B" misses a and says b."""

import numpy as np

from svodka.evaluation.report.confusion import confusion, cooccurrence

VALUES = {"+": 1.0, "-": 0.0, "?": -1.0}


def read(*lines):
    gold = np.array([[VALUES[sign] for sign in line.split("|")[0].split()] for line in lines])
    predicted = np.array([[letter in line.split("|")[1] for letter in "ABC"] for line in lines], dtype=bool)
    return gold.reshape(-1, 3), predicted.reshape(-1, 3)


def test_a_miss_is_laid_to_the_false_alarm_of_its_sentence():
    found = confusion(*read("+ - - | B"))
    assert found["instead"] == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert (found["found"], found["nothing"], found["added"]) == ([0, 0, 0], [0, 0, 0], [0, 0, 0])


def test_two_false_alarms_share_a_miss():
    assert confusion(*read("+ - - | B C"))["instead"][0] == [0, 0.5, 0.5]


def test_two_misses_and_one_false_alarm():
    found = confusion(*read("+ + - | C"))
    assert found["instead"] == [[0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_nothing_came_instead():
    # a is missed, b is rightly found: it is no false alarm and explains nothing
    found = confusion(*read("+ + - | B"))
    assert found["nothing"] == [1, 0, 0]
    assert found["found"] == [0, 1, 0]


def test_a_false_alarm_without_a_miss_stands_apart():
    found = confusion(*read("+ - - | A C"))
    assert (found["added"], found["nothing"]) == ([0, 0, 1], [0, 0, 0])


def test_what_nobody_judged_is_neither_a_miss_nor_a_false_alarm():
    found = confusion(*read("+ ? ? | B C"))
    assert found["instead"][0] == [0, 0, 0]
    assert found["nothing"] == [1, 0, 0]


def test_every_row_adds_up_to_the_misses_of_its_topic():
    draw = np.random.default_rng(2)
    gold, predicted = draw.integers(-1, 2, (50, 4)).astype(float), draw.random((50, 4)) < 0.4
    found = confusion(gold, predicted)
    misses = ((gold == 1) & ~predicted).sum(axis=0)
    assert np.allclose(np.sum(found["instead"], axis=1) + found["nothing"], misses, atol=0.01)


def test_pairs():
    # gold: a with b twice, one of them predicted; the third sentence has b judged by nobody
    found = cooccurrence(*read("+ + - | A B", "+ + - | A", "+ ? - | A B"))
    assert found["gold"] == [[3, 2, 0], [2, 2, 0], [0, 0, 0]]
    assert found["predicted"] == [[3, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_no_sentence():
    assert confusion(*read())["nothing"] == [0, 0, 0]
    assert cooccurrence(*read())["gold"] == [[0, 0, 0]] * 3
