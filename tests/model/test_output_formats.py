"""JSON Lines, CSV and the table, from the same tagged article."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from fakes import FakeTagger, tagged

from svodka.errors import ConfigError, MissingExtraError
from svodka.output import choose_format, make_writer
from svodka.output.as_csv import guard, unguard

ARTICLE = (
    "Учения «Рубеж» начались.",
    "Зенитный расчёт прикрыл подвоз топлива.",
    "Вечером прошёл дождь.",
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def written(form, *documents, handle=None, lang="ru"):
    handle = handle or io.StringIO(newline="")
    writer = make_writer(form, handle, FakeTagger.titles, lang)
    writer.begin()
    for document in documents:
        writer.write(document)
    writer.end()
    return handle.getvalue() if isinstance(handle, io.StringIO) else None


def test_jsonl_has_exactly_its_keys_and_the_sentence_is_where_it_says():
    document = tagged("a.txt", ARTICLE)
    rows = [json.loads(line) for line in written("jsonl", document).splitlines()]
    assert [list(row) for row in rows] == [
        ["source", "index", "start", "end", "text", "topics", "scores", "truncated"]
    ] * 3
    assert [row["topics"] for row in rows] == [["exercises"], ["air_defence", "logistics"], []]
    assert rows[1]["scores"] == {"exercises": 0.02, "air_defence": 0.9, "logistics": 0.9}
    for row in rows:
        assert document.article.text[row["start"] : row["end"]] == row["text"]


def test_jsonl_keeps_cyrillic_readable_and_rounds_scores():
    line = written("jsonl", tagged("a.txt", ["Учения идут."], score=0.123456789))
    assert "Учения идут." in line
    assert '"exercises": 0.1235' in line


def test_csv_opens_in_a_spreadsheet():
    text = written("csv", tagged("a.csv", ["Учения «Рубеж», второй этап.", 'Зенит\n"склад"'], row=7))
    assert text.startswith("\ufeffsource,index,start,end,text,topics,score_exercises,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["source"] for row in rows] == ["a.csv:7", "a.csv:7"]
    assert rows[1]["text"] == 'Зенит\n"склад"'
    assert rows[1]["topics"] == "air_defence"
    assert float(rows[1]["score_logistics"]) == 0.45
    assert rows[1]["truncated"] == "false"


@pytest.mark.parametrize("count", [0, 1, 3, 4, 10])  # rows; a group is four here
def test_parquet_has_the_columns_of_csv_and_plain_types(tmp_path, monkeypatch, count):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs svodka[parquet]")
    monkeypatch.setattr("svodka.output.as_parquet.GROUP_ROWS", 4)
    documents = [tagged("a.csv", [f"=Зенит и склад {i}."], row=i + 1, score=0.123456) for i in range(count)]
    with (tmp_path / "a.parquet").open("wb") as handle:
        written("parquet", *documents, handle=handle)
    with pq.ParquetFile(tmp_path / "a.parquet") as file:
        assert file.num_row_groups == -(-count // 4)
        table = file.read()
    csv_header = written("csv").removeprefix("\ufeff").strip().split(",")
    assert table.column_names == csv_header
    types = dict(zip(table.column_names, map(str, table.schema.types), strict=True))
    assert (types["topics"], types["score_exercises"], types["start"]) == ("list<element: string>", "float", "int32")
    assert [row["text"] for row in table.to_pylist()] == [f"=Зенит и склад {i}." for i in range(count)]
    assert {round(row["score_exercises"], 7) for row in table.to_pylist()} <= {0.1235}


def test_parquet_keeps_topics_as_a_list(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs svodka[parquet]")
    with (tmp_path / "a.parquet").open("wb") as handle:
        written("parquet", tagged("a.txt", ARTICLE), handle=handle)
    topics = pq.read_table(tmp_path / "a.parquet").column("topics").to_pylist()
    assert topics == [["exercises"], ["air_defence", "logistics"], []]


def test_a_parquet_file_that_is_given_up_is_given_up_quietly(tmp_path):
    pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    with pytest.raises(KeyboardInterrupt, match=r"^$"), (tmp_path / "a.parquet").open("wb") as handle:
        writer = make_writer("parquet", handle, FakeTagger.titles)
        writer.write(tagged("a.txt", ARTICLE))
        raise KeyboardInterrupt
    del writer, handle  # an error in a finaliser would fail this test


def test_writing_parquet_without_pyarrow_tells_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    message = r"writing Parquet needs: pip install 'svodka\[parquet\]'"
    with (tmp_path / "a").open("wb") as handle, pytest.raises(MissingExtraError, match=message):
        make_writer("parquet", handle, FakeTagger.titles)


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+7 999", "'+7 999"),
        ("- Да, прибыли.", "'- Да, прибыли."),
        ("@канал сообщил", "'@канал сообщил"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),  # looks guarded, so it is guarded once more
        ("'цитата'", "'цитата'"),
        ("— Да, прибыли.", "— Да, прибыли."),
        ("-", "-"),  # standard input
        ("'-", "'-"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula_and_none_is_lost(cell, safe):
    assert guard(cell) == safe
    assert unguard(safe) == cell


def test_the_table_is_plain_in_a_file_and_as_wide_as_asked(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = written("table", tagged("a.txt", [*ARTICLE, "Колонна шла по дороге вдоль реки " * 5]))
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "■ ПВО и ПРО 0.90" in text
    assert "■ Тыл и обеспечение 0.90" in text
    assert "Предложений: 4, без темы: 2" in text


def test_the_table_ends_with_the_shares_of_topics(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = written("table", tagged("a.txt", ["Учения.", "Склад.", "Учения.", "Учения."]), lang="en").splitlines()
    place = lines.index("Sentences: 4, no topic: 1")
    label, bar, count, share = lines[place + 1].rsplit(maxsplit=3)
    assert (label, count, share) == ("■ Exercises", "3", "75%")
    assert bar == "█" * 18  # three quarters of 24


def test_a_narrow_table_puts_topics_under_the_sentence(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = written("table", tagged("a.txt", ["Учения идут."])).splitlines()
    place = next(number for number, line in enumerate(lines) if "Учения идут." in line)
    assert lines[place + 1].strip() == "■ Учения 0.90"


def test_the_table_has_colours_on_a_terminal_unless_they_are_unwanted(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in written("table", tagged("a.txt", ARTICLE), handle=Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in written("table", tagged("a.txt", ARTICLE), handle=Terminal())


def test_the_table_shows_no_character_that_steers_the_terminal():
    text = written("table", tagged("a\x1b]0;x\x07.txt", ["Связь\x1b[31m есть\u202e.\r\n  Приём"]))
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(text)
    assert "Связь�[31m есть�. Приём" in text


def test_rows_of_one_file_share_a_table_and_a_summary(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    rows = [tagged("a.csv", ["Учения."], row=1), tagged("a.csv", ["Склад.", "Радар."], row=4)]
    text = written("table", *rows, tagged("b.csv", ["Дождь."], row=1))
    assert text.count("a.csv") == 1
    assert [line.split()[0] for line in text.splitlines() if line.endswith(("—", "0.90"))] == ["1", "4.1", "4.2", "1"]
    assert text.index("Предложений: 3, без темы: 2") < text.index("b.csv") < text.index("Предложений: 1, без темы: 1")


def test_a_truncated_sentence_is_marked():
    sentence = "Учения " + "а" * 300
    assert "✂" in written("table", tagged("a.txt", [sentence])).replace("\n", "").replace(" ", "")
    assert '"truncated": true' in written("jsonl", tagged("a.txt", [sentence]))


@pytest.mark.parametrize("form", ["table", "jsonl", "csv", "html"])
def test_no_documents_make_a_whole_empty_file(form):
    assert ("</html>" in written(form)) == (form == "html")


@pytest.mark.parametrize(
    ("name", "out", "expected"),
    [
        (None, None, "table"),
        ("csv", None, "csv"),
        (None, "a.jsonl", "jsonl"),
        (None, "a.CSV", "csv"),
        (None, "a.htm", "html"),
        (None, "a.txt", "table"),
        ("jsonl", "a.log", "jsonl"),
    ],
)
def test_the_format_is_given_or_told_by_the_suffix(name, out, expected):
    assert choose_format(name, Path(out) if out else None) == expected


def test_a_format_that_contradicts_the_suffix_is_refused():
    with pytest.raises(ConfigError, match=r"--format csv and --out a\.html disagree: \.html is html"):
        choose_format("csv", Path("a.html"))
    with pytest.raises(
        ConfigError, match=r"--out a\.jsnl: the suffix '\.jsnl' tells no format; did you mean '\.jsonl'"
    ):
        choose_format(None, Path("a.jsnl"))
