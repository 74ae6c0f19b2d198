"""Figures worked out by hand; `+` and `-` are gold labels, `?` is a topic that nobody judged."""

import numpy as np
import pytest

from svodka.errors import ConfigError, DataError
from svodka.evaluation.metrics import calibration_error, compare_predictions, evaluate_predictions, f1_scores

sklearn_metrics = pytest.importorskip("sklearn.metrics", reason="needs svodka[report]")

TOPICS = ("rain", "heat", "wind")
HALF = dict.fromkeys(TOPICS, 0.5)
VALUES = {"+": 1.0, "-": 0.0, "?": -1.0}

# gold rain heat wind, probabilities, what happens at thresholds of 0.5
WEATHER = (
    ("+ - -", (0.9, 0.2, 0.1)),  # rain found
    ("+ + -", (0.3, 0.8, 0.1)),  # rain missed, heat found: not an exact match
    ("- + -", (0.6, 0.7, 0.1)),  # a false alarm of rain, heat found: not an exact match
    ("- - -", (0.1, 0.1, 0.1)),  # nothing, rightly
    ("+ - ?", (0.8, 0.1, 0.9)),  # rain found; nobody knows about wind
)
# rain: 2 found, 1 false alarm, 1 missed: precision 2/3, recall 2/3, F1 2/3
# heat: 2 found: 1, 1, 1
# wind: no gold sentence and no prediction that counts: nothing is defined
# macro F1 = (2/3 + 1) / 2 = 5/6; micro F1 = 2*4 / (2*4 + 1 + 1) = 4/5; exact match 2 of the 4 fully judged


def table(rows=WEATHER):
    gold = [[VALUES[sign] for sign in signs.split()] for signs, _ in rows]
    return np.array(gold).reshape(-1, 3), np.array([scores for _, scores in rows]).reshape(-1, 3)


def evaluated(rows=WEATHER, thresholds=HALF, **options):
    return evaluate_predictions(*table(rows), thresholds, TOPICS, **{"resamples": 50} | options)


