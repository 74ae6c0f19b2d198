"""Suggestions as files for labelling tools."""

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from svodka.errors import ConfigError
from svodka.topics import Topic
from svodka.training.formats import TopicNames, read_examples
from svodka.training.rows import read_rows
from svodka.training.suggestion_file import Suggestion, choose_form, write_suggestions

TOPICS = (
    Topic("rain", "Дожди", "Rain", "Льёт вода.", "Water falls."),
    Topic("heat", "Жара", "Heat", "Жарко & сухо.", "Hot."),
)
SUGGESTIONS = (
    Suggestion(1, "a.txt#4", "a.txt", "=Дождь и жара", ("rain", "heat"), "heat", {"rain": 0.91, "heat": 0.52345}),
    Suggestion(2, "a.txt#1", "a.txt", "Пирог.", (), "rain", {"rain": 0.3, "heat": 0.1}),
)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def written(form, name):
    return write_suggestions(form, Path(name), SUGGESTIONS, TOPICS)


def test_json_lines_are_rows_that_nobody_labelled():
    assert written("jsonl", "next.jsonl") == [Path("next.jsonl")]
    first, second = read_rows(Path("next.jsonl"), ["rain", "heat"])
    assert (first.topics, first.text, first.id) == (None, "=Дождь и жара", "a.txt#4")
    assert first.other["meta"]["predicted"] == ["rain", "heat"]
    assert first.other["scores"] == {"rain": 0.91, "heat": 0.5234}
    assert (second.other["meta"]["rank"], second.other["meta"]["doubtful"]) == (2, "rain")


def test_label_studio_shows_predictions():
    assert written("label-studio", "next.json") == [Path("next.json"), Path("next.xml")]
    first, second = json.loads(Path("next.json").read_text(encoding="utf-8"))
    assert first["data"]["text"] == "=Дождь и жара"
    (prediction,) = first["predictions"]
    assert prediction["result"][0]["value"] == {"choices": ["Дожди", "Жара"]}
    assert prediction["score"] == 0.5234  # heat is the least sure of the two
    assert second["predictions"][0] == {"model_version": "svodka", "score": 0.7, "result": []}


def test_its_configuration_has_the_same_names():
    written("label-studio", "next.json")
    view = ET.fromstring(Path("next.xml").read_text(encoding="utf-8"))
    result = json.loads(Path("next.json").read_text(encoding="utf-8"))[0]["predictions"][0]["result"][0]
    choices = view.find("Choices")
    assert (result["from_name"], result["to_name"]) == (choices.get("name"), choices.get("toName"))
    assert view.find("Text").get("name") == result["to_name"]
    assert [one.get("value") for one in choices] == ["Дожди", "Жара"]
    assert choices[1].get("hint") == "Жарко & сухо."


def test_doccano_gets_predictions_as_labels():
    assert written("doccano", "next.jsonl") == [Path("next.jsonl"), Path("next.labels.json")]
    rows = [json.loads(line) for line in Path("next.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["label"] for row in rows] == [["Дожди", "Жара"], []]


def test_the_spreadsheet_has_an_empty_column_for_topics():
    written("csv", "next.csv")
    with Path("next.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows[0]["text"] == "'=Дождь и жара"  # no formula
    assert [(row["topics"], row["meta.rank"]) for row in rows] == [("", "1"), ("", "2")]


@pytest.mark.parametrize(("form", "name"), [("jsonl", "n.jsonl"), ("label-studio", "n.json"), ("csv", "n.csv")])
def test_what_was_written_is_read_again_as_not_labelled(form, name):
    """The text, the scores and where the sentence stands survive the way through a tool."""
    written(form, name)
    reading = read_examples(Path(name), TopicNames(TOPICS))
    assert not reading.rejected
    first = reading.examples[0]
    assert (first.text, first.topics, first.scores) == ("=Дождь и жара", None, {"rain": 0.91, "heat": 0.5234})
    assert first.meta["source"] == "a.txt"


@pytest.mark.parametrize(
    ("asked", "out", "form"),
    [
        (None, None, "jsonl"),
        (None, "x.json", "label-studio"),
        (None, "x.jsonl", "jsonl"),
        (None, "x.CSV", "csv"),
        ("doccano", "x.jsonl", "doccano"),
        ("jsonl", None, "jsonl"),
    ],
)
def test_the_form_of_the_file(asked, out, form):
    assert choose_form(asked, Path(out) if out else None) == form


@pytest.mark.parametrize(
    ("asked", "out", "message"),
    [
        (None, "x.txt", r"--out x\.txt: expected a file ending in .*\.jsonl"),
        ("csv", None, r"--to csv needs a file: --out FILE\.csv"),
    ],
)
def test_a_form_that_cannot_be(asked, out, message):
    with pytest.raises(ConfigError, match=message):
        choose_form(asked, Path(out) if out else None)
