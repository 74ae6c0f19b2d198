"""Figures of the model that a run went on from beside those of the new one."""

import numpy as np

from svodka.training.before_after import Decider, Figures, compare_on, figures_table


def decisions(table, thresholds):
    return Decider(np.array(table, dtype=float), np.array(thresholds))


# The new model's topics are fog, rain, wind; the earlier one knows wind and rain, in this order, and not fog.
TOPICS, PLACES = ["fog", "rain", "wind"], [None, 1, 0]
GOLD = {"labels": [[-1, 1, 0], [-1, 1, 0], [1, 0, 1]]}
EARLIER = decisions([[0.1, 0.9], [0.1, 0.2], [0.9, 0.1]], [0.5, 0.5])
NEW = decisions([[0.9, 0.9, 0.1], [0.9, 0.9, 0.1], [0.9, 0.9, 0.9]], [0.5, 0.5, 0.95])


def test_both_models_are_measured_on_the_topics_that_both_know():
    shared, _ = compare_on("held-out rows", GOLD, TOPICS, PLACES, (EARLIER, NEW))
    # Earlier: rain found once of twice, F1 2/3; wind right, F1 1. New: rain two hits and an alarm, F1 4/5; wind missed.
    assert (shared.topics, shared.n) == (("rain", "wind"), 3)
    assert shared.before == (0.8333, 0.8)  # micro: 2 hits, 1 miss
    assert shared.after == (0.4, 0.6667)  # micro: 2 hits, 1 miss, 1 alarm


def test_new_topics_are_measured_apart_and_where_they_were_judged():
    _, added = compare_on("held-out rows", GOLD, TOPICS, PLACES, (EARLIER, NEW))
    assert added == Figures("held-out rows, new topics", 1, ("fog",), None, (1.0, 1.0))


def test_topics_that_nobody_judged_in_these_rows_are_left_out():
    rows = {"labels": [[-1, 1, -1], [-1, 0, -1]]}
    (only,) = compare_on(
        "old", rows, TOPICS, PLACES, (decisions([[0, 1]] * 2, [0.5, 0.5]), decisions([[0, 1, 0]] * 2, [0.5] * 3))
    )
    assert only.topics == ("rain",)
    assert compare_on("none", {"labels": [[-1, -1, -1]]}, TOPICS, PLACES, (EARLIER, NEW)) == []


def test_the_table():
    figures = [
        Figures("new data", 20, ("rain", "wind"), (0.612, 0.64), (0.7414, 0.75)),
        Figures("new data, new topics", 5, ("fog",), None, (None, 0.0)),
    ]
    assert figures_table(figures).splitlines() == [
        "  macro-F1 / micro-F1   topics   rows  before         after",
        "  new data                   2     20  0.612 / 0.640  0.741 / 0.750",
        "  new data, new topics       1      5  –              – / 0.000",
    ]
