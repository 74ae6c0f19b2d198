import pytest

from svodka.errors import DataError
from svodka.training.agreement import Reading, measure_agreement, read_readings

TOPICS = ["rain", "wind", "heat"]


def reading(name, first, second, decided=None, *, dropped=False):
    sets = [None if one is None else frozenset(one.split()) for one in (first, second, decided)]
    return Reading(name, *sets, dropped)


def test_agreement_worked_by_hand():
    found = measure_agreement(
        [
            reading("1", "rain", "rain"),
            reading("2", "rain", "", "rain"),
            reading("3", "rain wind", "rain", None),
            reading("4", "", ""),
            reading("5", "wind", None),
        ],
        TOPICS,
    )
    # Four sentences were read twice. Rain: first reader 1, 2, 3; second 1, 3. Both 2; F1 = 2*2 / (3+2) = 0.8.
    # Observed agreement 3/4; by chance 3/4*2/4 + 1/4*2/4 = 1/2; kappa = (3/4 - 1/2) / (1 - 1/2) = 0.5.
    # Wind: first 3, second none: F1 = 0, kappa = (3/4 - 3/4) / (1 - 3/4) = 0. Heat: nobody gave it.
    rain, wind, heat = found.topics
    assert (rain.f1, rain.kappa, rain.either) == (pytest.approx(0.8), pytest.approx(0.5), 3)
    assert (wind.f1, wind.kappa, wind.either) == (0, pytest.approx(0), 1)
    assert (heat.f1, heat.kappa, heat.either) == (None, None, 0)
    assert found.macro_f1 == pytest.approx(0.4)
    assert (found.sentences, found.read_once, found.equal, found.open) == (4, 1, 2, 1)


def test_a_dropped_sentence_counts_but_is_not_open():
    found = measure_agreement([reading("1", "rain", "wind", dropped=True)], TOPICS)
    assert (found.sentences, found.open, found.dropped) == (1, 0, 1)


def test_nothing_read_twice_leaves_no_figures():
    found = measure_agreement([], TOPICS)
    assert (found.sentences, found.macro_f1) == (0, None)


def test_a_topic_that_both_give_everywhere_has_no_kappa():
    found = measure_agreement([reading("1", "rain", "rain")], TOPICS)
    assert (found.topics[0].f1, found.topics[0].kappa) == (1, None)


def test_readings_are_read_from_their_file(tmp_path):
    path = tmp_path / "readings.jsonl"
    path.write_text(
        '{"id": "a", "first": ["rain"], "second": null, "decided": null}\n'
        '{"id": "b", "first": [], "second": ["wind"], "decided": "dropped"}\n',
        encoding="utf-8",
    )
    assert read_readings(path, TOPICS) == [reading("a", "rain", None), reading("b", "", "wind", dropped=True)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a"}', r"jsonl:1: expected an object with id, first, second and decided: 'first'"),
        ("oops", r"jsonl:1: expected an object"),
        (
            '{"id": "a", "first": ["rian"], "second": null, "decided": null}',
            r"jsonl:1: unknown topic 'rian'; did you mean 'rain'\?",
        ),
        (
            '{"id": "a", "first": "rain", "second": null, "decided": null}',
            r"jsonl:1: expected a list of topics or null",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    path = tmp_path / "readings.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_readings(path, TOPICS)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"readings\.jsonl: cannot be read: No such file"):
        read_readings(tmp_path / "readings.jsonl", TOPICS)
