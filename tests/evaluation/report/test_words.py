import numpy as np
import pytest

from svodka.evaluation.report.words import least_sure_hits, surest_errors, word_weights

LIMITS = np.array([0.5, 0.8])


def rows(picks):
    return [(pick.row, pick.topic) for pick in picks]


def test_errors_far_from_the_threshold_come_first():
    gold = np.array([[1.0, 0], [0, 0], [1, 1], [0, 1]])
    scores = np.array([[0.4, 0.1], [0.9, 0.1], [0.9, 0.2], [0.1, 0.9]])
    # row 0 misses a at 0.4: (0.5 - 0.4) / 0.5 = 0.2; row 1 alarms a at 0.9: 0.4 / 0.5 = 0.8;
    # row 2 misses b at 0.2: 0.6 / 0.8 = 0.75; row 3 is right
    picks = surest_errors(gold, scores, LIMITS, 9)
    assert rows(picks) == [(1, 0), (2, 1), (0, 0)]
    assert [pick.sureness for pick in picks] == pytest.approx([0.8, 0.75, 0.2])
    assert rows(surest_errors(gold, scores, LIMITS, 1)) == [(1, 0)]


def test_a_sentence_is_shown_once_with_its_surest_error():
    picks = surest_errors(np.array([[1.0, 1]]), np.array([[0.3, 0.0]]), LIMITS, 9)
    assert rows(picks) == [(0, 1)]


def test_narrow_hits_come_first():
    gold = np.array([[1.0, 0], [1, 0], [0, 0]])
    scores = np.array([[0.99, 0.1], [0.5, 0.1], [0.6, 0.1]])  # the last is a false alarm, no hit
    assert rows(least_sure_hits(gold, scores, LIMITS, 9)) == [(1, 0), (0, 0)]


def test_what_nobody_judged_is_not_shown():
    gold, scores = np.array([[-1.0, -1]]), np.array([[0.9, 0.1]])
    assert surest_errors(gold, scores, LIMITS, 9) == least_sure_hits(gold, scores, LIMITS, 9) == []
    assert surest_errors(np.zeros((0, 2)), np.zeros((0, 2)), LIMITS, 9) == []


def rain(texts):
    """0.9 if it rains, 0.3 less if it only may rain; the second topic never."""
    return np.array([[0.9 * ("дождь" in text) - 0.3 * ("может" in text and "дождь" in text), 0.0] for text in texts])


def test_the_weight_of_a_word_is_what_its_absence_takes_away():
    # with all words 0.6; without "может" 0.9, without "дождь" 0
    (words,) = word_weights(["Завтра может пойти дождь"], [0], rain)
    assert words == [("Завтра", 0), ("может", pytest.approx(-0.3)), ("пойти", 0), ("дождь", pytest.approx(0.6))]


def test_a_word_that_stands_twice_is_taken_away_once():
    (words,) = word_weights(["дождь, дождь"], [0], rain)
    assert [weight for _, weight in words] == [0, 0]


def test_one_word_and_no_sentence():
    assert word_weights(["дождь"], [0], rain) == [[("дождь", pytest.approx(0.9))]]
    assert word_weights([], [], rain) == []


def test_all_sentences_go_to_the_model_at_once():
    calls = []

    def count(texts):
        calls.append(len(texts))
        return np.zeros((len(texts), 2))

    word_weights(["а б", "в"], [0, 1], count)
    assert calls == [5]  # two sentences, and three without a word
