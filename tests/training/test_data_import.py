import json

import numpy as np
import pytest

from svodka.cli import main, tag

TOPICS = """\
version: 1
topics:
  - {id: rain, title_ru: Дожди, title_en: Rain, definition_ru: Льёт вода., definition_en: Water falls.}
  - {id: heat, title_ru: Жара, title_en: Heat, definition_ru: Сухо., definition_en: Dry.}
"""
PLACES = ("Вологде", "Туле", "Омске", "Перми", "Твери", "Казани", "Рязани", "Пскове", "Уфе", "Чите", "Орле", "Кирове")
RAIN = [(f"В {place} за ночь выпала месячная норма осадков", "Дожди") for place in PLACES]
HEAT = [(f"Из-за зноя {place[::-1]} осталась без воды на неделю", "Жара") for place in PLACES]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def table(folder):
    """Write a CSV file with the columns Текст and Темы, as a Russian Excel does."""

    def call(*rows, name="labels.csv"):
        lines = ["Текст;Темы", *(";".join(row) for row in rows)]
        (folder / name).write_bytes("\r\n".join(lines).encode("windows-1251"))

    return call


def data_import(*arguments):
    return main(["data", "import", *arguments, "--topics", "topics.yaml"])


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_good_rows_are_written_and_bad_ones_set_aside(folder, table, capsys):
    table(("Льёт весь день", "Дожди"), ("Печёт", "Жра"), ("", "Жара"), ("Тихо", "нет"), ("Не читано", ""))
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 3
    assert rows_of(folder / "data.jsonl") == [
        {"id": "labels:2", "text": "Льёт весь день", "topics": ["rain"]},
        {"id": "labels:5", "text": "Тихо", "topics": []},
        {"id": "labels:6", "text": "Не читано", "topics": None},
    ]
    first, second = rows_of(folder / "data.rejected.jsonl")
    assert first == {
        "source": "labels.csv",
        "row": 3,
        "column": "Темы",
        "value": "Жра",
        "reason": "column 'Темы': unknown topic 'Жра'; did you mean 'Жара'?",
        "original": {"Текст": "Печёт", "Темы": "Жра"},
    }
    assert (second["row"], second["column"], second["reason"]) == (4, "Текст", "column 'Текст': the text is empty")
    out = capsys.readouterr().out
    assert "text table, windows-1251, separator ';'" in out
    assert "text from 'Текст', topics from 'Темы'" in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "rows 5" in lines
    assert "labelled 2 1 with topics, 1 read and without a topic" in lines
    assert "not labelled 1" in lines
    assert "set aside 2 1 of them without a text" in lines
    assert "labels.csv:3: column 'Темы': unknown topic 'Жра'; did you mean 'Жара'?" in out


def test_a_row_added_to_an_export_gets_an_id_of_its_own(folder, table):
    table(("Льёт весь день", "Дожди"), ("Печёт", "Жра"), ("Тихо", "нет"), name="labels.csv")
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 3
    assert main(["data", "export", "data.jsonl", "--to", "csv", "--out", "labels.csv", "--topics", "topics.yaml"]) == 0
    with (folder / "labels.csv").open("a", encoding="utf-8", newline="") as sheet:
        sheet.write(",Знойно,heat,,,\r\n")  # row 4, as `Тихо` was before the bad row was set aside
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 0
    assert [row["id"] for row in rows_of(folder / "data.jsonl")] == ["labels:2", "labels:4", "labels:4.2"]


@pytest.mark.parametrize("out", ["out.xlsx", "out.csv", "out", "out.jsonl.gz"])
def test_a_result_that_is_not_called_json_lines_is_refused_before_anything_is_read(folder, capsys, out):
    assert data_import("nowhere.csv", "--out", out) == 2
    assert f"--out {out}: an import writes JSON Lines; name a file that ends in .jsonl" in capsys.readouterr().err
    assert not (folder / out).exists()


@pytest.mark.parametrize("out", ["data.ndjson", "data.json", "DATA.JSONL"])
def test_json_lines_may_have_other_endings(folder, table, out):
    table(*RAIN)
    assert data_import("labels.csv", "--out", out, "--no-swap-check") == 0
    assert len(rows_of(folder / out)) == len(RAIN)


def test_without_out_nothing_is_written(folder, table):
    table(*RAIN)
    assert data_import("labels.csv", "--no-swap-check") == 0
    assert sorted(path.name for path in folder.iterdir()) == ["labels.csv", "topics.yaml"]


