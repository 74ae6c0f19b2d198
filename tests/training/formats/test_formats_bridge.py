"""Commands that want svodka's own files read others as well, if nothing about them is in doubt."""

import json

import pytest

from svodka.errors import DataError
from svodka.topics import load_topics
from svodka.training.formats import TopicNames, read_examples
from svodka.training.loading import load_dataset_dict
from svodka.training.rows import read_rows
from svodka.training.run_details import file_note

IDS = ("rain", "heat")


def found(path, ids=IDS):
    return [(row.id, row.text, row.topics, row.line) for row in read_rows(path, ids)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", "Предложение;Метки\nЛьёт;rain\n"),
        ("rows.csv", "text;rain;heat\nЛьёт;1;0\n"),
        ("rows.tsv", "text\tlabel\nЛьёт\train\n"),
        ("rows.jsonl", '{"text": "Льёт", "label": ["rain"]}\n'),
        ("rows.json", '[{"text": "Льёт", "topics": ["rain"]}]'),
        ("rows.json", '[\n{"data": {"text": "Льёт"}, "annotations": [{"result": [{"type": "choices", "from_name": "t", '
         '"value": {"choices": ["rain"]}}]}]}\n]'),
    ],
)  # fmt: skip
def test_other_formats(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert [row[1:3] for row in found(tmp_path / name)] == [("Льёт", ("rain",))]


def test_an_excel_file(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="needs svodka[xlsx]")
    book = openpyxl.Workbook()
    for cells in (["Текст", "Темы", "doc"], ["Льёт", "rain", "д1"], ["Тихо", "-", "д1"]):
        book.active.append(cells)
    book.save(tmp_path / "rows.xlsx")
    assert found(tmp_path / "rows.xlsx") == [("rows:2", "Льёт", ("rain",), 2), ("rows:3", "Тихо", (), 3)]
    assert read_rows(tmp_path / "rows.xlsx", IDS)[0].other == {"doc": "д1"}


def test_titles_of_the_shipped_topics(tmp_path):
    topics = load_topics()
    (tmp_path / "rows.csv").write_text(f"Текст;Тема\nЛьёт;{topics[0].title_ru}\n", encoding="utf-8")
    assert found(tmp_path / "rows.csv", [one.id for one in topics])[0][2] == (topics[0].id,)


def test_bad_rows_are_all_named(tmp_path):
    (tmp_path / "rows.csv").write_text("Текст;Тема\nЛьёт;rian\n;heat\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"(?s)2 problems.*rows\.csv:2: column 'Тема': unknown topic 'rian'.*rows\.csv:3"
    ):
        found(tmp_path / "rows.csv")


def test_what_is_in_doubt_is_a_problem(tmp_path):
    (tmp_path / "rows.jsonl").write_text(
        '{"text": "Льёт", "label": ["rain"]}\n{"text": "Тихо", "label": []}\n', "utf-8"
    )
    with pytest.raises(
        DataError, match=r"1 rows have an empty list of labels.*see what `svodka data import .*rows\.jsonl"
    ):
        found(tmp_path / "rows.jsonl")


def test_a_second_column_of_topics_that_may_be_another_readers_is_a_problem(tmp_path):
    (tmp_path / "rows.csv").write_text("Текст;Темы;Аня\nЛьёт и печёт;rain;heat\n", encoding="utf-8")
    with pytest.raises(DataError, match="the column 'Аня' names topics as well, and is not used"):
        found(tmp_path / "rows.csv")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", "text,тема 1,тема 2\nЛьёт и печёт,rain,heat\n"),
        ("rows.csv", "text,topics,topics 2\nЛьёт и печёт,rain,heat\n"),
        ("rows.csv", "text,topic 1,topic 2\nЛьёт и печёт,rain,heat\n"),
        ("rows.csv", '"text","topics","secondary topics"\nЛьёт и печёт,rain,heat\n'),
        ("rows.csv", "text;topics;\nЛьёт и печёт;rain;heat\n"),
        ("rows.jsonl", '{"text": "Льёт и печёт", "topics": ["rain"], "topics 2": ["heat"]}\n'),
    ],
)
def test_several_columns_of_topics_are_read_as_the_import_reads_them(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    imported = read_examples(tmp_path / name, TopicNames.of_ids(IDS)).examples
    assert [row[2] for row in found(tmp_path / name)] == [one.topics for one in imported] == [("rain", "heat")]


def test_a_second_column_of_labels_beside_topics_is_a_problem_if_it_holds_topics(tmp_path):
    (tmp_path / "rows.csv").write_text("text,topics,tag\nЛьёт и печёт,rain,heat\n", encoding="utf-8")
    with pytest.raises(DataError, match="the column 'tag' names topics as well, and is not used"):
        found(tmp_path / "rows.csv")
    (tmp_path / "rows.csv").write_text("text,topics,tag\nЛьёт,rain,новости\n", encoding="utf-8")
    assert [(row.topics, row.other) for row in read_rows(tmp_path / "rows.csv", IDS)] == [
        (("rain",), {"tag": "новости"})
    ]


def test_a_slip_in_the_name_of_topics_is_still_told(tmp_path):
    (tmp_path / "rows.csv").write_text("text,topic\nЛьёт,rain\n", encoding="utf-8")
    with pytest.raises(DataError, match="topic"):
        found(tmp_path / "rows.csv")


def test_a_folder_of_datasets_is_sent_to_import(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.json").write_text("{}", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"a folder with a data set; run `svodka data import .*data --out data\.jsonl` first"
    ):
        found(tmp_path / "data")


def test_keys_inside_meta_are_as_good_as_beside_it(tmp_path):
    row = {"text": "Льёт", "topics": ["rain"], "doc": "a", "meta": {"doc": "b", "source": "c"}}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert read_rows(tmp_path / "rows.jsonl", IDS)[0].other == {"doc": "a", "source": "c", "meta": row["meta"]}


def test_an_exported_table_comes_back_without_its_guards(tmp_path):
    table = "id,text,topics,unknown,genre,meta.doc\na,'- Льёт!,rain,,tv,5\n"
    (tmp_path / "rows.csv").write_text(table, encoding="utf-8")
    row = read_rows(tmp_path / "rows.csv", IDS)[0]
    assert (row.text, row.topics, row.genre, row.other) == ("- Льёт!", ("rain",), "tv", {"doc": 5})


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("rows.jsonl", '{"text": "Льёт"}\n\n{"text": "Тихо"}\n', 2),
        ("rows.json", '[{"text": "Льёт", "label": ["rain"]}]', 1),
    ],
)
def test_the_rows_of_a_training_file_are_counted(tmp_path, name, content, rows):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert file_note(tmp_path / name, IDS)["rows"] == rows


def test_training_loads_them(tmp_path):
    pytest.importorskip("datasets", reason="needs svodka[train]")
    (tmp_path / "rows.csv").write_text("text;rain;heat\nЛьёт;1;\nТихо;0;0\n", encoding="utf-8")
    assert load_dataset_dict({"train": [tmp_path / "rows.csv"]}, IDS)["train"]["labels"] == [[1.0, -1.0], [0.0, 0.0]]
