import json
import sys

import pytest

from svodka.errors import DataError, MissingExtraError

ROWS = [{"text": "Льёт", "topics": ["rain"]}, {"text": "Тихо", "topics": []}, {"text": "Печёт"}]
LABELS = {"Льёт": ("rain",), "Тихо": (), "Печёт": None}


def lines(*rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


@pytest.mark.parametrize(
    "content",
    [lines(*ROWS), ROWS, {"rows": ROWS}, json.dumps(ROWS, indent=2), {"data": ROWS, "version": 3}],
)
def test_lines_and_lists(labels, content):
    assert labels("rows.json", content) == LABELS


def test_one_row_is_a_file_too(labels):
    assert labels("rows.jsonl", lines(ROWS[0])) == {"Льёт": ("rain",)}
    assert labels("row.json", json.dumps(ROWS[0], indent=2)) == {"Льёт": ("rain",)}


def test_svodkas_own_rows(read):
    row = {"id": 7, "text": "Льёт", "topics": ["Дожди"], "unknown": ["heat"], "genre": "tv", "scores": {"rain": 0.9}}
    one = read("rows.jsonl", lines(row | {"doc": "a", "meta": {"source": "b"}})).examples[0]
    assert (one.id, one.topics, one.unknown, one.genre, one.scores) == ("7", ("rain",), ("heat",), "tv", {"rain": 0.9})
    assert one.meta == {"doc": "a", "source": "b"}


def test_a_name_both_in_meta_and_beside_it_is_kept_twice(read):
    one = read("rows.jsonl", lines({"text": "Льёт", "topics": [], "doc": "a", "meta": {"doc": "b"}})).examples[0]
    assert one.meta == {"doc": "a", "meta.doc": "b"}


def test_bad_rows_of_every_kind(faults):
    content = "\n".join(
        (
            '{"text": "Льёт", "topics": ["rain"]}',
            '{"text": "Льёт"',
            '["Льёт"]',
            '{"text": 12, "topics": ["rain"]}',
            '{"text": "Льёт", "topics": ["rain", 5]}',
            '{"text": "Льёт", "topics": ["rain"], "unknown": ["rain"]}',
            '{"text": "Льёт", "topics": [], "unknown": ["hat"]}',
            '{"text": "Льёт \\ud83d", "topics": []}',
        )
    )
    assert faults("rows.jsonl", content) == [
        "2: broken JSON at column 16: Expecting ',' delimiter",
        "3: expected a JSON object, got list",
        "4: column 'text': expected a text, got 12",
        "5: column 'topics': unknown topic '5' (the topics are rain, heat, road_works)",
        "6: column 'unknown': the topic 'rain' is both given and in 'unknown'",
        "7: column 'unknown': unknown topic 'hat'; did you mean 'heat'?",
        "8: column 'text': the text has half of a character (a lone surrogate), which no file can hold",
    ]


def test_nan_is_a_missing_value(read):
    one = read(
        "rows.jsonl", '{"text": "Льёт", "topics": NaN, "weight": NaN}\n{"text": "Печёт", "topics": ["heat"]}'
    ).examples[0]
    assert (one.topics, one.meta) == (None, {"weight": None})


def test_scores_that_are_none_are_kept_as_they_are(read):
    one = read("rows.jsonl", lines({"text": "Льёт", "topics": [], "scores": {"rain": 7}})).examples[0]
    assert (one.scores, one.meta) == (None, {"scores": {"rain": 7}})


def test_answers_of_svodka_tag_are_no_labels(read):
    row = {"source": "a.txt", "index": 0, "start": 0, "end": 4, "text": "Льёт", "topics": ["rain"], "truncated": False}
    reading = read("tagged.jsonl", lines(row | {"scores": {"rain": 0.9}}))
    assert (reading.examples[0].topics, reading.examples[0].scores) == (None, {"rain": 0.9})
    assert reading.warnings[0].startswith("these look like answers of `svodka tag`: taken as not labelled")
    corrected = read("tagged.jsonl", lines(row), label_columns=("topics",))
    assert (corrected.examples[0].topics, corrected.warnings) == (("rain",), ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "Льёт"},\n {"text"}]', r"rows\.json:2: broken JSON at column 9"),
        ('{\n"text"}', r"rows\.json:2: broken JSON at column 7"),
        (
            '{"text": {"0": "Льёт"}, "topics": {"0": "rain"}}',
            r"one JSON value with 'text', 'topics'; from pandas, write it with orient",
        ),
        ('{"a": 1}', r"expected a list of objects, or one object a line, got one JSON value with 'a'; from pandas"),
        ("[]", r"has no rows \(JSON list\)"),
    ],
)
def test_json_that_is_no_table(read, content, message):
    with pytest.raises(DataError, match=message):
        read("rows.json", content)


