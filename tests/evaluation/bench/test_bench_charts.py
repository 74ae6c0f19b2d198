"""Axes, names beside points, shapes, and charts as files."""

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from svodka.evaluation.bench.charts import Mark, accuracy_chart, growth_chart, speed_chart, standalone
from svodka.evaluation.bench.labels import Box, place_labels
from svodka.evaluation.bench.scales import linear, logarithmic
from svodka.evaluation.report.html import chart_style


def parts(svg, kind):
    return [one for one in ET.fromstring(svg).iter() if one.get("class") == kind]


def test_a_logarithmic_axis_ends_at_round_numbers():
    scale = logarithmic([58, 8200], 0, 100)
    assert (scale.low, scale.high) == (50, 10_000)
    assert scale.ticks == pytest.approx((50, 100, 200, 500, 1000, 2000, 5000, 10_000))
    # 50 to 10,000 is a factor of 200; the square root of that lies in the middle
    assert scale(50 * 200**0.5) == pytest.approx(50)


def test_a_long_logarithmic_axis_has_powers_of_ten_only():
    assert logarithmic([0.002, 90], 0, 1).ticks == pytest.approx((0.01, 0.1, 1, 10, 100))


def test_equal_values_still_make_an_axis():
    assert logarithmic([100, 100], 0, 1).high > logarithmic([100, 100], 0, 1).low
    assert linear([0.0], 0, 1).high > 0


def test_a_linear_axis_begins_at_zero_unless_told():
    assert linear([3, 7], 0, 1).ticks == (0, 1, 2, 3, 4, 5, 6, 7)
    assert linear([0.61, 0.9], 0, 1, zero=False).ticks == pytest.approx((0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9))
    assert linear([1, 2], 0, 1, least_step=1).ticks == (0, 1, 2)


def test_names_cover_neither_each_other_nor_points():
    points = [(100, 100), (112, 100), (124, 101), (300, 100), (395, 100)]
    names = ["pipeline-1", "pipeline-32", "torch", "svodka", "static"]
    frame = Box(0, 0, 400, 200)
    labels = place_labels(points, names, frame)
    boxes = [label.box for label in labels]
    assert all(first.overlap(second) == 0 for first, second in combinations(boxes, 2))
    for x, y in points:
        assert all(box.overlap(Box(x - 6, y - 6, x + 6, y + 6)) == 0 for box in boxes)
    assert all(box.left >= 0 and box.right <= 400 and box.top >= 0 for box in boxes)
    assert (labels[3].anchor, labels[3].leader) == ("start", False)  # with room, to the right of its point
    assert labels[4].anchor != "start"  # that would leave the frame


MARKS = [
    Mark("svodka", "svodka", (1000, 950, 1050), (0.85, 0.8, 0.9)),
    Mark("pipeline-32", "same weights", (60, 58, 61), (0.85, 0.8, 0.9)),
    Mark("tf<idf", "other", (2000, 1900, 2100), (0.75, 0.7, 0.8)),
]


@pytest.mark.parametrize("draw", [accuracy_chart, speed_chart])
def test_families_differ_by_shape_as_well_as_by_colour(draw):
    svg = draw(MARKS, "what it shows")
    # each once in the chart and once in the legend
    assert [one.tag for one in parts(svg, "own")] == ["circle"] * 2
    assert [one.tag for one in parts(svg, "same")] == ["path"] * 2
    assert [one.tag for one in parts(svg, "other")] == ["rect"] * 2
    assert [one.text for one in parts(svg, "who")] == ["svodka", "pipeline-32", "tf<idf"]
    assert ET.fromstring(svg).get("aria-label") == "what it shows"


def test_the_better_is_higher_and_the_quicker_is_to_the_right():
    own, _ = parts(accuracy_chart(MARKS, ""), "own")
    other, _ = parts(accuracy_chart(MARKS, ""), "other")
    assert float(own.get("cy")) < float(other.get("y"))
    assert float(own.get("cx")) < float(other.get("x"))


def test_growth_is_a_line_through_points():
    points = [Mark("", "svodka", (x, x, x), (y, y, y)) for x, y in ((1, 1.0), (2, 0.5))]
    svg = growth_chart(points, "", ("threads", "ms"), log=False)
    assert len(parts(svg, "own")) == 2
    assert len(parts(svg, "curve thin")) == 1
    labels = [one.text for one in ET.fromstring(svg).iter("text")]
    assert labels[:3] == ["0", "1", "2"]


def test_a_chart_as_a_file_has_its_own_style():
    root = ET.fromstring(standalone(speed_chart(MARKS, "alt"), chart_style()))
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{space}svg"
    assert float(root.get("width")) > 100
    assert "prefers-color-scheme" in root.find(f"{space}style").text