def test_strict_writes_nothing_if_a_row_is_bad(folder, table, capsys):
    table(*RAIN, *RAIN[:5:-1], ("Печёт", "Жра"))
    assert data_import("labels.csv", "--out", "data.jsonl", "--strict", "--no-swap-check") == 1
    assert not list(folder.glob("data*"))
    out = capsys.readouterr().out
    assert "unknown topic 'Жра'" in out
    assert out.endswith("nothing written, as --strict wants every row good and nothing in doubt\n")


def test_strict_writes_nothing_if_a_topic_has_few_examples(folder, table):
    table(("Льёт весь день", "Дожди"))
    assert data_import("labels.csv", "--out", "data.jsonl", "--strict") == 1
    assert not list(folder.glob("data*"))


def test_strict_writes_nothing_if_a_second_column_of_topics_is_not_read(folder, capsys):
    rows = [f"{text};{topic};Жара" for text, topic in RAIN]
    (folder / "labels.csv").write_text("\n".join(["Текст;Темы;Аня", *rows]), encoding="utf-8")
    assert data_import("labels.csv", "--out", "data.jsonl", "--strict", "--no-swap-check") == 1
    assert not list(folder.glob("data*"))
    assert "warning: the column 'Аня' names topics as well, and is not used" in capsys.readouterr().out


def test_what_an_earlier_import_set_aside_goes_away(folder, table):
    table(("Льёт весь день", "Дожди"), ("Печёт", "Жра"))
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 3
    table(("Льёт весь день", "Дожди"), ("Печёт", "Жара"))
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 0
    assert sorted(path.name for path in folder.glob("data*")) == ["data.jsonl"]


def test_rows_that_stand_in_a_test_file_are_set_aside(folder, table):
    table(*RAIN[:2], name="test.csv")
    table(*RAIN[:1], *HEAT[:1], name="labels.csv")
    assert data_import("labels.csv", "--out", "data.jsonl", "--against", "test.csv", "--no-swap-check") == 3
    assert [row["topics"] for row in rows_of(folder / "data.jsonl")] == [["heat"]]
    assert rows_of(folder / "data.rejected.jsonl")[0]["reason"] == "stands in test.csv:2 as well (the same text)"


def test_a_test_file_with_other_labels_is_compared_too(table):
    table((RAIN[0][0], "Спорт"), name="test.csv")
    table(RAIN[0], HEAT[0])
    assert data_import("labels.csv", "--out", "data.jsonl", "--against", "test.csv", "--no-swap-check") == 3


class Knower:
    """A tagger that knows rain from heat, and a topic of its own."""

    topics = ("heat", "rain", "snow")

    def predict_proba(self, texts):
        return np.array([[0.0, 0.9, 0.5] if "осадков" in text else [0.9, 0.0, 0.5] for text in texts], dtype=np.float32)


