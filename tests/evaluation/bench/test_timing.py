"""Turns, medians, quartiles and ratios, by hand."""

import pytest

from svodka.errors import SvodkaError
from svodka.evaluation.bench.timing import Spread, ratios, spread, take_turns


def test_median_and_quartiles():
    # 1 2 3 4 5: the middle one, and the second from either end
    assert spread([5, 1, 4, 2, 3]) == Spread(3, 2, 4, 5)


def test_one_measurement_has_no_spread():
    assert spread([0.25]) == Spread(0.25, 0.25, 0.25, 1)


def test_numbers_are_written_with_five_figures():
    assert spread([1 / 3]).to_dict() == {"median": 0.33333, "low": 0.33333, "high": 0.33333, "n": 1}


def test_ratios_are_taken_within_a_round():
    # The machine was twice as slow in the second round: 4 / 2, 8 / 4, 9 / 3. The ratio of the medians would be 8 / 3.
    found = ratios({"ours": [2, 4, 3], "theirs": [4, 8, 9]}, "ours")
    assert found["ours"] == Spread(1, 1, 1, 3)
    assert found["theirs"] == Spread(2, 2, 2.5, 3)


def test_everybody_has_one_turn_a_round():
    order = []

    def turn(name):
        return lambda: order.append(name) or len(order)

    found = take_turns({"a": turn("a"), "b": turn("b"), "c": turn("c")}, 2, failed=pytest.fail)
    assert order == ["a", "b", "c", "a", "b", "c"]
    assert found == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}


def test_who_fails_once_is_out():
    asked, failed, began = [], [], []

    def broken():
        asked.append("broken")
        if len(asked) == 2:
            raise SvodkaError("fell over")
        return 1

    found = take_turns(
        {"broken": broken, "whole": lambda: 2},
        3,
        failed=lambda name, error: failed.append((name, str(error))),
        began=lambda number, name: began.append((number, name)),
    )
    assert found == {"whole": [2, 2, 2]}
    assert failed == [("broken", "fell over")]
    assert began == [(1, "broken"), (1, "whole"), (2, "broken"), (2, "whole"), (3, "whole")]