def test_figures_of_each_topic():
    rain, heat, wind = evaluated().topics
    assert (rain.topic, heat.topic, wind.topic) == TOPICS
    assert (rain.precision, rain.recall, rain.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (rain.support, rain.predicted, rain.judged, rain.threshold) == (3, 3, 5, 0.5)
    assert (heat.precision, heat.recall, heat.f1) == (1, 1, 1)
    assert (wind.precision, wind.recall, wind.f1, wind.average_precision) == (None, None, None, None)
    assert (wind.support, wind.predicted, wind.judged) == (0, 0, 4)


def test_figures_of_the_whole():
    result = evaluated()
    assert result.macro_f1.value == pytest.approx(5 / 6)
    assert result.micro_f1.value == pytest.approx(4 / 5)
    assert result.exact_match.value == 2 / 4
    assert (result.n, result.fully_judged, result.without_positives) == (5, 4, ("wind",))


def test_f1_at_a_half_beside_f1_at_the_threshold():
    # rain at 0.85: one of three found, no false alarm: 2 / 4; at 0.5 as above
    rain = evaluated(thresholds=HALF | {"rain": 0.85}).topics[0]
    assert (rain.f1, rain.f1_at_half) == pytest.approx((1 / 2, 2 / 3))
    assert evaluated().topics[2].f1_at_half is None


def test_f1_of_a_topic_has_an_interval():
    rain, heat, wind = evaluated().topics
    assert rain.f1_low <= rain.f1 <= rain.f1_high
    assert (heat.f1_low, heat.f1_high) == (1, 1)
    assert (wind.f1_low, wind.f1_high) == (None, None)


def test_f1_of_sentences():
    # In the order of the table: 1, 2/3 (one of two gold), 2/3 (one of two predicted), 1 (neither), 1: mean 13/15
    gold, scores = table()
    known = np.maximum(gold, 0)  # scikit-learn knows no -1; of the one such decision only the prediction is taken away
    predicted = (scores >= 0.5) & (gold >= 0)
    expected = sklearn_metrics.f1_score(known, predicted, average="samples", zero_division=1.0)
    assert evaluated().samples_f1.value == pytest.approx(expected) == pytest.approx(13 / 15)


def test_average_precision_does_not_depend_on_thresholds():
    # rain by falling score: + (0.9), + (0.8), - (0.6), + (0.3), -: precision at the hits 1, 1, 3/4; mean 11/12
    # heat by falling score: + + - - -: 1, 1; mean 1
    for thresholds in (HALF, dict.fromkeys(TOPICS, 0.99)):
        result = evaluated(thresholds=thresholds)
        assert result.topics[0].average_precision == pytest.approx(11 / 12)
        assert result.mean_average_precision.value == pytest.approx(23 / 24)


def test_average_precision_needs_sentences_without_the_topic():
    # Every judged sentence carries rain, so any ranking has 1: only heat counts, by falling score - +: 1/2
    result = evaluated([("+ + -", (0.1, 0.2, 0)), ("+ - -", (0.2, 0.8, 0)), ("? - -", (0.9, 0.1, 0))])
    assert [topic.average_precision for topic in result.topics] == [None, 0.5, None]
    assert result.mean_average_precision.value == 0.5
    assert result.topics[0].f1 is not None


def test_a_score_equal_to_its_threshold_is_a_prediction():
    assert evaluated(thresholds=HALF | {"rain": 0.6}).topics[0].predicted == 3
    assert evaluated(thresholds=HALF | {"rain": 0.6001}).topics[0].predicted == 2


def test_scores_meet_thresholds_as_a_user_would_compare_them():
    # As float32, 0.7 is 0.69999999, and the tagger gives it as that number: below 0.7, here as there.
    scores = np.array([[0.7], [0.75]], dtype=np.float32)
    assert evaluate_predictions([[1], [1]], scores, {"rain": 0.7}, ("rain",), resamples=1).topics[0].predicted == 1


def test_false_alarms_of_a_topic_without_positives_count_in_micro_f1_only():
    # One rain found, two false alarms of wind: macro F1 = 1 (rain alone), micro F1 = 2 / (2 + 2)
    result = evaluated([("+ - -", (0.9, 0, 0.9)), ("- - -", (0, 0, 0.9))])
    assert (result.macro_f1.value, result.micro_f1.value) == (1, 0.5)
    assert result.without_positives == ("heat", "wind")
    assert (result.topics[2].precision, result.topics[2].f1) == (0, None)


def test_a_topic_that_is_never_predicted_has_an_f1_of_zero():
    rain = evaluated([("+ - -", (0.1, 0, 0))]).topics[0]
    assert (rain.precision, rain.recall, rain.f1) == (None, 0, 0)


# what is measured, macro F1, micro F1, exact match, mean average precision, number of sentences
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], (None, None, None, None, 0)),
        ([("? ? ?", (0.9, 0.9, 0.9))], (None, None, None, None, 0)),
        ([("- - -", (0.1, 0.1, 0.1))], (None, None, 1, None, 1)),
        ([("- - -", (0.9, 0.1, 0.1))], (None, 0, 0, None, 1)),
        ([("+ - ?", (0.9, 0.1, 0.1))], (1, 1, None, None, 1)),
    ],
    ids=["no sentence", "nothing judged", "no positives", "a false alarm alone", "one sentence, partly judged"],
)
def test_what_cannot_be_measured_is_none(rows, expected):
    result = evaluated(rows)
    figures = (result.macro_f1, result.micro_f1, result.exact_match, result.mean_average_precision)
    assert (*(figure.value for figure in figures), result.n) == expected
    assert all(figure.low is figure.high is None for figure in figures)  # of one sentence there is no interval


# the documents of the five sentences, how many units there are, whether there are intervals
@pytest.mark.parametrize(
    ("groups", "units", "interval"), [(None, 5, True), (list("aaaab"), 2, True), (list("aaaaa"), 1, False)]
)
def test_intervals_need_two_units(groups, units, interval):
    result = evaluated(groups=groups)
    assert result.unit_count == units
    assert result.macro_f1.value == pytest.approx(5 / 6)
    ends = (result.macro_f1.low, result.mean_average_precision.high, result.topics[0].f1_low)
    assert all((end is not None) is interval for end in ends)


@pytest.mark.parametrize(
    ("gold", "scores", "expected"),
    [
        # one bin (0.6 to 0.667), mean score 0.6, half of it gold: |0.6 - 0.5|
        ([1, 0], [0.6, 0.6], 0.1),
        # two bins: |0.9 - 1| for one decision, |0.2 - 0| for three: (0.1 + 0.6) / 4
        ([1, 0, 0, 0], [0.9, 0.2, 0.2, 0.2], 0.175),
        # certain and right, at both ends of the scale
        ([1, 0], [1.0, 0.0], 0.0),
        # certain and wrong
        ([0, 1], [1.0, 0.0], 1.0),
        # what nobody judged does not count
        ([1, -1], [0.75, 0.1], 0.25),
        ([-1], [0.5], None),
        ([], [], None),
    ],
)
def test_calibration_error(gold, scores, expected):
    error = calibration_error(np.array(gold, dtype=float), np.array(scores, dtype=float))
    assert error == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("scores", "expected", "n"),
    [
        # of five decisions two are of 0.1 and more: |0.1 - 0| and |0.7 - 1|, the three at 0.01 do not dilute them
        ([0.1, 0.7, 0.01, 0.01, 0.01], 0.2, 2),
        ([0.09, 0.0, 0.0, 0.0, 0.0], None, 0),
    ],
)
def test_calibration_error_of_likely_decisions(scores, expected, n):
    gold = np.array([[0], [1], [0], [0], [0]])
    result = evaluate_predictions(gold, np.array(scores)[:, None], {"a": 0.5}, ["a"], resamples=2)
    assert (result.decisions, result.decisions_likely) == (5, n)
    assert result.calibration_error_likely == (expected if expected is None else pytest.approx(expected))


def test_our_f1_is_that_of_scikit_learn():
    draw = np.random.default_rng(5)
    gold, predicted = draw.random((200, 7)) < 0.3, draw.random((200, 7)) < 0.4
    macro, micro = f1_scores(gold, predicted)
    assert macro == pytest.approx(sklearn_metrics.f1_score(gold, predicted, average="macro"))
    assert micro == pytest.approx(sklearn_metrics.f1_score(gold, predicted, average="micro"))


def test_f1_of_an_epoch_is_that_of_the_evaluation():
    gold, scores = table()
    result = evaluated()
    assert f1_scores(gold, scores >= 0.5) == pytest.approx((result.macro_f1.value, result.micro_f1.value))


def test_f1_of_an_epoch_is_zero_where_it_is_not_defined():
    assert f1_scores(np.zeros((2, 3)), np.zeros((2, 3))) == (0, 0)
    assert f1_scores(np.zeros((0, 3)), np.zeros((0, 3))) == (0, 0)
    assert f1_scores(np.full((2, 3), -1), np.ones((2, 3))) == (0, 0)


@pytest.mark.parametrize(
    ("gold", "scores", "message"),
    [
        ([[1, 0]], [[0.5, 0.5]], r"probabilities of shape \(n, 3\), got \(1, 2\)"),
        ([[1, 0, 0]], [[0.5, 0.5, 0.5]] * 2, r"gold labels of shape \(2, 3\) like the predictions, got \(1, 3\)"),
        ([[1, 0, 2]], [[0.5, 0.5, 0.5]], r"1, 0 or -1 \(not judged\), got 2"),
        ([[1, 0, np.nan]], [[0.5, 0.5, 0.5]], r"1, 0 or -1 \(not judged\), got nan"),
        ([[1, 0, 0]], [[0.5, 1.5, 0.5]], r"from 0 to 1, got 1.5"),
        ([[1, 0, 0]], [[0.5, np.nan, 0.5]], r"from 0 to 1, got nan"),
    ],
)
def test_arrays_that_make_no_sense_are_refused(gold, scores, message):
    with pytest.raises(DataError, match=message):
        evaluate_predictions(gold, scores, HALF, TOPICS)
    with pytest.raises(DataError, match=message):
        compare_predictions(gold, (scores, HALF), (scores, HALF), TOPICS)


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ({"rain": 0.5, "heat": 0.5}, "no threshold for the topic 'wind'"),
        (HALF | {"heart": 0.5}, "the unknown topic 'heart'; did you mean 'heat'"),
    ],
)
def test_thresholds_are_those_of_the_topics(thresholds, message):
    with pytest.raises(ConfigError, match=message):
        evaluated(thresholds=thresholds)


def test_at_least_one_resample():
    with pytest.raises(ConfigError, match="resamples must be at least 1, got 0"):
        evaluated(resamples=0)


def test_every_sentence_needs_its_group():
    with pytest.raises(DataError, match="a group for each of 5 sentences, got 1"):
        evaluated(groups=["news"])