class TestObjectsInAListOfTopics:
    """An object says more than a name; one without a name is never "no topic"."""

    @pytest.mark.parametrize(
        "topics",
        [
            [{"name": "Дожди"}, {"name": "heat"}],
            [{"id": 7, "label": "Дожди", "color": "#fff"}, "heat"],
            [{"text": "rain"}, {"value": "heat"}],
            [{"name": "topic", "value": "rain"}, {"name": "topic", "value": "heat"}],
            [{"rain": 1, "road_works": 0}, {"heat": True}],
            '[{"name": "Дожди"}, {"name": "Heat"}]',
            {"rain": 0.9, "heat": 1, "road_works": 0.1},
        ],
    )
    @pytest.mark.parametrize("key", ["topics", "labels"])
    def test_their_names_are_taken(self, labels, key, topics):
        assert labels("rows.json", [{"text": "Льёт и печёт", key: topics}]) == {"Льёт и печёт": ("rain", "heat")}

    @pytest.mark.parametrize(
        "thing",
        [
            {"id": 5},
            {"id": 0},
            {"title": "Дожди"},
            {"name": None},
            {"name": {"ru": "Дожди"}},
            {"label": "rain", "score": 0.02},
            {"label": "rain", "start": 0, "end": 4},
        ],
    )
    @pytest.mark.parametrize("key", ["topics", "labels"])
    def test_one_without_a_name_sets_its_row_aside(self, faults, key, thing):
        shown = json.dumps(thing, ensure_ascii=False)
        for value in ([thing], ["heat", thing], thing):
            assert faults("rows.json", [{"text": "Льёт", key: value}, {"text": "Печёт", key: ["heat"]}]) == [
                f"1: column {key!r}: expected the name of a topic, got the object {shown}; write the name alone, or "
                "under 'name', 'label', 'text' or 'value' without a place in the text or a score"
            ]

    def test_an_unknown_name_is_told_as_any_other(self, faults):
        assert faults("rows.json", [{"text": "Льёт", "topics": [{"name": "Дожди!"}, {"name": "Ражди"}]}])[0].startswith(
            "1: column 'topics': unknown topic 'Дожди!'; did you mean 'Дожди'?"
        )

    def test_empty_objects_name_no_topic(self, labels):
        assert labels("rows.json", [{"text": "Тихо", "topics": [{}]}, {"text": "Сухо", "topics": {}}]) == {
            "Тихо": (),
            "Сухо": (),
        }


class TestDoccano:
    def test_labels_and_metadata(self, read):
        rows = [
            {"id": 1, "text": "Льёт и печёт", "label": ["Дожди", "heat"], "Comments": [], "source": "tv"},
            {"id": 2, "text": "Печёт", "label": ["Heat"], "Comments": ["точно?"]},
        ]
        reading = read("all.jsonl", lines(*rows))
        assert [(one.id, one.topics) for one in reading.examples] == [("1", ("rain", "heat")), ("2", ("heat",))]
        assert reading.examples[0].meta == {"Comments": [], "source": "tv"}
        assert reading.understood == ("JSON Lines: doccano", "text from 'text', topics from the list 'label'")

    @pytest.mark.parametrize("key", ["labels", "cats"])
    def test_other_keys(self, labels, key):
        assert labels("all.jsonl", lines({"text": "Льёт", key: ["rain"]})) == {"Льёт": ("rain",)}

    def test_an_empty_list_is_in_doubt(self, read):
        content = lines({"text": "Льёт", "label": ["rain"]}, {"text": "Тихо", "label": []})
        reading = read("all.jsonl", content)
        assert reading.examples[1].topics is None
        assert reading.warnings[0].startswith("1 rows have an empty list of labels, as doccano writes for no topic and")
        assert read("all.jsonl", content, empty="none").examples[1].topics == ()

    def test_labels_of_parts_are_refused(self, faults):
        assert faults("all.jsonl", lines({"text": "Льёт", "label": [[0, 4, "rain"]]})) == [
            "1: column 'label': labels of parts of the text, expected labels of the whole text"
        ]


