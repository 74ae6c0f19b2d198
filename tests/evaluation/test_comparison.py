import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.comparison import compare_decisions
from svodka.evaluation.mcnemar import McNemar
from svodka.evaluation.verdict import verdict_of

pytest.importorskip("scipy", reason="needs svodka[report]")

TOPICS = ("rain", "heat")


def compared(gold, first, second, **others):
    labels = np.array(gold, dtype=float).reshape(-1, 2)
    a, b = (np.array(each, dtype=bool).reshape(-1, 2) for each in (first, second))
    return compare_decisions(labels, a, b, TOPICS, **({"resamples": 200} | others))


def test_figures_by_hand():
    # A finds one of two rains: F1 2/3, and the heat: 1. B finds both rains, but calls the heat rain: 4/5 and 0.
    found = compared([[1, 0], [1, 0], [0, 1]], [[1, 0], [0, 0], [0, 1]], [[1, 0], [1, 0], [1, 0]])
    rain, heat = found.topics
    assert (rain.f1.a, rain.f1.b) == pytest.approx((2 / 3, 4 / 5))
    assert (heat.f1.a, heat.f1.b, heat.f1.difference.value) == (1, 0, -1)
    assert found.macro_f1.difference.value == pytest.approx(2 / 5 - 5 / 6)
    # micro: A 2 found, 1 missed: 4/5; B 2 found, 1 false, 1 missed: 4/6
    assert (found.micro_f1.a, found.micro_f1.b) == pytest.approx((4 / 5, 4 / 6))
    assert (found.exact_match.a, found.exact_match.b) == pytest.approx((2 / 3, 2 / 3))
    # rain: B mends the second sentence and breaks the third; heat: it breaks the third
    assert [(one.mcnemar.mended, one.mcnemar.broken) for one in found.topics] == [(1, 1), (0, 1)]
    assert (found.decisions.mended, found.decisions.broken) == (1, 2)
    assert (found.sentences.mended, found.sentences.broken) == (1, 1)


def test_figures_of_sentences_and_of_rankings_by_hand():
    # Sentences of A: 1, 0 (missed), 1: 2/3; of B: 1, 1, 0 (rain for heat): 2/3.
    # Rain by A: + - + and so (1 + 2/3) / 2 = 5/6, by B: + + - and so 1; heat by A first: 1, by B second: 1/2.
    a, b = np.array([[0.9, 0.1], [0.2, 0.2], [0.3, 0.8]]), np.array([[0.9, 0.1], [0.8, 0.7], [0.6, 0.2]])
    gold, first, second = [[1, 0], [1, 0], [0, 1]], [[1, 0], [0, 0], [0, 1]], [[1, 0], [1, 0], [1, 0]]
    found = compared(gold, first, second, probabilities=(a, b))
    assert (found.samples_f1.a, found.samples_f1.b) == pytest.approx((2 / 3, 2 / 3))
    precision = found.mean_average_precision
    assert (precision.a, precision.b) == pytest.approx(((5 / 6 + 1) / 2, (1 + 1 / 2) / 2))
    assert precision.difference.value == pytest.approx(3 / 4 - 11 / 12)
    assert precision.difference.low < precision.difference.high
    assert compared(gold, first, second).mean_average_precision.a is None


def test_what_nobody_judged_counts_nowhere():
    # B differs from A only in heat of the first sentence, which nobody judged; the second is fully judged.
    found = compared([[1, -1], [0, 1]], [[1, 0], [0, 1]], [[1, 1], [0, 1]])
    assert (found.n, found.fully_judged) == (2, 1)
    assert found.decisions == found.sentences == McNemar(0, 0, 1.0)
    assert found.macro_f1.difference.value == 0
    assert [one.judged for one in found.topics] == [2, 1]


def test_the_correction_is_over_topics():
    # Rain is mended in six of six sentences: p = 2 / 64, of two topics the smallest: 4 / 64. Heat does not change.
    found = compared([[1, 1]] * 6, [[0, 1]] * 6, [[1, 1]] * 6)
    assert [one.mcnemar.p_value for one in found.topics] == pytest.approx([1 / 32, 1])
    assert [one.holm_p for one in found.topics] == pytest.approx([1 / 16, 1])


