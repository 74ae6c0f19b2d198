"""Broken rows and damaged tables: what is refused with its place, and what can be skipped."""

from __future__ import annotations

import gzip
import re

import pytest
from reading import TEXT, cells, found

from svodka.columns import SAMPLE_BYTES
from svodka.errors import DataError
from svodka.text_table import BrokenTableError


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            "id,texts\n1,Да\n",
            r"a\.csv: no column 'text'; did you mean 'texts'\? \(its columns: 'id', 'texts'\)",
        ),
        ("a.csv", "", r"a\.csv: no column 'text' \(its columns: none\)"),
        ("a.csv", "text,text\nДа,Нет\n", r"a\.csv: the column 'text' is there 2 times"),
        (
            "a.csv",
            "id,text\n1,Да, конечно\n",
            r"a\.csv:2: expected 2 cells as in the header, got 3; is a text with ',' in it not quoted",
        ),
        ("a.csv", "id,text\n1,Да\n2\n", r"a\.csv:3: expected 2 cells as in the header, got 1; is it cut off"),
        ("a.csv", 'id,text\n1,"Да\n', r"a\.csv:\d: broken CSV"),
        ("a.jsonl", '{"text": "Да"}\n{"text": "Не', r"""a\.jsonl:2: not valid JSON: .*'{"text": "Не'"""),
        ("a.jsonl", '{"text": "Да"}\n["Нет"]\n', r"a\.jsonl:2: expected a JSON object, got '\[\"Нет\"\]'"),
        ("a.jsonl", '{"txt": "Да"}\n', r"a\.jsonl:1: no column 'text'; did you mean 'txt'"),
        ("a.jsonl", '{"text": 7}\n', r"a\.jsonl:1: 'text' must be a text or null, got '7'"),
        ("a.jsonl", '{"text": "\\ud83d"}\n', r"a\.jsonl:1: 'text' holds half of a surrogate pair"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        cells(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "Да."}\n\n{"text": "Не\n{"text": "Нет."}\n', r"a\.jsonl:3: not valid JSON"),
        ("a.jsonl", '{"text": "Да."}\n[]\n{"text": "Нет."}\n', r"a\.jsonl:2: expected a JSON object"),
        ("a.jsonl", '{"text": "Да."}\n{"text": true}\n{"text": "Нет."}\n', r"a\.jsonl:2: 'text' must be a text"),
        ("a.jsonl", '{"text": "Да."}\n{"text": "\\ud83d"}\n{"text": "Нет."}\n', r"a\.jsonl:2: 'text' holds half of"),
        ("a.csv", "id,text\n1,Да.\n\n2\n3,Нет.\n", r"a\.csv:4: expected 2 cells as in the header, got 1"),
        ("a.csv", "id,text\n1,Да.\n2,Да, да\n3,Нет.\n", r"a\.csv:3: expected 2 cells as in the header, got 3"),
        ("a.tsv", 'id\ttext\n1\tДа.\n"2\n3\tНет.\n', r"a\.tsv:3: expected 2 cells as in the header, got 1"),
    ],
)
def test_a_broken_row_can_be_skipped(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert cells(tmp_path / name, lenient=True) == [(1, "Да."), (2, None), (3, "Нет.")]
    documents, inputs = found(tmp_path / name, column="text", lenient=True)
    assert documents == [(f"{tmp_path / name}:1", "Да."), (f"{tmp_path / name}:3", "Нет.")]
    assert inputs.empty == 0
    (reason,) = inputs.skipped
    assert re.search(message, reason)
    with pytest.raises(DataError, match=message):
        cells(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", 'text\nДа.\n"Нет" же.\nДа.\n', r"a\.csv:3: broken CSV"),
        ("a.csv", 'id,text\n1,Да.\n"2,Нет.\n3,"\n4,Да.\n', r"a\.csv:3: expected 2 cells as in the header, got 1"),
        ("a.jsonl", '{"text": 7}\n{"text": "Да."}\n', r"a\.jsonl:1: 'text' must be a text"),
        ("a.csv", "id,text\n1\n2,Да.\n", r"a\.csv:2: expected 2 cells"),
    ],
    ids=["stray quotation mark", "two swallowed rows", "first row", "first row of CSV"],
)
def test_what_may_be_more_than_a_row_is_not_skipped(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        cells(tmp_path / name, lenient=True)


def test_a_table_that_is_broken_from_its_first_row_stops_only_a_lenient_reader(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "Да."}\n', encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "Не\n{"text": "Нет."}\n', encoding="utf-8")
    documents, inputs = found(tmp_path, column="text")
    assert ([text for _, text in documents], len(inputs.skipped)) == (["Да."], 1)
    with pytest.raises(BrokenTableError, match=r"b\.jsonl:1: not valid JSON"):
        found(tmp_path, column="text", lenient=True)


def test_a_table_of_broken_rows_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("svodka.documents.MOST_SKIPPED", 3)
    (tmp_path / "a.jsonl").write_text('{"text": "Да."}\n' + "{\n" * 10, encoding="utf-8")
    with pytest.raises(DataError, match=r"^3 broken rows; are --column and .* right\? the last: .*a\.jsonl:4: "):
        found(tmp_path / "a.jsonl", column="text", lenient=True)


@pytest.mark.parametrize("value", ["true", "[1]", '{"a": "Да."}'])
def test_a_row_of_json_lines_with_something_else_is_refused(tmp_path, value):
    (tmp_path / "a.jsonl").write_text(f'{{"text": "Да."}}\n{{"text": {value}}}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.jsonl:2: 'text' must be a text or null"):
        cells(tmp_path / "a.jsonl")


def test_bytes_in_another_encoding_far_down_are_refused(tmp_path):
    rows = b"text\n" + b"plain words\n" * (SAMPLE_BYTES // 12 + 10)
    (tmp_path / "a.csv").write_bytes(rows + "Пример\n".encode("cp1251"))
    with pytest.raises(DataError, match=r"a\.csv: soon after line \d+: bytes that are not utf-8"):
        cells(tmp_path / "a.csv")


@pytest.mark.parametrize("spoil", [lambda data: data[:-20], lambda data: data[:60] + b"\0" * 30 + data[90:]])
def test_a_damaged_packed_table_is_refused(tmp_path, spoil):
    data = gzip.compress("".join(f'{{"text": "{TEXT} {i * i}"}}\n' for i in range(1000)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(spoil(data))
    with pytest.raises(DataError, match=r"a\.jsonl\.gz: damaged gzip file, soon after row \d+: "):
        cells(tmp_path / "a.jsonl.gz")
    (tmp_path / "b.csv.gz").write_bytes(f"text\n{TEXT}\n".encode())
    with pytest.raises(DataError, match=r"b\.csv\.gz: damaged gzip file, soon after row 0: Not a gzipped file"):
        cells(tmp_path / "b.csv.gz")


def test_a_table_that_breaks_off_behind_its_first_text_stops_the_run(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,Да.\n2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv:3: expected 2 cells"):
        found(tmp_path, column="text")
