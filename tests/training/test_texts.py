"""Texts of files whose labels do not matter."""

import gzip

import pytest

from svodka.errors import DataError
from svodka.evaluation.labelled import texts_of
from svodka.training.texts import read_texts

TEXTS = ["Снег, град.", "Иней."]


@pytest.mark.parametrize("read", [read_texts, texts_of])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", '{"text": "Снег, град.", "topics": ["rian"]}\n{"text": "Иней."}'),
        ("rows.csv", 'text,topics\n"Снег, град.",rain\nИней.,\n'),
        ("rows.csv", "text|topics\nСнег, град.|rain\nИней.|-\n"),
        ("rows.csv", "Текст;rain;Заметка\nСнег, град.;1;а\n;0;б\nИней.;0;в\n"),
        ("rows.json", '[{"data": {"text": "Снег, град."}}, {"data": {"text": "Иней."}}]'),
    ],
    ids=["own", "a table of our own", "bars between cells", "Russian names and yes or no", "Label Studio"],
)
def test_texts_of_whatever_training_reads(tmp_path, read, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read(tmp_path / name) == TEXTS


@pytest.mark.parametrize("read", [read_texts, texts_of])
def test_texts_of_a_workbook(tmp_path, read):
    openpyxl = pytest.importorskip("openpyxl", reason="needs svodka[xlsx]")
    book = openpyxl.Workbook()
    for row in [("Текст", "Темы"), *((text, "rain") for text in TEXTS)]:
        book.active.append(row)
    book.save(tmp_path / "rows.xlsx")
    assert read(tmp_path / "rows.xlsx") == TEXTS


def test_texts_of_a_packed_file(tmp_path):
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress('{"text": "Снег, град."}\n{"text": "Иней."}'.encode()))
    assert read_texts(tmp_path / "rows.jsonl.gz") == TEXTS


@pytest.mark.parametrize("read", [read_texts, texts_of])
@pytest.mark.parametrize("name", ["nowhere.jsonl", "nowhere.xlsx"])
def test_a_file_that_is_not_there(tmp_path, read, name):
    with pytest.raises(DataError, match=name):
        read(tmp_path / name)


def test_a_row_of_our_own_without_a_text_is_wrong(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "Снег."}\n{"topics": []}', encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.jsonl:2: 'text' is missing"):
        read_texts(tmp_path / "rows.jsonl")
