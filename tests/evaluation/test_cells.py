"""Differences in points, and files without folders, as several tables have them."""

import pytest

from svodka.evaluation.cells import points, without_folders
from svodka.evaluation.results import Difference

AHEAD = Difference(value=0.0123, low=-0.004, high=0.03, p_value=0.0414)


@pytest.mark.parametrize(
    ("difference", "told"),
    [
        (AHEAD, "+1.2 [-0.4, +3.0]"),
        ({"value": 0.0123, "low": -0.004, "high": 0.03, "p_value": 0.0414}, "+1.2 [-0.4, +3.0]"),
        (Difference(0.0123, None, None, None), "+1.2"),  # one sentence: nothing to resample
        (Difference(None, None, None, None), "–"),
        (None, "–"),
    ],
)
def test_a_difference_is_told_in_points_as_far_as_it_is_defined(difference, told):
    assert points(difference) == told


def test_p_is_told_where_it_is_asked_for_and_defined():
    assert points(AHEAD, signed=False, p_value=True) == "1.2 [-0.4, 3.0], p = 0.041"
    assert points(Difference(0.0123, None, None, None), p_value=True) == "+1.2"


def test_a_file_keeps_its_name_and_loses_its_folder():
    files = [{"name": "some/where/dev.jsonl", "rows": 2}]
    assert without_folders(files) == [{"name": "dev.jsonl", "rows": 2}]
    assert files[0]["name"] == "some/where/dev.jsonl"
