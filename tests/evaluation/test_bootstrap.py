import numpy as np
import pytest

from svodka.evaluation import bootstrap
from svodka.evaluation.bootstrap import (
    compare,
    estimate,
    macro_f1,
    mean_average_precisions,
    micro_f1,
    resample,
    sample_scores,
    samples_f1,
    sentence_counts,
    topic_f1,
    unit_count,
)


def counts(gold, predicted):
    return sentence_counts(np.array(gold, dtype=float), np.array(predicted, dtype=bool))


def coin(heads, tails):
    """Sentences of one topic: all carry it, `heads` are found and `tails` are missed."""
    return counts([[1]] * (heads + tails), [[1]] * heads + [[0]] * tails)


def test_what_a_sentence_adds():
    # true positives of two topics, false positives, false negatives, fully judged, right
    assert counts([[1, 0]], [[1, 0]]).tolist() == [[1, 0, 0, 0, 0, 0, 1, 1]]
    assert counts([[1, 0]], [[0, 1]]).tolist() == [[0, 0, 0, 1, 1, 0, 1, 0]]
    assert counts([[1, -1]], [[1, 1]]).tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]]


def test_a_resample_draws_as_many_sentences_as_there_are():
    totals = resample(np.ones((40, 1)), 30, seed=1)
    assert totals.shape == (30, 1)
    assert (totals == 40).all()


def test_the_same_seed_gives_the_same_draws_in_chunks_of_any_size(monkeypatch):
    rows = np.arange(50.0)[:, None]
    whole = resample(rows, 40, seed=7)
    monkeypatch.setattr(bootstrap, "CHUNK_CELLS", 150)
    assert (resample(rows, 40, seed=7) == whole).all()
    assert (resample(rows, 40, seed=8) != whole).any()


def test_the_interval_of_a_share_is_the_known_one():
    # Of 400 sentences 100 match: standard error sqrt(0.25 * 0.75 / 400) = 0.0217, so 0.25 -+ 1.96 * 0.0217
    rows = coin(heads=100, tails=300)
    figure = estimate(bootstrap.exact_match(rows.sum(axis=0)), bootstrap.exact_match(resample(rows, 4000, seed=3)))
    assert figure.value == 0.25
    assert (figure.low, figure.high) == pytest.approx((0.2076, 0.2924), abs=0.004)


def test_documents_are_drawn_whole():
    # Two documents of 50 sentences, one all found and one all missed: a draw has 0, 50 or 100 of them found.
    rows = coin(heads=50, tails=50)
    groups = ["a"] * 50 + ["b"] * 50
    found = resample(rows, 200, seed=2, groups=groups)[:, 0]
    assert set(found) == {0, 50, 100}


def test_the_order_of_documents_in_the_file_does_not_matter():
    rows = coin(heads=2, tails=2)
    groups = np.array(["а", "б", "а", "в"])
    order = [3, 1, 0, 2]
    assert (resample(rows, 20, 4, list(groups)) == resample(rows[order], 20, 4, list(groups[order]))).all()


def test_resamples_in_which_the_figure_is_not_defined_are_left_out():
    figure = estimate(np.float64(0.5), np.array([np.nan, 0.4, 0.4, np.nan]))
    assert (figure.low, figure.high) == (0.4, 0.4)
    nowhere = estimate(np.float64(0.5), np.array([np.nan]))
    assert (nowhere.value, nowhere.low, nowhere.high) == (0.5, None, None)


def test_f1_of_many_totals_at_once():
    # topics a and b; the first total: a has 1 found, 1 false, 0 missed: 2/3; b has 0, 0, 1: 0
    # the second: b alone has gold positives, with 2 found: 1; the third has nothing
    totals = np.array(
        [
            [1, 0, 1, 0, 0, 1, 0, 0],
            [0, 2, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
        ],
        dtype=float,
    )
    assert macro_f1(totals) == pytest.approx([1 / 3, 1, np.nan], nan_ok=True)
    assert micro_f1(totals) == pytest.approx([2 / 4, 1, np.nan], nan_ok=True)


def test_f1_of_each_topic():
    # a: 1 found, 1 false, 0 missed: 2/3; b is never gold: not defined, whatever its false alarms
    assert topic_f1(np.array([1.0, 0, 1, 4, 0, 0, 0, 0])) == pytest.approx([2 / 3, np.nan], nan_ok=True)


def test_what_a_sentence_adds_to_the_mean_of_sentences():
    gold = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0], [1, -1, -1], [-1, -1, -1]], dtype=float)
    predicted = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 0], [1, 1, 1], [1, 1, 1]], dtype=bool)
    # one of two found, one false alarm: 2/4; nothing, rightly: 1; a false alarm: 0; the one judged topic found: 1
    own = sample_scores(gold, predicted)
    assert own.tolist() == [[0.5, 1], [1, 1], [0, 1], [1, 1], [0, 0]]
    assert samples_f1(own.sum(axis=0)) == pytest.approx(2.5 / 4)
    assert np.isnan(samples_f1(np.zeros(2)))


