from dataclasses import replace

import numpy as np
import pytest

from svodka.errors import ConfigError
from svodka.evaluation.comparison import Figure, compare_decisions
from svodka.evaluation.gate import check, parse_requirement
from svodka.evaluation.results import Difference

pytest.importorskip("scipy", reason="needs svodka[report]")

TOPICS = ("rain", "heat")


def outcome(text, difference, n=10):
    """Check a requirement on macro F1 (and F1 of rain) against a difference with its lower end, of n sentences."""
    labels = np.array([[1.0, 0.0]] * n)
    found = compare_decisions(labels, labels == 1, labels == 1, TOPICS, resamples=1)
    figure = Figure(0.8, 0.8, Difference(*difference, 0.5))
    rain = replace(found.topics[0], f1=figure)
    return check(parse_requirement(text, TOPICS), replace(found, macro_f1=figure, topics=(rain, found.topics[1])))


# the requirement, the difference and the lower end of its interval (0 to 1), whether it holds
@pytest.mark.parametrize(
    ("text", "value", "low", "holds"),
    [
        ("macro_f1>=-0.5", -0.004, -0.03, True),
        ("macro_f1>=-0.5", -0.006, -0.03, False),
        ("macro_f1>=-0.5", 0.795 - 0.8, -0.03, True),  # in floating point a hair below -0.005
        ("macro_f1>-0.5", 0.795 - 0.8, -0.03, False),
        ("macro_f1>=0", 0.0, -0.03, True),
        ("macro_f1>0", 0.0, -0.03, False),
        ("macro_f1 >= 1", 0.01, -0.03, True),
        ("macro_f1.low>=-2", 0.01, -0.03, False),
        ("macro_f1.low>=-3", 0.01, -0.03, True),
        ("f1:rain>=+1e0", 0.01, -0.03, True),
        ("f1:rain.low>-3", 0.01, -0.03, False),
        ("f1:heat>=0", 0.01, -0.03, False),  # no sentence carries it: nothing is shown
    ],
)
def test_points_are_hundredths(text, value, low, holds):
    assert outcome(text, (value, low, 0.05)).holds is holds


def test_each_outcome_is_a_line():
    difference = (-0.0123, -0.03, 0.05)
    assert str(outcome("macro_f1>=-0.5", difference)) == "required macro_f1>=-0.5: -1.23 points, FAILS"
    assert str(outcome("macro_f1.low>=-4", difference)) == "required macro_f1.low>=-4: -3.00 points, holds"
    assert str(outcome("f1:heat>=-9", difference)) == "required f1:heat>=-9: not defined on this data, FAILS"


def test_the_end_of_an_interval_from_few_sentences_never_holds():
    few = outcome("macro_f1.low>=0", (0.5, 0.4, 0.6), n=9)
    assert few.holds is False
    assert str(few) == (
        "required macro_f1.low>=0: +40.00 points, FAILS (9 sentences: too few to decide by an interval, which takes 10)"
    )
    none = outcome("macro_f1.low>=0", (0.5, None, None), n=1)
    assert str(none).startswith("required macro_f1.low>=0: no interval, FAILS (1 sentence: too few")
    assert outcome("macro_f1>=40", (0.5, None, None), n=1).holds  # the difference itself was measured


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("macrof1>=0", r"--require macrof1>=0: no metric 'macrof1'; did you mean 'macro_f1'\?"),
        ("f1:rian>=0", r"no metric 'f1:rian'; did you mean 'f1:rain'\?"),
        ("heat>=0", r"no metric 'heat'; did you mean 'f1:heat'\?"),
        ("macro_f1.lo>=0", r"no metric 'macro_f1\.lo'; did you mean 'macro_f1\.low'\?"),
        ("macro_f1=>0", r"no operator '=>'; did you mean '>='\?"),
        ("macro_f1<=0", r"no operator '<=' \(operators: >=, >\)"),
        ("macro_f1>=half", r"'half' is not a number of points, such as -0\.5"),
        ("macro_f1>=nan", r"nan is no limit"),
        ("macro_f1", r"expected METRIC>=POINTS or METRIC>POINTS, such as macro_f1>=-0\.5"),
        ("", r"expected METRIC>=POINTS"),
    ],
)
def test_a_requirement_that_means_nothing(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_requirement(text, TOPICS)
