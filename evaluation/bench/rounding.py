"""What rounding to 8 bits, leaving early and a quick model do to the answers: int8, as it tags, against float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from svodka.engine import Scorer
from svodka.evaluation.bench.accuracy import macro_f1, macro_f1_difference
from svodka.evaluation.bench.independence import Logits, compare_logits
from svodka.evaluation.labelled import Labelled

__all__ = ["measure_rounding"]

JUDGED = ("macro_f1_int8", "macro_f1_float32", "macro_f1_difference")


def measure_rounding(
    engines: tuple[Scorer, Scorer],
    sentences: Sequence[str],
    limits: Logits,
    labelled: Labelled | None,
    seed: int,
) -> dict[str, Any]:
    """Compare int8 with float32.

    Args:
        engines: int8, float32.
        sentences: at least one; each engine reads them in its own way.
        limits: the logit of each topic from which on it is assigned.
        labelled: sentences by which both are judged; None: nobody judges.
        seed: of the intervals.

    Returns:
        `texts`, what `compare_logits` gives, and `macro_f1_int8`, `macro_f1_float32`, `macro_f1_difference` (int8 minus
        float32) with intervals, each None without labelled sentences.
    """
    int8, float32 = (engine.logits(engine.encode(sentences), len(limits)) for engine in engines)
    found = {"texts": len(sentences), **compare_logits(int8, float32, limits)}
    if labelled is None:
        return found | dict.fromkeys(JUDGED)
    first, second = (engine.logits(engine.encode(labelled.texts), len(limits)) >= limits for engine in engines)
    judged = [macro_f1(labelled, one, seed) for one in (first, second)]
    return found | dict(zip(JUDGED, [*judged, macro_f1_difference(labelled, first, second, seed)], strict=True))
