"""The sentences that could be labelled next."""

import gzip
import json
from pathlib import Path

import pytest

from svodka.errors import ConfigError, DataError
from svodka.training.pool import read_pool


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


def texts(pool):
    return [one.text for one in pool.sentences]


def test_an_article_is_split_and_its_line_breaks_go():
    pool = read_pool([write("a.txt", "Снег шёл\nвсю ночь, и дороги занесло. Утром стих.")])
    assert texts(pool) == ["Снег шёл всю ночь, и дороги занесло.", "Утром стих."]
    assert [one.id for one in pool.sentences] == ["a.txt#0", "a.txt#1"]


def test_repeated_sentences_and_those_without_a_letter_are_left_out():
    pool = read_pool([write("a.txt", "Утром стих.\n\n* * *\n\nУтром стих!\n\nВетер.")])
    assert texts(pool) == ["Утром стих.", "Ветер."]
    assert pool.doubles == 1


def test_labelled_sentences_are_left_out():
    pool = read_pool([write("a.txt", "Утром стих. Ветер.")], known=["утром стих"])
    assert texts(pool) == ["Ветер."]
    assert (pool.known, pool.doubles) == (1, 0)


def test_rows_of_a_table():
    pool = read_pool([write("t.csv", "id,text\n1,Дождь. Град.\n2,\n3,Иней.\n")], "text")
    assert [one.id for one in pool.sentences] == ["t.csv:1#0", "t.csv:1#1", "t.csv:3#0"]


def test_packed_json_lines():
    with gzip.open("t.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(json.dumps({"text": "Дождь."}) + "\n" + json.dumps({"text": "Град."}) + "\n")
    pool = read_pool(["t.jsonl.gz"], "text")
    assert [(one.id, one.text) for one in pool.sentences] == [("t.jsonl.gz:1#0", "Дождь."), ("t.jsonl.gz:2#0", "Град.")]


def test_a_packed_table_needs_its_column():
    with pytest.raises(ConfigError, match=r"t\.jsonl\.gz is a table: say which column"):
        read_pool(["t.jsonl.gz"])


def test_what_is_not_packed_is_told():
    write("t.jsonl.gz", "{}")
    with pytest.raises(DataError, match=r"t\.jsonl\.gz: damaged gzip file"):
        read_pool(["t.jsonl.gz"], "text")


def test_what_could_not_be_read_is_noted():
    pool = read_pool([write("a.txt", "Ветер."), "b.txt"])
    assert texts(pool) == ["Ветер."]
    assert pool.skipped[0].startswith("b.txt: no such file")
