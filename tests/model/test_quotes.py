"""A quotation mark that is lost, or not doubled, in a table: where it opened, and which rows it may have swallowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from part_runs import fake_at_work, parts, state, svodka
from reading import cells, found

from svodka.cli import main
from svodka.columns import read_column
from svodka.errors import DataError

LOST = 'id,text\n1,Дождь.\n2,"Учения идут.\n3,Склад полон."\n4,Радар.\n'  # of row 2 the end, of row 3 the beginning
DOUBT = (
    "{}: a quoted text that begins here goes on up to line {}, over what looks like further rows; is a quotation mark "
    "lost, or one in the text not doubled?"
)


def doubts(path, column="text"):
    return [cell.doubt for cell in read_column(path, column) if cell.doubt]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            'id,text\n1,Да.\n2,"Нет.\n3,Да.\n',
            r"a\.csv:3: broken CSV: a quotation mark opens a cell here and none closes",
        ),
        (
            'id,text\n1,"Да.\n2,Нет.\n3,"Да."\n',
            r"a\.csv:2: broken CSV: .* opens a cell here, .* amid a text in line 4;",
        ),
        ('id,text\n1,"Да.\nДа.",\n2,"Да.\nНет.","x\n', r"a\.csv:5: broken CSV: .* none closes it up to line 5; is a"),
        ('id,text\n1,"Да ""Да"".\n2,Нет.\n', r"a\.csv:2: broken CSV: .* none closes it up to line 3; is a quotation"),
        ('id,text\n1,"Да" нет.\n', r"a\.csv:2: broken CSV: often a quotation mark in a text that is not doubled"),
        (
            'id,text\n1,Да.\n"2,Нет.\n3,Да"\n',
            r"a\.csv:3: expected 2 cells .*, got 1; the text .* opens here goes on up to",
        ),
        (
            'id,"text\n1,Да.\n',
            r"a\.csv:1: broken CSV: a quotation mark opens a cell here and none closes it up to line 2",
        ),
        (
            'id,"text\n1,Да"\n',
            r"a\.csv:1: no column 'text'.*; the text that a quotation mark opens here goes on up",
        ),
    ],
    ids=[
        "closed nowhere",
        "closed amid the next quoted text",
        "behind a text of several lines",
        "closing mark taken for half of a doubled one",
        "not doubled",
        "swallows cells",
        "header",
        "header closed by a text",
    ],
)
def test_the_line_is_named_where_the_mark_opened(tmp_path, content, message):
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    for lenient in (False, True):
        with pytest.raises(DataError, match=message):
            cells(tmp_path / "a.csv", lenient=lenient)


@pytest.mark.parametrize(
    ("content", "line", "last"),
    [
        (LOST, 3, 4),
        ('id;text\n1;"Да, да.\n2;Нет; нет.\n3;Нет.\n\n4;Да, да."\n', 2, 6),
        ('date,text,by\n"май,Да.,А\nиюнь,Нет.",Б\n', 2, 3),  # the text of the row is now Б
        ('text,by\n"Да, да",А\n"Нет,Б\nДа",А\n', 3, 4),
    ],
    ids=["two rows", "four rows, one odd and one blank", "in another column", "text first"],
)
def test_rows_that_a_quoted_text_has_swallowed_are_doubtful(tmp_path, content, line, last):
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    assert doubts(tmp_path / "a.csv") == [DOUBT.format(f"{tmp_path / 'a.csv'}:{line}", last)]


@pytest.mark.parametrize(
    "content",
    [
        'id,text\n1,"Учения идут.\nСклад, как сказано, полон, и всё."\n',
        'id,text\n1,"Учения идут.\nСклад полон, и всё."\n',
        'id,text\n1,"Изъято\n1,2 т топлива."\n',
        'text,by\n"Учения идут,\nсклад полон",А\n',
        'text,by\n"Учения, манёвры,\nсклад полон","А, Б"\n',
        '"id","text"\n"1","Учения.\nСклад."\n',
        'text\n"Учения.\nСклад."\n',  # of a single column nobody can tell
        'id\ttext\n1\t"Учения.\nСклад."\n',
    ],
)
def test_a_text_of_several_lines_is_not_doubtful(tmp_path, content):
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    assert doubts(tmp_path / "a.csv") == []


def test_a_speech_over_rows_of_a_tsv_shows_that_its_marks_are_letters(tmp_path):
    (tmp_path / "a.tsv").write_text('id\ttext\n1\t"Учения идут.\n2\tСклад полон"\n3\tДождь\n', encoding="utf-8")
    assert cells(tmp_path / "a.tsv") == [(1, '"Учения идут.'), (2, 'Склад полон"'), (3, "Дождь")]


def test_a_header_that_has_swallowed_the_table_is_not_shown_whole(tmp_path):
    (tmp_path / "a.csv").write_text('"id\n' + "1,Учения идут.\n" * 1000 + '"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv:1: no column 'text' ") as caught:
        found(tmp_path / "a.csv", column="text", lenient=True)
    assert len(str(caught.value)) < 600


def test_what_is_in_doubt_is_tagged_and_told(monkeypatch, tmp_path, capsys):
    fake_at_work(monkeypatch, tmp_path)
    Path("a.csv").write_text(LOST, encoding="utf-8")
    assert main(["tag", "a.csv", "--column", "text", "--out", "out.jsonl", "--quiet"]) == 0
    assert capsys.readouterr().err == f"svodka: warning: {DOUBT.format('a.csv:3', 4)}\n"
    assert "Склад полон." in Path("out.jsonl").read_text(encoding="utf-8")


def test_a_finished_run_in_parts_still_tells_of_its_doubts(monkeypatch, tmp_path, capsys):
    fake_at_work(monkeypatch, tmp_path)
    Path("a.csv").write_text(LOST, encoding="utf-8")
    assert svodka("a.csv") == 0
    said = capsys.readouterr().err
    assert said.startswith("svodka: warning: a.csv:3: ")
    assert state()["doubts"] == [DOUBT.format("a.csv:3", 4)]
    before = parts()
    assert svodka("a.csv", "--resume") == 0
    assert capsys.readouterr().err == said
    assert parts() == before


def test_a_run_in_parts_that_stops_tells_of_its_doubts(monkeypatch, tmp_path, capsys):
    fake_at_work(monkeypatch, tmp_path)
    Path("a.csv").write_text(f'{LOST}5,"Дождь.\n', encoding="utf-8")
    assert svodka("a.csv") == 1
    warned, stopped = capsys.readouterr().err.splitlines()
    assert warned.startswith("svodka: warning: a.csv:3: ")
    assert stopped.startswith("svodka: error: a.csv:6: broken CSV: ")


def test_a_quotation_mark_lost_below_what_excel_and_blank_lines_put_above_the_header_is_told_by_its_own_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('sep=;\r\n\r\nid;text\r\n1;Да.\r\n2;"Нет.\r\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv:5: broken CSV: a quotation mark opens a cell here and none closes it"):
        list(read_column(path, "text"))
