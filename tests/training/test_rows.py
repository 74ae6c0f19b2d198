import json
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.training.rows import Row, read_rows

TOPICS = ("rain", "heat", "wind")


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def json_rows(folder: Path, *values: object) -> Path:
    return written(folder, "rows.jsonl", *(json.dumps(value, ensure_ascii=False) for value in values))


def test_a_full_row(tmp_path):
    path = json_rows(
        tmp_path,
        {"id": "п1", "text": "К вечеру польёт.", "topics": ["rain"], "genre": "tv", "unknown": ["wind"], "kind": "x"},
    )
    row = Row("п1", "К вечеру польёт.", ("rain",), "tv", ("wind",), 1, str(path), other={"kind": "x"})
    assert read_rows(path, TOPICS) == [row]


@pytest.mark.parametrize(
    ("values", "topics"),
    [
        ({"topics": []}, ()),  # read, and has none
        ({"topics": None}, None),  # nobody labelled it
        ({}, None),
        ({"topics": ["wind", "rain"]}, ("wind", "rain")),
    ],
)
def test_none_and_not_labelled_are_told_apart(tmp_path, values, topics):
    assert read_rows(json_rows(tmp_path, {"text": "Облачно."} | values), TOPICS)[0].topics == topics


@pytest.mark.parametrize(
    ("cell", "topics"),
    [
        ("rain", ("rain",)),
        ("rain;wind", ("rain", "wind")),
        ("rain | wind", ("rain", "wind")),
        ('"rain,wind"', ("rain", "wind")),
        ('"[""rain"",""wind""]"', ("rain", "wind")),
        ("-", ()),
        ("[]", ()),
        ("", None),
        ("  ", None),
    ],
)
def test_topics_in_a_cell(tmp_path, cell, topics):
    path = written(tmp_path, "rows.csv", "text,topics", f"Ветрено.,{cell}")
    assert read_rows(path, TOPICS)[0].topics == topics


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("rows.csv", ("id;text;topics", "7;Жара, духота;heat")),
        ("rows.csv", ("id\ttext\ttopics", "7\tЖара, духота\theat")),
        ("rows.tsv", ("topics\ttext\tid", "heat\tЖара, духота\t7")),
        ("rows.csv", ("id,text,topics", '7,"Жара, духота",heat')),
        ("rows.jsonl", ('{"id": 7, "text": "Жара, духота", "topics": ["heat"]}',)),
    ],
)
def test_every_form_gives_the_same_row(tmp_path, name, lines):
    row = read_rows(written(tmp_path, name, *lines), TOPICS)[0]
    assert (row.id, row.text, row.topics) == ("7", "Жара, духота", ("heat",))


def test_lines_are_counted_over_blank_ones_and_cells_of_two_lines(tmp_path):
    table = written(tmp_path, "rows.csv", "text", '"Днём дождь,', 'ночью снег"', "", "Туман")
    assert [row.line for row in read_rows(table, TOPICS)] == [2, 5]
    lines = written(tmp_path, "rows.jsonl", "", '{"text": "Туман\u2028и дымка"}', "", '{"text": "Иней"}')
    assert [row.line for row in read_rows(lines, TOPICS)] == [2, 4]


@pytest.mark.parametrize(
    "lines",
    [
        ("text,topics", '"Днём дождь,', 'ночью снег",rain'),
        ("topics,text", 'rain,"Днём дождь', 'снег,ночью"'),  # no topic stands before the comma
        ("topics,text", 'rain,"Днём дождь', '1,2 мм"'),
        ("id,text", '1,"Днём дождь', 'снег,ночью"'),
    ],
)
def test_a_cell_of_two_lines_is_one_row(tmp_path, lines):
    (row,) = read_rows(written(tmp_path, "rows.csv", *lines), TOPICS)
    assert row.text.startswith("Днём дождь")


def test_a_row_without_an_id_is_named_by_its_line(tmp_path):
    assert [row.id for row in read_rows(json_rows(tmp_path, {"text": "Иней"}, {"text": "Снег"}), TOPICS)] == [
        "rows:1",
        "rows:2",
    ]


def test_a_row_without_an_id_gets_none_that_another_row_has(tmp_path):
    rows = ({"text": "Иней"}, {"id": "rows:1", "text": "Снег"}, {"id": "rows:1.2", "text": "Град"}, {"text": "Лёд"})
    assert [row.id for row in read_rows(json_rows(tmp_path, *rows), TOPICS)] == [
        "rows:1.3",
        "rows:1",
        "rows:1.2",
        "rows:4",
    ]


def test_nor_does_a_row_of_a_spreadsheet(tmp_path):
    path = written(tmp_path, "rows.csv", "id;Текст;Темы", "rows:3;Снег;rain", ";Иней;heat")
    assert [row.id for row in read_rows(path, TOPICS)] == ["rows:3", "rows:3.2"]


