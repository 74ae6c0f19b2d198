"""The interval of a share.

Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (JASA 22, 1927).
"""

from __future__ import annotations

import math

__all__ = ["wilson"]

NORMAL_975 = 1.959964  # the point that a standard normal variable exceeds in 2.5 % of cases


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of `hits` out of `n`, which is at least 1."""
    share, z = hits / n, NORMAL_975
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
