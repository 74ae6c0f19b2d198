import numpy as np
import pytest

from svodka.evaluation.report import curves
from svodka.evaluation.report.curves import precision_recall_points, reliability
from svodka.evaluation.wilson import wilson

sklearn_metrics = pytest.importorskip("sklearn.metrics", reason="needs svodka[report]")


def points(gold, scores, threshold=1.0):
    return precision_recall_points(np.array(gold, dtype=float), np.array(scores, dtype=float), threshold)


def test_one_point_for_each_positive():
    # by falling score: + (1/1), - , + (2/3), -, so recall 1/2 at precision 1, recall 1 at precision 2/3; all: 2/4
    assert points([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]) == [[0.5, 1], [1, 0.6667], [1, 0.5]]


# one decision for each score from 0.9 down to 0.4: + - + - - -; gold positives: two
@pytest.mark.parametrize(
    ("threshold", "own"),
    [
        (0.8, [0.5, 0.5]),  # one found, one false alarm: recall has not risen there
        (0.75, [0.5, 0.5]),  # between two scores
        (0.6, [1, 0.5]),  # both found, and two false alarms: past the first threshold with recall 1
        (0.95, None),  # nothing predicted
    ],
)
def test_the_operating_point_lies_on_the_curve(threshold, own):
    found = points([1, 0, 1, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], threshold)
    others = [[0.5, 1], [1, 0.6667], [1, 0.3333]]
    assert [point for point in found if point not in others] == ([own] if own else [])
    assert [point for point in found if point in others] == others
    assert [point[0] for point in found] == sorted(point[0] for point in found)


def test_thinning_keeps_the_operating_point(monkeypatch):
    monkeypatch.setattr(curves, "MOST_POINTS", 2)
    # ten positives in a row, the first negative behind them: at 0.5 six are found without a false alarm
    found = points([1] * 10 + [0], np.arange(1.0, -0.1, -0.1).round(1), 0.5)
    assert found == [[0.1, 1], [0.6, 1], [1, 1], [1, 0.9091]]


def test_equal_scores_are_one_threshold():
    # + and - share the score 0.9: both or neither; then recall 1/2 at precision 1/2, recall 1 at precision 2/3
    assert points([1, 0, 1], [0.9, 0.9, 0.2]) == [[0.5, 0.5], [1, 0.6667]]  # all are predicted there


@pytest.mark.parametrize(
    ("gold", "scores", "expected"),
    [
        ([], [], []),
        ([0, 0], [0.5, 0.6], []),  # nobody carries it
        ([1], [0.3], [[1, 1]]),  # one row
        ([1, 1], [0.3, 0.4], [[0.5, 1], [1, 1]]),  # everybody carries it
        ([1, -1, 0], [0.3, 0.9, 0.1], [[1, 1], [1, 0.5]]),  # what nobody judged is no false alarm
    ],
)
def test_points_at_the_borders(gold, scores, expected):
    assert points(gold, scores) == expected


def test_the_area_under_the_steps_is_average_precision(monkeypatch):
    draw = np.random.default_rng(4)
    gold, scores = draw.integers(0, 2, 60).astype(float), draw.integers(0, 20, 60) / 20
    recall, precision = np.array(points(gold, scores)).T
    area = (np.diff(recall, prepend=0) * precision).sum()
    assert area == pytest.approx(sklearn_metrics.average_precision_score(gold, scores), abs=0.001)
    monkeypatch.setattr(curves, "MOST_POINTS", 5)
    thinned = points(gold, scores)
    assert (len(thinned), thinned[-1][0]) == (5, 1)


def test_reliability_by_hand():
    # 0.1-0.2: three decisions, one gold; 0.9-1: two, both gold, of which one at 1; the -1 does not count
    gold = np.array([[1.0, 0, 0], [1, 1, -1]])
    scores = np.array([[0.12, 0.15, 0.18], [0.95, 1.0, 0.15]])
    low, high = reliability(gold, scores)
    assert (low["low"], low["high"], low["n"]) == (0.1, 0.2, 3)
    assert (low["mean"], low["share"]) == pytest.approx((0.15, 1 / 3))
    assert (high["low"], high["high"], high["n"], high["share"]) == (0.9, 1.0, 2, 1)
    assert reliability(np.full((2, 1), -1.0), np.full((2, 1), 0.5)) == []


def test_wilson_by_hand():
    # z = 1.96, n = 10, share 0.5: middle (0.5 + 0.19207) / 1.38415 = 0.5; half 1.416 * sqrt(0.025 + 0.0096) = 0.2634
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 1)[0] == 0
    assert wilson(3, 3)[1] == 1