def test_another_encoding_is_read(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes("text;topics\r\nПод Тверью прошёл сильный дождь с градом;rain\r\n".encode("windows-1251"))
    assert read_rows(path, TOPICS)[0].text == "Под Тверью прошёл сильный дождь с градом"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "Снег"', r"rows\.jsonl:1: broken JSON at column 16"),
        ('{"text": NaN}', r":1: broken JSON: NaN is no JSON value; write null"),
        ('["Снег"]', r":1: expected a JSON object, got list"),
        ("{}", r":1: 'text' is missing"),
        ('{"text": null}', r":1: 'text' is missing"),
        ('{"text": 12}', r":1: 'text' must be a text, got 12"),
        ('{"text": " \\n"}', r":1: 'text' is empty: ' \\n'"),
        ('{"text": "Снег \\ud83d"}', r":1: 'text' has half of a character"),
        ('{"text": "Снег", "topics": ["snow"]}', r":1: unknown topic 'snow' in 'topics' \(the topics are rain, heat"),
        ('{"text": "Снег", "topics": ["raim"]}', r":1: unknown topic 'raim' in 'topics'; did you mean 'rain'\?"),
        ('{"text": "Снег", "unknown": ["wimd"]}', r":1: unknown topic 'wimd' in 'unknown'; did you mean 'wind'\?"),
        ('{"text": "Снег", "topics": ["rain", "rain"]}', r":1: the topic 'rain' stands twice in 'topics'"),
        ('{"text": "Снег", "topics": "rain"}', r":1: 'topics' must be a list of topic ids, got 'rain'"),
        ('{"text": "Снег", "topics": [1]}', r":1: 'topics' must hold topic ids, got 1"),
        ('{"text": "Снег", "topics": ["rain"], "unknown": ["rain"]}', r":1: the topic 'rain' is both given and in"),
        ('{"text": "Снег", "topic": ["rain"]}', r":1: unknown key 'topic'; did you mean 'topics'\?"),
        ('{"text": "Снег", "genre": 5}', r":1: 'genre' must be a text, got 5"),
        ('{"text": "Снег", "id": true}', r":1: 'id' must be a text or a whole number, got True"),
        ('{"text": "Снег", "id": ""}', r":1: 'id' must be a text or a whole number, got ''"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    with pytest.raises(DataError, match=message):
        read_rows(written(tmp_path, "rows.jsonl", line), TOPICS)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ("text,topics", "Снег,rain,wind"),
            r"rows\.csv:2: expected 2 cells as in the header, got 3; is a text with ',' in it not quoted\?",
        ),
        (("text,topics", "Снег,rain", "Иней,rian"), r":3: unknown topic 'rian' in 'topics'; did you mean 'rain'\?"),
        (("text,topics", "Снег,[rain]"), r":2: 'topics' must be a list of topic ids, got '\[rain\]'"),
        (("text,topics", ",rain"), r":2: 'text' is missing"),
        (
            ("text,topics", '"Снег,rain', "Иней,rain"),
            r":2: the table cannot be read from here on: a quotation mark opens",
        ),
        (
            ("text,topics", '"Снег,rain', '"Иней",-'),
            r":2: the table .* the next one that could close it .* in line 3; is",
        ),
        (
            ("text,topics", '"Снег', 'и "Иней"",rain'),
            r":2: the table .* amid a text in line 3; is a quotation mark lost",
        ),
        (
            ("text,topics", "Снег,rain", '"Иней,rain', 'Град"'),
            r":3: expected 2 cells .*, got 1; .* goes on up to line 4",
        ),
        (
            ("text,topics", "Снег,rain", '"Иней,rain', 'Град",-'),
            r":3: a quoted text .* up to line 4, over what looks like",
        ),
        (
            ("topics,text", 'rain,"Снег', "wind;heat,Иней", '-,Град"'),
            r":2: a quoted text .* up to line 4, over what looks",
        ),
        (("a,b", "Снег,rain"), r"rows\.csv: no column of sentences found \('a', 'b'\); name it with --text-column"),
        (("text",), r"rows\.csv: has no rows"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, lines, message):
    with pytest.raises(DataError, match=message):
        read_rows(written(tmp_path, "rows.csv", *lines), TOPICS)


def test_an_id_given_twice_names_both_lines(tmp_path):
    path = json_rows(tmp_path, {"id": "a", "text": "Снег"}, {"id": "b", "text": "Град"}, {"id": "a", "text": "Иней"})
    with pytest.raises(DataError, match=r"rows\.jsonl:3: the id 'a' is taken by line 1"):
        read_rows(path, TOPICS)


def test_ten_bad_rows_are_listed_and_the_rest_counted(tmp_path):
    path = json_rows(tmp_path, {"text": "Снег"}, *[{"text": ""}] * 12)
    with pytest.raises(DataError, match=r"^12 problems in the data\n") as caught:
        read_rows(path, TOPICS)
    lines = str(caught.value).splitlines()
    assert len(lines) == 12
    assert lines[10].endswith("rows.jsonl:11: 'text' is empty: ''")
    assert lines[11] == "  and 2 more"


def test_files_that_are_no_data(tmp_path):
    json_rows(tmp_path, {"text": "Снег"})
    with pytest.raises(DataError, match=r"rows\.json: no such file; did you mean 'rows\.jsonl'\?"):
        read_rows(tmp_path / "rows.json", TOPICS)
    with pytest.raises(DataError, match=r"expected a file ending in \.jsonl, .* got '\.txt'"):
        read_rows(written(tmp_path, "rows.txt", "Снег"), TOPICS)
