import xml.etree.ElementTree as ET

import pytest

from svodka.evaluation.report.charts import interval_bar, precision_recall_chart, reliability_chart


def parts(svg, kind):
    return [one for one in ET.fromstring(svg).iter() if one.get("class") == kind]


def test_an_interval_on_its_scale():
    svg = interval_bar(0.5, 0.25, 0.75, "F1 0.5")
    # 168 wide with 6 at either side: 0.25 lies at 6 + 156 / 4 = 45, 0.5 at 84
    (band,), (notch,) = parts(svg, "range"), parts(svg, "notch")
    assert (band.get("x"), band.get("width")) == ("45", "78")
    assert float(notch.get("x")) + 1.5 == 84
    assert parts(svg, "diamond") == []
    assert len(parts(interval_bar(0.5, 0.25, 0.75, "", 0.4), "diamond")) == 1


def test_without_a_value_there_is_only_the_scale():
    svg = interval_bar(None, None, None, "not defined")
    assert parts(svg, "notch") == parts(svg, "range") == []
    assert len(parts(svg, "tick")) == 5


def test_a_curve_begins_at_recall_zero_and_steps():
    svg = precision_recall_chart([[0.5, 1], [1, 0.5]], (0.5, 1), "Rain", ("recall", "precision"), ",")
    # the square is 150 wide from 42, its top at 8: precision 1 from recall 0 to 0.5, then 0.5 to recall 1
    assert parts(svg, "curve")[0].get("d") == "M42 8L117 8L117 83L192 83"
    assert parts(svg, "dot")[0].get("cx") == "117"
    assert [one.text for one in ET.fromstring(svg).iter() if one.text in ("recall", "precision")] == [
        "recall",
        "precision",
    ]
    assert "0,5" in svg


def test_no_operating_point_where_precision_is_not_defined():
    assert parts(precision_recall_chart([[1, 1]], (0.0, None), "Rain", ("x", "y"), "."), "dot") == []


def test_labels_are_escaped():
    svg = interval_bar(0.5, 0.4, 0.6, 'the "best" <topic>')
    assert ET.fromstring(svg).get("aria-label") == 'the "best" <topic>'


def test_one_bin_of_reliability():
    bins = [{"low": 0.5, "high": 0.6, "n": 1200, "mean": 0.55, "share": 0.5, "share_low": 0.4, "share_high": 0.6}]
    svg = reliability_chart(bins, "one bin", ("x", "y", "n"), ".", " ")
    assert len(parts(svg, "dot")) == len(parts(svg, "whisker")) == len(parts(svg, "column")) == 1
    assert "1 200" in svg


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_ends_of_the_scale_are_inside_the_picture(value):
    (notch,) = parts(interval_bar(value, value, value, ""), "notch")
    assert 0 <= float(notch.get("x")) <= 165
