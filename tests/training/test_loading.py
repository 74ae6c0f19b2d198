import json
import sys
from pathlib import Path

import pytest

from svodka.errors import DataError, MissingExtraError
from svodka.training.loading import load_dataset_dict

pytest.importorskip("datasets", reason="needs svodka[train]")

TOPICS = ("rain", "heat", "wind")


def written(folder: Path, name: str, *values: object) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8")
    return path


@pytest.fixture
def train(tmp_path):
    return written(
        tmp_path,
        "train.jsonl",
        {"id": "a", "text": "Льёт и дует.", "topics": ["wind", "rain"], "genre": "tv"},
        {"id": "b", "text": "Прогноза нет.", "topics": []},
        {"id": "c", "text": "Что-то с погодой.", "topics": None},
        {"id": "d", "text": "Жарко, а про ветер неясно.", "topics": ["heat"], "unknown": ["wind"]},
    )


def test_labels_follow_the_order_of_the_topics(train):
    rows = load_dataset_dict({"train": [train]}, TOPICS)["train"]
    assert rows["labels"][:] == [[1, 0, 1], [0, 0, 0], [-1, -1, -1], [0, 1, -1]]
    assert rows["topics"][:] == [["wind", "rain"], [], None, ["heat"]]
    assert rows["id"][:] == ["a", "b", "c", "d"]
    assert rows["genre"][:] == ["tv", None, None, None]
    assert rows.features["labels"].feature.dtype == "float32"


def test_rows_not_labelled_can_be_left_out(train):
    assert load_dataset_dict({"train": [train]}, TOPICS, labelled_only=True)["train"]["id"][:] == ["a", "b", "d"]


def test_files_of_a_split_are_joined_in_their_order(tmp_path, train):
    table = tmp_path / "more.csv"
    table.write_text("id;text;topics\nz;Душно, парит;heat\n", encoding="utf-8")
    splits = load_dataset_dict({"train": [table, train], "test": [train]}, TOPICS)
    assert list(splits) == ["train", "test"]
    assert splits["train"]["id"][:] == ["z", "a", "b", "c", "d"]
    assert str(splits["test"].split) == "test"


def test_a_pattern_means_its_files_by_name(tmp_path):
    for name in ("part-2", "part-1"):
        written(tmp_path, f"{name}.jsonl", {"id": name, "text": "Снег", "topics": []})
    assert load_dataset_dict({"train": [tmp_path / "part-*.jsonl"]}, TOPICS)["train"]["id"][:] == ["part-1", "part-2"]


def test_a_split_where_nobody_has_a_genre_has_the_same_columns(tmp_path, train):
    bare = written(tmp_path, "bare.jsonl", {"text": "Иней"})
    splits = load_dataset_dict({"train": [train], "test": [bare]}, TOPICS)
    assert splits["train"].features == splits["test"].features


def test_bad_rows_of_all_files_come_in_one_error(tmp_path, train):
    one = written(tmp_path, "one.jsonl", {"text": "Снег", "topics": ["snow"]})
    two = written(tmp_path, "two.jsonl", {"text": "Град", "topics": []}, {"text": ""})
    with pytest.raises(DataError, match=r"2 problems(.|\n)*one\.jsonl:1: unknown topic(.|\n)*two\.jsonl:2: 'text' is"):
        load_dataset_dict({"train": [train, one], "test": [two]}, TOPICS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("trian.jsonl", r"trian\.jsonl: no such file; did you mean 'train\.jsonl'\?"),
        ("part-*.jsonl", r"part-\*\.jsonl: no file has a name of this pattern"),
    ],
)
def test_a_missing_file_is_named(train, name, message):
    with pytest.raises(DataError, match=message):
        load_dataset_dict({"train": [train.parent / name]}, TOPICS)


def test_without_the_library_the_error_tells_what_to_install(train, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtraError, match=r"loading labelled data needs: pip install 'svodka\[train\]'"):
        load_dataset_dict({"train": [train]}, TOPICS)


def test_a_split_left_empty_is_refused(tmp_path):
    bare = written(tmp_path, "bare.jsonl", {"text": "Иней"})
    with pytest.raises(DataError, match=r"the split 'test' has no labelled rows \(.*bare\.jsonl\)"):
        load_dataset_dict({"test": [bare]}, TOPICS, labelled_only=True)
