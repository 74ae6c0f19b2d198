"""When a quick model's answers are not to be trusted: what is fitted, and on what, before it reads first of two models.

The chance that the other model decides otherwise falls with the distance of the quick one's logit from its threshold:
for each topic, and each side of the threshold, by a logistic curve, fitted on sentences that it did not learn from. A
wrong decision costs macro-F1 the more the rarer its topic is, and micro-F1 the same whatever the topic. Between both,
chances are weighted by 1 / the root of the topic's share: of the powers 0 to 1 it lost little of either (tried with a
quick model on held-out rows).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from svodka.cascade import Doubt

__all__ = ["fit_doubt"]

FloatArray = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
STRENGTH = 10.0  # of scikit-learn's `C`
SELDOM = 1e-3  # a rarer topic counts as if it were that frequent
NEVER, ALWAYS = (-20.0, 0.0), (20.0, 0.0)  # intercept and slope
FEWEST = 5  # where fewer decisions were seen, nothing is known, and the other model is asked


def fit_doubt(
    unseen: tuple[FloatArray, FloatArray],
    ordinary: tuple[FloatArray, FloatArray],
    cuts: tuple[Numbers, Numbers],
    share: float,
) -> Doubt:
    """Return when texts go on.

    Args:
        unseen: logits of the quick and of the other model `(n_texts, n_topics)` on sentences that the quick one did not
            learn from.
        ordinary: the same on ordinary sentences.
        cuts: logit of each topic's threshold, the quick model's and the other's `(n_topics,)`.
        share: of the ordinary sentences that go on, above 0 to below 1.
    """
    cut, last_cut = cuts
    beyond, differs = unseen[0] - cut, (unseen[0] >= cut) != (unseen[1] >= last_cut)
    above, below = (
        np.array([_curve(abs(beyond[side[:, k], k]), differs[side[:, k], k]) for k in range(len(cut))])
        for side in (beyond >= 0, beyond < 0)
    )
    weight = np.maximum((ordinary[1] >= last_cut).mean(axis=0), SELDOM) ** -0.5
    doubt = Doubt(cut, above, below, weight, bar=np.inf)
    bar = float(np.quantile(doubt.stake(ordinary[0]), 1 - share))
    return replace(doubt, bar=bar)


def _curve(distance: Numbers, differs: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return intercept and slope, 0 or less, of the logit of the chance that a decision differs, by its distance."""
    from sklearn.linear_model import LogisticRegression

    if len(differs) < FEWEST or differs.all():
        return ALWAYS
    if not differs.any():
        return NEVER
    fitted = LogisticRegression(C=STRENGTH).fit(distance[:, None], differs)
    slope = float(fitted.coef_[0, 0])
    return float(fitted.intercept_[0]), min(slope, 0.0)
