"""The same figures for parts of the data: by length, by genre, by any column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import ConfigError, did_you_mean
from svodka.evaluation import bootstrap
from svodka.evaluation.labelled import Labelled

__all__ = ["LEAST_FOR_INTERVAL", "LENGTHS", "column_values", "length_names", "slice_figures"]

Floats = NDArray[np.float64]
LENGTHS = ((1, 7), (8, 14), (15, 24), (25, None))  # words; a headline, a short, a usual and a long sentence
MOST_VALUES = 12
LEAST_FOR_INTERVAL = 10  # sentences; of fewer, resamples say nothing of other sentences


def length_names(texts: Sequence[str]) -> list[str]:
    """Return for each text the range of words that it falls into, such as `8–14` or `25+`."""
    names = []
    for text in texts:
        words = sum(any(map(str.isalnum, piece)) for piece in text.split())
        low, high = next((one for one in LENGTHS if one[1] is None or words <= one[1]), LENGTHS[-1])
        names.append(f"{low}+" if high is None else f"{low}–{high}")
    return names


def column_values(data: Labelled, name: str) -> list[str]:
    """Return what stands in a column that the user asked for, an empty text where nothing does.

    Raises:
        ConfigError: no row has the column.
    """
    values = data.column(name)
    if values is None:
        named = {key for row in data.rows for key in row.other} | {"genre"}
        known = sorted(key for key in named if data.column(key) is not None)
        listed = f"columns: {', '.join(known)}" if known else "there are none to slice by"
        raise ConfigError(f"--slice {name}: no row has this column{did_you_mean(name, known)} ({listed})")
    return values


def slice_figures(
    gold: Floats,
    predicted: NDArray[np.bool_],
    values: Sequence[str],
    *,
    resamples: int,
    seed: int,
    groups: Sequence[str] | None = None,
    order: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return the figures of the sentences with each value.

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged.
        predicted: (n, t).
        values: the value of each sentence.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        groups: the document of each sentence, if documents are drawn.
        order: values that stand first, in this order; the others follow by falling frequency.

    Returns:
        For each value `value` (None for the rest behind the twelve most frequent, and `values`, how many these are),
        `n`, `topics` (how many topics the sentences carry), `macro_f1`, `micro_f1` and `exact_match` as intervals,
        whose ends are None for fewer than 10 sentences and where all resamples agree.
    """
    names = _shown(values, order)
    own = np.array([value if value in names else None for value in values], dtype=object)
    parts: list[tuple[str | None, NDArray[np.bool_]]] = [(name, own == name) for name in names]
    rest = {value for value in values if value not in names}
    if rest:
        parts.append((None, np.array([one is None for one in own])))
    counts = bootstrap.sentence_counts(gold, predicted)
    documents = None if groups is None else np.asarray(groups, dtype=object)
    found = []
    for name, inside in parts:
        some = None if documents is None else list(documents[inside])
        figures = _figures(counts[inside], resamples, seed, some)
        found.append(
            {"value": name, "values": len(rest) if name is None else 1, "n": int(inside.sum())}
            | {"topics": int((gold[inside] == 1).any(axis=0).sum())}
            | figures
        )
    return found


def _shown(values: Sequence[str], order: Sequence[str]) -> list[str]:
    """Return the values that get a line of their own."""
    counts = Counter(values)
    first = [value for value in order if value in counts]
    others = sorted(counts.keys() - set(first), key=lambda value: (-counts[value], value))
    return (first + others)[:MOST_VALUES]


def _figures(counts: Floats, resamples: int, seed: int, groups: Sequence[str] | None) -> dict[str, Any]:
    """Return three figures with their intervals."""
    totals, drawn = counts.sum(axis=0), bootstrap.resample(counts, resamples, seed, groups)
    kinds = {
        "macro_f1": bootstrap.macro_f1,
        "micro_f1": bootstrap.micro_f1,
        "exact_match": bootstrap.exact_match,
    }
    found = {name: bootstrap.estimate(figure(totals), figure(drawn)) for name, figure in kinds.items()}
    few = len(counts) < LEAST_FOR_INTERVAL
    return {
        name: asdict(replace(one, low=None, high=None) if few or one.low == one.high else one)
        for name, one in found.items()
    }
