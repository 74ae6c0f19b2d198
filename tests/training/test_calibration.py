"""Calibration and thresholds on numbers small enough to check by eye."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs svodka[train]")

from svodka.training.calibration import Calibration, fit_calibration, fit_thresholds


def overconfident(n=4000, factor=3.0):
    """Logits three times as sure as they should be, for two topics."""
    rng = np.random.default_rng(5)
    honest = rng.normal(-1, 2, size=(n, 2))
    labels = (rng.random((n, 2)) < 1 / (1 + np.exp(-honest))).astype(float)
    return honest * factor, labels


def test_overconfident_logits_are_shrunk_back():
    logits, labels = overconfident()
    calibration = fit_calibration(logits, labels)
    assert calibration.scale == pytest.approx([1 / 3, 1 / 3], abs=0.05)
    assert calibration.shift == pytest.approx([0, 0], abs=0.15)


def test_decisions_that_nobody_judged_teach_nothing():
    logits, labels = overconfident()
    masked = np.vstack([labels, np.full_like(labels, -1)])
    doubled = np.vstack([logits, -5 * logits])
    assert fit_calibration(doubled, masked).scale == pytest.approx(fit_calibration(logits, labels).scale)


def test_a_topic_without_positives_takes_the_shared_calibration():
    logits, labels = overconfident()
    labels[:, 1] = 0
    labels[:, 0] = (logits[:, 0] > 0).astype(float)
    calibration = fit_calibration(logits, labels)
    assert np.isfinite(calibration.scale).all()
    assert calibration.scale.min() >= 0.1


def test_perfectly_separated_logits_stay_finite():
    logits = np.array([[-4.0], [-3.0], [3.0], [4.0]])
    calibration = fit_calibration(logits, np.array([[0.0], [0.0], [1.0], [1.0]]))
    assert 0.1 <= calibration.scale[0] <= 10
    assert (calibration.apply(logits).round() == [[0], [0], [1], [1]]).all()


def test_applying_keeps_the_shape_and_the_range():
    p = Calibration(np.array([1.0, 2.0]), np.array([0.0, -1.0])).apply(np.array([[0.0, 500.0], [0.0, -500.0]]))
    assert p.shape == (2, 2)
    assert p[0, 0] == 0.5
    assert 0 <= p.min() < 1e-9
    assert 1 - 1e-9 < p.max() <= 1


def test_a_threshold_lies_between_the_two_groups():
    p = np.array([[0.2]] * 50 + [[0.7]] * 50)
    y = np.array([[0.0]] * 50 + [[1.0]] * 50)
    assert 0.2 < fit_thresholds(p, y)[0] <= 0.7


def test_a_rare_topic_leans_on_the_shared_threshold():
    # The first topic is best cut near 0.3, with 200 positives. The second has one, at 0.9: alone it would be cut
    # anywhere from 0.1 to 0.9, so it stays close to what is known from the first.
    common = np.r_[np.full(200, 0.25), np.full(200, 0.35)]
    rare = np.r_[np.full(399, 0.05), 0.9]
    labels = np.stack([np.r_[np.zeros(200), np.ones(200)], np.r_[np.zeros(399), 1.0]], axis=1)
    first, second = fit_thresholds(np.stack([common, rare], axis=1), labels)
    assert first == pytest.approx(0.30, abs=0.05)
    assert second == pytest.approx(first, abs=0.05)


def test_a_topic_leans_on_the_threshold_that_it_had_before():
    # With 150 positives it goes half-way from the earlier one, 0.9, to the middle of the gap between 0.2 and 0.7.
    p = np.array([[0.2, 0.2]] * 50 + [[0.7, 0.2]] * 150)
    y = np.array([[0.0, 0.0]] * 50 + [[1.0, 0.0]] * 150)
    own = fit_thresholds(p, y)[0]  # alone, its own and the shared one are the same
    first, second = fit_thresholds(p, y, np.array([0.9, 0.33]))
    assert first == pytest.approx((own + 0.9) / 2, abs=0.001)
    assert second == 0.33  # nothing is known but what was
    assert fit_thresholds(p, y, np.array([np.nan, np.nan])).tolist() == fit_thresholds(p, y).tolist()


def test_without_any_positive_the_threshold_is_one_half():
    assert fit_thresholds(np.full((3, 2), 0.4), np.zeros((3, 2))).tolist() == [0.5, 0.5]
