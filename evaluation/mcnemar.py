"""McNemar's exact test, which asks if two systems got equally many of the same questions right.

Only the questions that exactly one of them got right tell anything. If both were equally good, each such question would
fall to either side like a fair coin, so the test is a binomial one.

Sources: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages"
(Psychometrika 12, 1947), whose test is approximate; the exact one is the sign test on the discordant pairs, see
A. Agresti, "Categorical Data Analysis" (3rd ed. 2013), section 11.1. For several tests: S. Holm, "A simple sequentially
rejective multiple test procedure" (Scandinavian Journal of Statistics 6, 1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["McNemar", "holm", "mcnemar"]


@dataclass(frozen=True, slots=True)
class McNemar:
    """The outcome of a test of system B against system A.

    Attributes:
        mended: number of questions that A got wrong and B right.
        broken: number of questions that A got right and B wrong.
        p_value: two-sided, of the hypothesis that either happens equally often; 1 if nothing was mended or broken.
    """

    mended: int
    broken: int
    p_value: float


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Test the second system against the first; both arrays (n,) say which of the same questions it got right.

    The questions should be independent. Decisions about several topics of one sentence, or about sentences of one
    document, are not quite, and then the p-value is somewhat too small.
    """
    from scipy.stats import binomtest

    mended = int((~first_right & second_right).sum())
    broken = int((first_right & ~second_right).sum())
    if not mended + broken:
        return McNemar(0, 0, 1.0)
    return McNemar(mended, broken, float(binomtest(mended, mended + broken, 0.5).pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number, in the order given, by Holm's step-down method.

    The smallest is multiplied by their number, the next by one less, and so on; none becomes smaller than one before
    it, or larger than 1.
    """
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(np.argsort(p_values, kind="stable")):
        highest = min(1.0, max(highest, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected
