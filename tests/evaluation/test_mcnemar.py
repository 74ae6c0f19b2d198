import numpy as np
import pytest

from svodka.evaluation.mcnemar import McNemar, holm, mcnemar

pytest.importorskip("scipy", reason="needs svodka[report]")


def answers(signs):
    """Right answers are `+`."""
    return np.array([sign == "+" for sign in signs], dtype=bool)


# A's answers, B's, mended, broken, p by hand: 2 * P(at most the smaller count of heads among n fair coins)
@pytest.mark.parametrize(
    ("first", "second", "mended", "broken", "p_value"),
    [
        ("---------+++", "++++++++-++-", 8, 1, 2 * (1 + 9) / 2**9),  # the two that both got right tell nothing
        ("+++++", "-----", 0, 5, 2 / 2**5),
        ("++--", "--++", 2, 2, 1),
        ("-", "+", 1, 0, 1),  # one coin falls to one side for certain
        ("+-+", "+-+", 0, 0, 1),
        ("", "", 0, 0, 1),
    ],
)
def test_only_the_questions_that_one_of_both_got_right_count(first, second, mended, broken, p_value):
    found = mcnemar(answers(first), answers(second))
    assert (found.mended, found.broken) == (mended, broken)
    assert found.p_value == pytest.approx(p_value)
    turned = mcnemar(answers(second), answers(first))
    assert turned == McNemar(broken, mended, found.p_value)


@pytest.mark.parametrize(
    ("given", "corrected"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),  # 3 * 0.01; 2 * 0.03; 1 * 0.04, but not below the one before
        ([0.2], [0.2]),
        ([0.5, 0.6], [1, 1]),
        ([0.02, 0.02], [0.04, 0.04]),
        ([], []),
    ],
)
def test_several_tests_are_corrected_for_their_number(given, corrected):
    assert holm(given) == pytest.approx(corrected)