def test_swapped_labels_are_a_warning(table, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(tag, "load_tagger", lambda folder: asked.append(folder) or Knower())
    table(*((text, "Жара") for text, _ in RAIN), *((text, "Дожди") for text, _ in HEAT))
    assert data_import("labels.csv", "--out", "data.jsonl", "--model", "mine") == 0
    assert "warning: the labels of 'rain' and 'heat' look swapped" in capsys.readouterr().out
    assert [str(one) for one in asked] == ["mine"]
    table(*RAIN, *HEAT)
    assert data_import("labels.csv", "--out", "data.jsonl") == 0
    assert "swapped" not in capsys.readouterr().out


def test_names_that_come_again_and_again_are_topics_of_ones_own(table, capsys):
    table(*RAIN, *((text, "Засуха") for text, _ in HEAT), ("Снегопад в Чите", "Снег"))
    assert data_import("labels.csv", "--no-swap-check") == 3
    assert (
        "labels.csv:26: column 'Темы': unknown topic 'Снег'" in capsys.readouterr().out
    )  # no file has them: all shown
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 3
    out = capsys.readouterr().out
    assert "unknown again and again: 'Засуха' (12 times)\n" in out
    assert "given with --topics" in out
    assert "and 3 more" in out


def test_a_label_for_no_topic_can_be_named(folder, table):
    table(*RAIN[:1], ("Тихо", "Прочее"))
    assert data_import("labels.csv", "--out", "data.jsonl", "--none-label", "прочее", "--no-swap-check") == 0
    assert rows_of(folder / "data.jsonl")[1]["topics"] == []


def test_without_a_good_row_it_is_said_how_the_file_was_taken(table, capsys):
    table(("Льёт", "Снег"), ("Печёт", "Град"))
    assert data_import("labels.csv", "--out", "data.jsonl") == 1
    error = capsys.readouterr().err
    assert "not one of 2 rows is good; it was taken as\n  text table, windows-1251, separator ';'" in error
    assert "labels.csv:2: column 'Темы': unknown topic 'Снег'" in error


def test_without_a_good_row_all_are_in_the_file_set_aside(folder, table, capsys):
    table(*((text, "Снег") for text, _ in RAIN))
    assert data_import("labels.csv", "--out", "data.jsonl") == 1
    assert [path.name for path in folder.glob("data*")] == ["data.rejected.jsonl"]
    assert [row["row"] for row in rows_of(folder / "data.rejected.jsonl")] == list(range(2, 14))
    assert "all in data.rejected.jsonl" in capsys.readouterr().err


def test_strict_writes_nothing_without_a_good_row(folder, table):
    table(("Льёт", "Снег"))
    assert data_import("labels.csv", "--out", "data.jsonl", "--strict") == 1
    assert not list(folder.glob("data*"))


@pytest.mark.parametrize("out", ["labels.csv", "data.jsonl"])
def test_an_input_is_never_overwritten(table, capsys, out):
    table(*RAIN, name="labels.csv")
    table(*RAIN, name="data.rejected.jsonl")
    source = "labels.csv" if out == "labels.csv" else "data.rejected.jsonl"
    assert data_import(source, "--out", out) == 2
    assert "is also an input and would be overwritten" in capsys.readouterr().err


def test_rows_set_aside_are_no_data_of_a_folder(table, capsys):
    table(*RAIN, *HEAT, ("Печёт", "Жра"))
    data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check")
    capsys.readouterr()
    main(["data", "check", ".", "--topics", "topics.yaml"])
    assert "rejected" not in capsys.readouterr().out


def test_an_export_and_its_way_back(folder, table, capsys):
    table(*RAIN, ("Тихо", "нет"), ("Не читано", ""))
    data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check")
    for form, name in (("label-studio", "tasks.json"), ("doccano", "rows.jsonl"), ("csv", "sheet.csv")):
        assert main(["data", "export", "data.jsonl", "--to", form, "--out", name, "--topics", "topics.yaml"]) == 0
        assert data_import(name, "--out", "back.jsonl", "--no-swap-check") == 0
        assert (folder / "back.jsonl").read_bytes() == (folder / "data.jsonl").read_bytes()
    assert (folder / "tasks.xml").is_file()
    assert (folder / "rows.labels.json").is_file()
    assert "tasks.json, tasks.xml: 14 rows; in a new project paste the .xml" in capsys.readouterr().out


@pytest.mark.parametrize(("names", "cell"), [([], "rain"), (["--names", "ru"], "Дожди")])
def test_tables_have_ids_unless_titles_are_wanted(folder, table, names, cell):
    table(*RAIN[:1])
    arguments = ["--to", "csv", "--out", "sheet.csv", "--topics", "topics.yaml", *names]
    assert main(["data", "export", "labels.csv", *arguments]) == 0
    assert f",{cell}," in (folder / "sheet.csv").read_text(encoding="utf-8")


def test_rows_judged_for_different_topics_are_merged_and_counted(folder, capsys):
    (folder / "labels.csv").write_text("Текст;Дожди;Жара\nЛьёт;1;\nЛьёт;;0\nТихо;0;0\n", encoding="utf-8")
    assert data_import("labels.csv", "--out", "data.jsonl", "--no-swap-check") == 0
    assert rows_of(folder / "data.jsonl")[0] == {"id": "labels:2", "text": "Льёт", "topics": ["rain"]}
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "rows 3" in lines
    assert "merged 1 with rows of the same text, judged for other topics" in lines


def test_bad_rows_are_not_exported(table, capsys):
    table(*RAIN, ("Печёт", "Жра"))
    arguments = ["--to", "csv", "--out", "sheet.csv", "--topics", "topics.yaml"]
    assert main(["data", "export", "labels.csv", *arguments]) == 1
    assert "labels.csv:14: column 'Темы': unknown topic 'Жра'" in capsys.readouterr().err


def test_the_tasks_are_no_xml(table, capsys):
    table(*RAIN)
    assert (
        main(["data", "export", "labels.csv", "--to", "label-studio", "--out", "a.xml", "--topics", "topics.yaml"]) == 2
    )
    assert "the tasks are JSON; name a .json file" in capsys.readouterr().err