class TestParquet:
    def test_lists_and_nulls(self, tmp_path, labels):
        pa = pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
        import pyarrow.parquet as pq

        path = tmp_path / "rows.parquet"
        pq.write_table(pa.table({"text": ["Льёт", "Тихо", "Печёт"], "labels": [["rain"], [], None]}), path)
        assert labels("", path) == LABELS

    def test_class_numbers_of_datasets(self, tmp_path, read):
        datasets = pytest.importorskip("datasets", reason="needs svodka[train]")
        features = datasets.Features(
            {"text": datasets.Value("string"), "labels": datasets.List(datasets.ClassLabel(names=["heat", "rain"]))}
        )
        rows = {"text": ["Льёт", "Тихо"], "labels": [[1, 0], []]}
        datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "rows.parquet")
        reading = read("", tmp_path / "rows.parquet")
        assert [one.topics for one in reading.examples] == [("rain", "heat"), ()]

    def test_without_pyarrow_the_extra_is_named(self, read, monkeypatch):
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(MissingExtraError, match=r"reading Parquet needs: pip install 'svodka\[parquet\]'"):
            read("rows.parquet", b"PAR1")

    def test_a_damaged_file(self, read):
        pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
        with pytest.raises(DataError, match="no readable Parquet file"):
            read("rows.parquet", b"PAR1 and nothing more")


class TestHuggingFace:
    @pytest.fixture
    def datasets(self):
        library = pytest.importorskip("datasets", reason="needs svodka[train]")
        library.disable_progress_bars()
        return library

    def test_a_dataset_of_lists(self, datasets, tmp_path, labels):
        rows = {"text": ["Льёт", "Тихо", "Печёт"], "topics": [["rain"], [], None]}
        datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "data")
        assert labels("", tmp_path / "data") == LABELS

    def test_one_class_a_row(self, datasets, tmp_path, labels):
        features = datasets.Features(
            {"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["rain", "heat"])}
        )
        rows = {"sentence": ["Льёт", "Печёт", "Не знаю"], "label": [0, 1, -1]}
        datasets.Dataset.from_dict(rows, features=features).save_to_disk(tmp_path / "data")
        assert labels("", tmp_path / "data") == {"Льёт": ("rain",), "Печёт": ("heat",), "Не знаю": None}

    def test_a_column_for_each_topic(self, datasets, tmp_path, read):
        rows = {"text": ["Льёт", "Тихо"], "rain": [1, 0], "heat": [0.0, 0.0], "road_works": [False, None]}
        datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "data")
        found = [(one.topics, one.unknown) for one in read("", tmp_path / "data").examples]
        assert found == [(("rain",), ()), ((), ("road_works",))]

    def test_splits(self, datasets, tmp_path, read, labels):
        splits = {
            "train": datasets.Dataset.from_dict({"text": ["Льёт", "Печёт"], "topics": [["rain"], ["heat"]]}),
            "test": datasets.Dataset.from_dict({"text": ["Тихо"], "topics": [["rain"]]}),
        }
        datasets.DatasetDict(splits).save_to_disk(tmp_path / "data")
        with pytest.raises(DataError, match=r"has the splits train \(2\), test \(1\); choose one with --split"):
            read("", tmp_path / "data")
        assert labels("", tmp_path / "data", split="test") == {"Тихо": ("rain",)}
        every = read("", tmp_path / "data", split="all").examples
        assert [(one.row, one.meta) for one in every] == [
            (1, {"split": "train"}),
            (2, {"split": "train"}),
            (3, {"split": "test"}),
        ]
        with pytest.raises(DataError, match=r"no split 'tset'; did you mean 'test'\?"):
            read("", tmp_path / "data", split="tset")

    def test_without_datasets_the_extra_is_named(self, tmp_path, read, monkeypatch):
        (tmp_path / "state.json").write_text("{}", encoding="utf-8")
        monkeypatch.setitem(sys.modules, "datasets", None)
        with pytest.raises(MissingExtraError, match=r"reading Hugging Face datasets needs: pip install 'svodka\[train"):
            read("", tmp_path)

    def test_other_folders(self, tmp_path, read):
        with pytest.raises(DataError, match="a folder, and no data set that save_to_disk"):
            read("", tmp_path)


@pytest.mark.parametrize("labels", [[0, 1, 0], [1.0, 0.0, 0.0], "[0, 1, 0]"])
def test_lists_of_0_and_1_need_the_names_of_their_places(faults, labels):
    (fault,) = faults("rows.json", [{"text": "Льёт", "labels": labels}])
    assert fault.startswith("1: column 'labels': a list of 0 and 1 (")
    assert "nothing says which place is which topic's; make a column of 0 and 1 for each topic" in fault


@pytest.mark.parametrize(("label", "shown"), [(2, "number 2"), ("2", "number 2"), ([0, 2], "numbers 0, 2")])
def test_class_numbers_need_their_names(faults, label, shown):
    assert faults("rows.json", [{"text": "Льёт", "label": label}, {"text": "Печёт", "label": "heat"}]) == [
        f"1: column 'label': class {shown}, and the file does not name its classes; "
        "write the names of the topics in their place"
    ]