def test_a_model_does_not_differ_from_itself():
    same = [[1, 0], [0, 1], [0, 0]] * 4
    found = compared([[1, 0], [1, 1], [0, 0]] * 4, same, same)
    difference = found.macro_f1.difference
    assert (difference.value, difference.low, difference.high, difference.p_value) == (0, 0, 0, 1)
    assert verdict_of(found).line == "no difference shown at n = 12"
    assert "alike wherever somebody judged" in verdict_of(found).meaning


def test_documents_are_drawn_whole():
    # Each half is one document: a draw has only better, only equal, or both halves, so there are three differences.
    gold, first = [[1, 0]] * 40, [[1, 0]] * 20 + [[0, 0]] * 20
    groups = ["а"] * 20 + ["б"] * 20
    alone = compared(gold, first, gold, seed=1)
    whole = compared(gold, first, gold, seed=1, groups=groups)
    assert (alone.units, whole.units) == ("sentences", "documents")
    # A's macro F1 is 1, 2/3 or 0 in a draw, B's is 1
    assert (whole.macro_f1.difference.low, whole.macro_f1.difference.high) == (0, 1)
    assert 0 < alone.macro_f1.difference.low < 1 / 3 < alone.macro_f1.difference.high < 1


@pytest.mark.parametrize(
    ("first", "second", "decision", "words"),
    [
        ([0, 0], [1, 0], "better", "B's macro F1 is 100.0 to 100.0 points above A's (95 % interval): ship B"),
        ([1, 0], [0, 0], "worse", "B's macro F1 is 100.0 to 100.0 points below A's (95 % interval): keep A"),
    ],
)
def test_the_verdict_follows_the_interval(first, second, decision, words):
    verdict = verdict_of(compared([[1, 0]] * 10, [first] * 10, [second] * 10))
    assert (verdict.decision, verdict.line) == (decision, f"{decision} at n = 10")
    assert words in verdict.meaning


# every sentence is mended: how many there are, in how many documents, the line, why
@pytest.mark.parametrize(
    ("n", "documents", "line", "why"),
    [
        (1, None, "not decided at n = 1", "1 sentence: too few to decide by an interval, which takes 10."),
        (9, None, "not decided at n = 9", "9 sentences: too few"),
        (40, 1, "not decided at n = 40 in 1 document", "1 document: too few"),
        (40, 9, "not decided at n = 40 in 9 documents", "9 documents: too few"),
        (40, 10, "better at n = 40 in 10 documents", "ship B"),
    ],
)
def test_few_sentences_or_documents_decide_nothing(n, documents, line, why):
    groups = documents and [f"d{place % documents}" for place in range(n)]
    found = compared([[1, 0]] * n, [[0, 0]] * n, [[1, 0]] * n, groups=groups)
    verdict = verdict_of(found)
    assert found.macro_f1.difference.value == 1
    assert verdict.line == line
    assert why in verdict.meaning


def test_an_interval_around_zero_shows_no_difference():
    # One sentence in twenty is mended and one broken.
    gold = [[1, 0]] * 20
    first, second = [[0, 0]] + [[1, 0]] * 19, [[1, 0]] * 19 + [[0, 0]]
    verdict = verdict_of(compared(gold, first, second))
    assert verdict.line == "no difference shown at n = 20"
    assert "no proof that they are equal" in verdict.meaning


@pytest.mark.parametrize("gold", [np.zeros((0, 2)), [[0, 0]], [[-1, -1]]], ids=["empty", "no positives", "not judged"])
def test_without_gold_topics_there_is_no_verdict(gold):
    nothing = np.zeros_like(np.array(gold))
    found = compared(gold, nothing, nothing)
    assert (found.macro_f1.a, found.macro_f1.difference.low) == (None, None)
    assert verdict_of(found).decision == "not decided"


def test_shapes_must_fit():
    with pytest.raises(DataError, match=r"expected labels and decisions of shape \(2, 2\)"):
        compared([[1, 0], [0, 1]], [[1, 0]], [[1, 0], [0, 1]])
