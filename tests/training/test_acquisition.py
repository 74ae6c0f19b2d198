"""What is labelled next: doubtful sentences, of every topic, unlike each other."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from svodka.training.acquisition import acquire, diverse, doubts, priorities, word_vectors


def test_a_decision_at_its_threshold_is_the_most_doubtful():
    assert doubts([[0.5, 0.9], [0.2, 0.2]], [0.5, 0.2]) == pytest.approx(
        # the odds of 0.9 are 9, of its threshold 0.2 a quarter: 36 times, 1 / (1 + 36); of 0.2 to 0.5: 1 / (1 + 4)
        np.array([[0.5, 1 / 37], [0.2, 0.5]])
    )


def test_doubt_is_the_same_on_both_sides_of_the_threshold():
    # the odds 1/4 and 4 are as far from the odds 1
    assert doubts([[0.2], [0.8]], [0.5])[:, 0] == pytest.approx([0.2, 0.2])


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_extreme_thresholds_and_probabilities_give_numbers(threshold):
    found = doubts([[0.0], [0.5], [1.0]], [threshold])
    assert np.isfinite(found).all()
    assert found.max() == pytest.approx(0.5)


def test_a_rare_topic_says_as_much_as_a_frequent_one():
    # means 0.2 and 0.02: the first sentence has 0.3/0.2 + 0.01/0.02 = 2, the second 0.1/0.2 + 0.03/0.02 = 2
    assert priorities(np.array([[0.3, 0.01], [0.1, 0.03]])) == pytest.approx([2.0, 2.0])


def test_a_topic_without_any_doubt_says_nothing():
    assert priorities(np.array([[0.3, 0.0], [0.1, 0.0]])) == pytest.approx([1.5, 0.5])
    assert priorities(np.zeros((0, 3))).shape == (0,)


def test_a_sentence_like_a_chosen_one_waits():
    texts = ["Дождь залил поле.", "Дождь залил поле!", "Оркестр уехал."]
    assert diverse(np.array([0.5, 0.5, 0.1]), texts, 2) == [0, 2]
    assert diverse(np.array([0.5, 0.5, 0.1]), texts, 3) == [0, 2, 1]


def test_without_likeness_the_order_is_that_of_the_priority():
    assert diverse(np.array([0.1, 0.3, 0.2]), ["дом", "лес", "река"], 3) == [1, 2, 0]


def test_sentences_of_no_priority_come_last_and_once():
    assert diverse(np.array([0.0, 0.4, 0.0]), ["дом", "лес", "река"], 3) == [1, 0, 2]


@pytest.mark.parametrize(("n", "found"), [(1, [1]), (5, [1, 0])])
def test_no_more_than_there_are(n, found):
    assert acquire(np.array([[0.1], [0.4]]), ["дом", "лес"], n) == found


def test_nothing_to_choose_from():
    assert acquire(np.zeros((0, 2)), [], 3) == []


def test_vectors_of_texts_without_words_are_zeros():
    vectors = word_vectors(["...", "Снег", "снег!"])
    likeness = (vectors @ vectors.T).toarray()
    assert likeness[0].tolist() == [0, 0, 0]
    assert likeness[1, 2] == pytest.approx(1)
