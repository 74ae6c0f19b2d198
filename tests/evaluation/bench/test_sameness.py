"""Whether company and rounding turn decisions: arrangements, counting by hand, and a model that minds its company."""

import numpy as np
import pytest

from svodka.engine import Encoded, Engine
from svodka.evaluation.bench.accuracy import decisions, equal_share, macro_f1, macro_f1_difference
from svodka.evaluation.bench.independence import arrangements, compare_logits, cuts, measure_independence
from svodka.evaluation.bench.rounding import measure_rounding
from svodka.evaluation.labelled import read_labelled

TOPICS = ("weather", "sport", "music")


@pytest.mark.parametrize("n", [1, 2, 63, 64, 150])
def test_every_arrangement_asks_about_every_text(n):
    found = list(arrangements(n, longest=n // 2, seed=5))
    for arrangement in found:
        places = [place for call in arrangement.calls for place in call]
        assert set(places) == set(range(n)), arrangement.name
        assert all(len(call) for call in arrangement.calls)
    assert [max(map(len, one.calls)) for one in found[:4]] == [min(size, n) for size in (1, 2, 7, 64)]
    assert all(n // 2 in call for call in found[-1].calls)


def test_random_orders_differ_and_can_be_repeated():
    first, second = (list(arrangements(50, 0, 5)) for _ in range(2))
    assert first == second
    assert first[4].calls != first[6].calls


def test_two_answers_are_compared():
    # topic a from logit 0 on, topic b from 1 on; of the second text, a turns
    first = np.array([[0.5, 0.0], [0.1, 2.0]], dtype=np.float32)
    second = np.array([[0.25, 0.75], [-0.1, 1.0]], dtype=np.float32)
    found = compare_logits(first, second, np.array([0, 1], dtype=np.float32))
    assert found == {
        "decisions": 4,
        "flips": 1,
        "equal": 0.75,
        "equal_texts": 0.5,
        "largest_difference": 1.0,
    }


def test_the_logits_of_thresholds():
    assert cuts([0.5, 0.0, 1.0]).tolist() == [0, -np.inf, np.inf]
    assert cuts([0.75]) == pytest.approx([np.log(3)])


class Minding:
    """A model that adds to each logit how many texts are asked about together, as padding may."""

    def logits(self, encoded, n_topics):
        return np.full((len(encoded), n_topics), len(encoded), dtype=np.float32)


class Firm:
    """A model whose logit is the text's length."""

    def logits(self, encoded, n_topics):
        return np.array([[len(one.ids)] * n_topics for one in encoded], dtype=np.float32)


ENCODED = [Encoded([1] * length, False, False) for length in (3, 5, 4)]


def test_a_model_that_minds_its_company_is_found_out():
    found = measure_independence(Minding(), ENCODED, np.array([2.5], dtype=np.float32), 1)
    # all three together give 3, alone 1, in pairs 2, 2 and 1; 2.5 is passed only by three
    by_name = {row["name"]: (row["flips"], row["largest_difference"]) for row in found["arrangements"]}
    assert by_name["1 in a call"] == (3, 2)
    assert by_name["2 in a call"] == (3, 2)
    assert by_name["7 in a call"] == (0, 0)
    assert found["flips"] == sum(flips for flips, _ in by_name.values())
    assert found["largest_difference"] == 2


def test_a_firm_model():
    found = measure_independence(Firm(), ENCODED, np.array([4], dtype=np.float32), 1)
    assert (found["texts"], found["flips"], found["largest_difference"]) == (3, 0, 0)


def test_our_model_is_firm_and_rounding_turns_little(trained_folder, labelled_files):
    engines = [Engine(trained_folder, 32, 2, precision) for precision in ("int8", "float32")]
    labelled = read_labelled([labelled_files["validation"]], TOPICS)
    encoded = engines[0].encode(labelled.texts)
    assert measure_independence(engines[0], encoded, cuts([0.5] * 3), 1)["largest_difference"] == 0
    found = measure_rounding(engines, labelled.texts, cuts([0.5] * 3), labelled, 1)
    assert found["decisions"] == 24
    assert found["equal"] == 1 - found["flips"] / 24
    assert 0 < found["largest_difference"] < 1
    assert set(found["macro_f1_difference"]) == {"value", "low", "high", "p_value"}
    alone = measure_rounding(engines, labelled.texts, cuts([0.5] * 3), None, 1)
    assert alone["macro_f1_int8"] is None
    assert alone["flips"] == found["flips"]


def test_answers_as_a_matrix():
    assert decisions([["music", "weather"], [], ["chess"]], TOPICS).tolist() == [
        [True, False, True],
        [False, False, False],
        [False, False, False],
    ]
    assert equal_share(np.array([[True, False]]), np.array([[True, True]])) == 0.5


def test_macro_f1_by_hand(labelled_files):
    labelled = read_labelled([labelled_files["validation"]], TOPICS)
    right = labelled.gold == 1
    assert macro_f1(labelled, right, 1) == {"value": 1, "low": 1, "high": 1}
    blind = right.copy()
    blind[:, 2] = False  # two topics of F1 1, one of 0
    assert macro_f1(labelled, blind, 1)["value"] == pytest.approx(2 / 3)
    assert macro_f1_difference(labelled, right, blind, 1)["value"] == pytest.approx(1 / 3)
