"""The sentences that a report shows: the surest errors and the least sure hits, with the words behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from svodka.evaluation.labelled import Labelled
from svodka.evaluation.report.words import Pick, Probabilities, least_sure_hits, surest_errors, word_weights
from svodka.evaluation.scored import Scored

__all__ = ["EXAMPLES", "pick_examples"]

EXAMPLES = 10
PLACES = 4


def pick_examples(
    data: Labelled, scored: Scored, topics: Sequence[str], probabilities: Probabilities, most: int = EXAMPLES
) -> dict[str, list[dict[str, Any]]]:
    """Return the sentences to show, `errors` and `hits`, at most `most` of each.

    Each has `id`, `text`, `topic` (the one in question), `kind` ("missed", "alarm" or "hit"), `probability`,
    `threshold`, `sureness` (0 to 1, see `Pick`), `gold`, `predicted` and `unknown` (ids), `truncated`, and `words`:
    pairs of a word and its weight, -1 to 1.
    """
    limits = np.array([scored.thresholds[topic] for topic in topics])
    errors = surest_errors(data.gold, scored.probabilities, limits, most)
    hits = least_sure_hits(data.gold, scored.probabilities, limits, most)
    picks = [*errors, *hits]
    weights = word_weights([data.rows[one.row].text for one in picks], [one.topic for one in picks], probabilities)
    shown = [_described(pick, words, data, scored, topics) for pick, words in zip(picks, weights, strict=True)]
    return {"errors": shown[: len(errors)], "hits": shown[len(errors) :]}


def _described(
    pick: Pick, words: Sequence[tuple[str, float]], data: Labelled, scored: Scored, topics: Sequence[str]
) -> dict[str, Any]:
    """Return one decision as plain values."""
    row, answers = data.rows[pick.row], scored.probabilities[pick.row]
    topic = topics[pick.topic]
    gold = bool(data.gold[pick.row, pick.topic] == 1)
    predicted = [one for one, answer in zip(topics, answers, strict=True) if answer >= scored.thresholds[one]]
    return {
        "id": row.id,
        "text": row.text,
        "topic": topic,
        "kind": ("hit" if topic in predicted else "missed") if gold else "alarm",
        "probability": round(float(answers[pick.topic]), PLACES),
        "threshold": scored.thresholds[topic],
        "sureness": round(pick.sureness, PLACES),
        "gold": [one for one in topics if one in (row.topics or ())],
        "predicted": predicted,
        "unknown": list(row.unknown),
        "truncated": bool(scored.truncated[pick.row]),
        "words": [list(one) for one in words],
    }
