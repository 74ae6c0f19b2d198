import numpy as np
import pytest

from svodka.errors import ConfigError
from svodka.evaluation.labelled import document_groups, read_labelled
from svodka.evaluation.report.slices import column_values, length_names, slice_figures

TERMS = {"resamples": 20, "seed": 1}


def test_lengths_count_words_not_dashes():
    texts = [
        "Дождь.",
        "Москва — столица, а дождь идёт третий день",
        "слово " * 8,
        "слово " * 15,
        "слово " * 24,
        "слово " * 25,
    ]
    assert length_names(texts) == ["1–7", "1–7", "8–14", "15–24", "15–24", "25+"]
    assert length_names(["—"]) == ["1–7"]


def test_figures_of_parts_by_hand():
    # wire: rain found twice: 1; tv: rain missed, a false alarm of heat: 0 of 2 + 1 + 1
    gold = np.array([[1.0, 0], [1, 0], [1, 0]])
    predicted = np.array([[1, 0], [1, 0], [0, 1]], dtype=bool)
    wire, tv = slice_figures(gold, predicted, ["wire", "wire", "tv"], **TERMS)
    assert (wire["value"], wire["n"], wire["topics"]) == ("wire", 2, 1)
    assert (wire["micro_f1"]["value"], wire["exact_match"]["value"]) == (1, 1)
    assert (tv["value"], tv["n"], tv["macro_f1"]["value"], tv["micro_f1"]["value"]) == ("tv", 1, 0, 0)


def test_a_part_without_positives_has_no_f1():
    (only,) = slice_figures(np.zeros((2, 2)), np.zeros((2, 2), dtype=bool), ["a", "a"], **TERMS)
    assert (only["topics"], only["macro_f1"]["value"], only["exact_match"]["value"]) == (0, None, 1)


def test_rare_values_are_put_together():
    values = ["often"] * 3 + [f"once {i}" for i in range(20)]
    gold, predicted = np.ones((23, 1)), np.ones((23, 1), dtype=bool)
    parts = slice_figures(gold, predicted, values, **TERMS)
    assert len(parts) == 13
    assert (parts[0]["value"], parts[0]["n"]) == ("often", 3)
    assert (parts[-1]["value"], parts[-1]["values"], parts[-1]["n"]) == (None, 9, 9)


def test_the_given_order_comes_first():
    gold, predicted = np.ones((3, 1)), np.ones((3, 1), dtype=bool)
    parts = slice_figures(gold, predicted, ["b", "b", "a"], order=["a", "c"], **TERMS)
    assert [part["value"] for part in parts] == ["a", "b"]


def test_documents_are_drawn_in_parts_too():
    gold, predicted = np.ones((10, 1)), np.array([[1]] * 5 + [[0]] * 5, dtype=bool)
    (one,) = slice_figures(gold, predicted, ["x"] * 10, groups=["d1"] * 5 + ["d2"] * 5, resamples=200, seed=1)
    assert (one["exact_match"]["low"], one["exact_match"]["high"]) == (0, 1)


@pytest.mark.parametrize(
    ("n", "missed", "known"),
    [(9, 4, False), (10, 4, True), (12, 0, False)],
    ids=["too few sentences", "enough", "all resamples agree"],
)
def test_no_interval_where_it_would_feign_certainty(n, missed, known):
    gold = np.ones((n, 1))
    (one,) = slice_figures(gold, np.arange(n)[:, None] >= missed, ["x"] * n, resamples=200, seed=1)
    for name in ("macro_f1", "micro_f1", "exact_match"):
        assert one[name]["value"] is not None
        assert [one[name][end] is not None for end in ("low", "high")] == [known] * 2


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "rows.jsonl"
    lines = ['{"text": "Снег.", "topics": [], "source": "радио", "doc": "7"}', '{"text": "Дождь.", "topics": []}'] * 2
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_labelled([path], ("rain",))


def test_a_column_with_holes(data):
    assert column_values(data, "source") == ["радио", "", "радио", ""]


def test_a_slip_in_the_name_of_a_column(data):
    message = r"--slice sauce: no row has this column; did you mean 'source'\? \(columns: doc, source\)"
    with pytest.raises(ConfigError, match=message):
        column_values(data, "sauce")


def test_a_genre_that_no_row_has_is_not_offered(data, tmp_path):
    message = r"--slice genre: no row has this column \(columns: doc, source\)"
    with pytest.raises(ConfigError, match=message):
        column_values(data, "genre")
    (tmp_path / "plain.jsonl").write_text('{"text": "Снег.", "topics": []}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"--slice genre: no row has this column \(there are none to slice by\)"):
        column_values(read_labelled([tmp_path / "plain.jsonl"], ("rain",)), "genre")


def test_a_genre_that_some_row_has_is_offered(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "Снег.", "topics": [], "genre": "сводка"}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"--slice gender: .*did you mean 'genre'\? \(columns: genre\)"):
        column_values(read_labelled([tmp_path / "rows.jsonl"], ("rain",)), "gender")


def test_rows_without_a_document_are_documents_of_their_own(data):
    first, second, third, fourth = document_groups(data)
    assert first == third
    assert len({first, second, fourth}) == 3


def test_files_without_documents(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "Снег.", "topics": []}', encoding="utf-8")
    assert document_groups(read_labelled([tmp_path / "rows.jsonl"], ("rain",))) is None