def test_average_precision_of_a_draw_is_that_of_the_drawn_sentences():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs svodka[report]")
    draw = np.random.default_rng(3)
    gold = draw.integers(-1, 2, size=(40, 3)).astype(float)
    gold[:, 2] = 0  # nobody carries it: left out of the mean
    scores = draw.integers(0, 6, size=(40, 3)) / 5  # many ties
    found = mean_average_precisions(gold, scores, 25, seed=9)
    times = resample(np.eye(40), 25, seed=9)  # how often each sentence is drawn
    for value, weights in zip(found, times, strict=True):
        by_topic = []
        for labels, column in zip(gold.T[:2], scores.T[:2], strict=True):
            drawn = np.repeat(np.arange(40), weights.astype(int))
            drawn = drawn[labels[drawn] >= 0]
            by_topic.append(metrics.average_precision_score(labels[drawn] == 1, column[drawn]))
        assert value == pytest.approx(np.mean(by_topic))


def test_average_precision_draws_whole_documents():
    # Document a ranks its one positive first, b its one last of two: alone 1 and 1/2; together the ranking is
    # + (a) - (b) + (b) - (a): (1 + 2/3) / 2 = 5/6
    gold, scores = np.array([[1], [0], [0], [1]], dtype=float), np.array([[0.9], [0.1], [0.8], [0.5]])
    found = mean_average_precisions(gold, scores, 60, seed=2, groups=["a", "a", "b", "b"])
    assert set(found.round(6)) == {1, 0.5, round(5 / 6, 6)}


def test_average_precision_of_a_draw_without_negatives_is_not_defined():
    # One sentence with the topic, below one without it: both are drawn (1/2), or the topic has nothing to rank.
    found = mean_average_precisions(np.array([[1.0], [0.0]]), np.array([[0.1], [0.9]]), 60, seed=2)
    assert set(found[~np.isnan(found)]) == {0.5}
    everywhere = np.ones((9, 1))
    assert np.isnan(mean_average_precisions(everywhere, np.arange(9.0)[:, None], 5, seed=1)).all()


def test_average_precision_without_positives_or_without_sentences_is_not_defined():
    assert np.isnan(mean_average_precisions(np.zeros((3, 2)), np.zeros((3, 2)), 4, seed=1)).all()
    assert np.isnan(mean_average_precisions(np.zeros((0, 2)), np.zeros((0, 2)), 4, seed=1)).all()


def test_a_system_does_not_differ_from_itself():
    rows = coin(heads=30, tails=20)
    same = compare(rows, rows, resamples=100, seed=1)
    assert (same.value, same.low, same.high, same.p_value) == (0, 0, 0, 1)


def test_a_clear_difference_has_a_small_p_value_and_a_sign():
    better, worse = coin(heads=90, tails=10), coin(heads=50, tails=50)
    # F1 = 180 / 190 and 100 / 150; in none of 99 resamples the sign turns: p = 2 * 1 / 100
    found = compare(better, worse, resamples=99, seed=1)
    assert found.value == pytest.approx(180 / 190 - 100 / 150)
    assert found.low > 0
    assert found.p_value == pytest.approx(0.02)
    turned = compare(worse, better, resamples=99, seed=1)
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_the_comparison_is_paired():
    # Both systems fail on the same 40 sentences; the first finds 5 more. Drawn apart, such a difference would drown.
    first, second = coin(heads=60, tails=40), coin(heads=55, tails=45)
    found = compare(first, second, resamples=500, seed=1)
    assert 0 < found.low < found.value < found.high
    assert found.high - found.low < 0.09


# what is drawn, and in which documents: in each case a draw could only repeat the whole
@pytest.mark.parametrize(
    ("found", "groups"),
    [(1, None), (50, ["a"] * 50)],
    ids=["one sentence", "one document"],
)
def test_from_one_unit_there_is_no_interval(found, groups):
    first, second = coin(heads=found, tails=0), coin(heads=0, tails=found)
    apart = compare(first, second, resamples=20, seed=1, groups=groups)
    assert (apart.value, apart.low, apart.high, apart.p_value) == (1, None, None, None)
    scores = np.linspace(0.1, 0.9, found)[:, None]
    gold = np.arange(found)[:, None] % 2.0
    assert np.isnan(mean_average_precisions(gold, scores, 20, seed=1, groups=groups)).all()


def test_a_sentence_that_nobody_judged_is_no_second_unit():
    rows = counts([[1], [-1]], [[1], [0]])
    assert unit_count(np.array([[1.0], [-1.0]])) == 1
    assert unit_count(np.array([[1.0], [0.0], [-1.0]]), ["a", "a", "b"]) == 1
    assert np.isnan(resample(rows, 5, seed=1)).all()


def test_without_gold_positives_there_is_no_difference():
    nothing = counts([[0], [0]], [[1], [0]])
    found = compare(nothing, nothing, resamples=10, seed=1)
    assert (found.value, found.low, found.high, found.p_value) == (None, None, None, None)
    empty = counts(np.zeros((0, 1)), np.zeros((0, 1)))
    assert compare(empty, empty, resamples=10, seed=1).p_value is None
