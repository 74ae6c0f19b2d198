"""Calibration and thresholds, fitted on validation rows.

Calibration is Platt's (1999): a factor and a shift of each topic's logit that minimise the log loss. A topic with few
positives leans on the factor and shift of all topics together. Thresholds maximise each topic's F1, and lean on the
shared threshold in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Calibration", "fit_calibration", "fit_thresholds"]

FloatArray = npt.NDArray[np.floating]
# So many positives weigh as much as what is known from all topics together: for the calibration, and for a threshold.
# The best threshold of some hundred rows is mostly chance, so it leans more; how much was chosen by cross-validation
# over the validation rows of two models.
PRIOR_POSITIVES = 20.0
THRESHOLD_PRIOR_POSITIVES = 150.0
GRID = np.round(np.arange(0.10, 0.901, 0.01), 2)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Factor and shift of each topic's logit, both float `(n_topics,)`."""

    scale: FloatArray
    shift: FloatArray

    def apply(self, logits: FloatArray) -> FloatArray:
        """Return calibrated probabilities of logits `(n, n_topics)`."""
        calibrated: FloatArray = 1 / (1 + np.exp(-np.clip(logits * self.scale + self.shift, -80, 80)))
        return calibrated


def fit_calibration(logits: FloatArray, labels: FloatArray) -> Calibration:
    """Fit Platt's scaling to logits `(n, n_topics)` and labels (1, 0, or -1 for not judged) of the same shape.

    A topic's own factor and shift are fitted with a penalty for leaving those of all topics together; the fewer its
    positives, the closer it stays. With no positive or no negative at all, the logits stay as they are.
    """
    judged = labels >= 0
    shared = _fit(logits[judged], labels[judged], np.array([1.0, 0.0]), strength=1.0)
    pairs = [
        _fit(logits[judged[:, t], t], labels[judged[:, t], t], shared, strength=PRIOR_POSITIVES / 4)
        for t in range(logits.shape[1])
    ]
    fitted = np.array(pairs)
    return Calibration(scale=fitted[:, 0], shift=fitted[:, 1])


def _fit(z: FloatArray, y: FloatArray, prior: FloatArray, strength: float) -> FloatArray:
    """Return (factor, shift) with the least log loss plus `strength` / 2 times the squared distance from `prior`."""
    from scipy.optimize import minimize

    if not (y == 1).any() or not (y == 0).any():
        return prior
    design = np.stack([z, np.ones_like(z)], axis=1).astype(np.float64)

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        logits = design @ values
        away = values - prior
        p = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
        value = (np.logaddexp(0, logits) - y * logits).sum() + strength / 2 * (away**2).sum()
        return float(value), design.T @ (p - y) + strength * away

    found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0.1, 10.0), (None, None)])
    return np.asarray(found.x)


def fit_thresholds(probabilities: FloatArray, labels: FloatArray, earlier: FloatArray | None = None) -> FloatArray:
    """Return the threshold of each topic, float `(n_topics,)`, 0.10 to 0.90 or an earlier one.

    The shared threshold gives the best mean F1 of all topics. A topic's own one is drawn towards it by as much as its
    positives are few: with 150 positives it lies half-way. A topic that has an earlier threshold is drawn to that one.

    Args:
        probabilities: `(n, n_topics)`.
        labels: 1, 0, or -1 for not judged, of the same shape.
        earlier: `(n_topics,)`, the thresholds of the model that training went on from; NaN for none.
    """
    curves = np.array([_f1_curve(probabilities[:, t], labels[:, t]) for t in range(labels.shape[1])])
    positives = (labels == 1).sum(0)
    shared = _plateau_middle(curves[positives > 0].mean(0)) if positives.any() else 0.5
    prior = np.full(labels.shape[1], shared)
    if earlier is not None:
        prior = np.where(np.isnan(earlier), prior, earlier)
    own = np.array([_plateau_middle(curve) for curve in curves])
    weight = positives / (positives + THRESHOLD_PRIOR_POSITIVES)
    thresholds: FloatArray = np.round(weight * own + (1 - weight) * prior, 3)
    return thresholds


def _f1_curve(p: FloatArray, y: FloatArray) -> FloatArray:
    """Return F1 at each threshold of the grid over the judged rows; 0 where nothing is found."""
    judged = y >= 0
    p, y = p[judged], y[judged]
    over = p[:, None] >= GRID[None, :]
    hits = (over & (y == 1)[:, None]).sum(0)
    curve: FloatArray = 2 * hits / np.maximum(over.sum(0) + (y == 1).sum(), 1)
    return curve


def _plateau_middle(curve: FloatArray) -> float:
    """Return the middle of the thresholds within half a point of the best F1, which a new sample moves least."""
    near = GRID[curve >= curve.max() - 0.005]
    return float(near.mean())
