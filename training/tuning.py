"""From logits to decisions: calibration and thresholds, both fitted on the validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.evaluation.metrics import evaluate_predictions
from svodka.training.before_after import Decider
from svodka.training.calibration import Calibration, fit_calibration, fit_thresholds

__all__ = ["Tuned", "tune"]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tuned:
    """How a classifier decides.

    Attributes:
        calibration: turns its logits into probabilities.
        thresholds: for each topic the probability from which on it is assigned, in the order of the outputs.
        metrics: `rows`, `macro_f1`, `micro_f1` and `topics` on the rows that both were fitted on, plain values.
    """

    calibration: Calibration
    thresholds: Mapping[str, float]
    metrics: Mapping[str, Any]

    def decide(self, logits: FloatArray) -> Decider:
        """Return probabilities of logits `(n, n_topics)`, and the thresholds."""
        return Decider(self.calibration.apply(logits), np.array(list(self.thresholds.values())))


def tune(
    logits: FloatArray, labels: FloatArray, ids: Sequence[str], earlier: npt.NDArray[np.float64] | None = None
) -> Tuned:
    """Fit calibration and thresholds, and measure them on the rows they were fitted on.

    Args:
        logits: float `(n, n_topics)`.
        labels: 1, 0, or -1 for not judged, of the same shape.
        ids: of the topics.
        earlier: thresholds of the model that training went on from, NaN where it has none.
    """
    calibration = fit_calibration(logits, labels)
    probabilities = calibration.apply(logits)
    thresholds = dict(zip(ids, map(float, fit_thresholds(probabilities, labels, earlier)), strict=True))
    result = evaluate_predictions(labels, probabilities, thresholds, ids, resamples=1)
    metrics = {
        "rows": len(labels),
        "macro_f1": round(result.macro_f1.value or 0.0, 4),
        "micro_f1": round(result.micro_f1.value or 0.0, 4),
        "topics": {
            one.topic: {"f1": None if one.f1 is None else round(one.f1, 4), "support": one.support}
            for one in result.topics
        },
    }
    return Tuned(calibration, thresholds, metrics)
