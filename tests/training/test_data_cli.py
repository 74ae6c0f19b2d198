import argparse
import gzip
import json
import subprocess
import sys

import pytest

from svodka.errors import DataError
from svodka.training.data_cli import add_parser

WEATHER = """\
version: 1
topics:
  - {id: rain, title_ru: Дожди, title_en: Rain, definition_ru: Льёт вода., definition_en: Water falls.}
"""
ROWS = {
    "train": ["Над Вологдой с утра льёт.", "Ярмарка откроется в пятницу."],
    "dev": ["Подвалы в Туле затопило."],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "weather.yaml").write_text(WEATHER, encoding="utf-8")
    for name, texts in ROWS.items():
        rows = ({"id": f"{name}{place}", "text": text, "topics": ["rain"]} for place, text in enumerate(texts))
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def data_check(folder):
    """Run `svodka data check` with the topics of the folder; give its exit code."""

    def call(*arguments):
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers())
        args = parser.parse_args(["data", "check", *map(str, arguments), "--topics", str(folder / "weather.yaml")])
        return args.run(args)

    return call


def test_a_clean_folder_passes_and_shows_its_figures(folder, data_check, capsys):
    assert data_check(folder) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["train", "validation"] in lines
    assert ["rows", "2", "1"] in lines
    assert ["rain", "2", "1"] in lines
    assert ["0", "errors,", "0", "warnings"] in lines


def test_topics_with_few_examples_are_noted(folder, data_check, capsys):
    assert data_check(folder, "--strict") == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note")]
    assert notes == [
        "note: train: rain: 2 examples, too few to learn from (at least 16, here or in other files)",
        "note: validation: rain: 1 example, too few to tune its threshold (at least 8)",
    ]


def test_an_error_is_printed_with_its_place_and_fails(folder, data_check, capsys):
    test = folder / "test.jsonl"
    test.write_text('{"id": "t", "text": "Подвалы в Туле затопило", "topics": ["rain"]}\n', encoding="utf-8")
    assert data_check(folder) == 1
    leak = f"{test}:1: error: leak between splits: similarity 1.00 to validation {folder / 'dev.jsonl'}:1"
    assert leak in capsys.readouterr().out.splitlines()


def test_a_warning_fails_only_strictly(folder, data_check):
    (folder / "test.jsonl").write_text('{"id": "t", "text": "Потоп", "topics": ["rain"]}\n', encoding="utf-8")
    assert data_check(folder) == 0
    assert data_check(folder, "--strict") == 1


@pytest.mark.parametrize("packed", [False, True])
def test_real_texts_must_not_occur(folder, data_check, capsys, packed):
    content = '{"text": "Ярмарка откроется в пятницу"}\n'.encode()
    real = folder / ("pool.jsonl.gz" if packed else "pool.csv")
    real.write_bytes(gzip.compress(content) if packed else "text\nЯрмарка откроется в пятницу\n".encode())
    assert data_check(folder / "train.jsonl", "--real", real) == 1
    assert "train.jsonl:2: error: near duplicate of a text that must not be here" in capsys.readouterr().out


def test_findings_and_figures_go_to_a_file(folder, data_check):
    report = folder / "report.json"
    data_check(folder / "train.jsonl", "--json", report)
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["files"] == {"train": [str(folder / "train.jsonl")]}
    assert (content["errors"], content["findings"]) == (0, [])
    assert content["splits"]["train"]["topics"] == {"rain": 2}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("trian.jsonl", r"no such file; did you mean 'train\.jsonl'\?"),
        ("empty", r"empty: no \.jsonl files in this folder"),
    ],
)
def test_nothing_to_check(folder, data_check, name, message):
    (folder / "empty").mkdir()
    with pytest.raises(DataError, match=message):
        data_check(folder / name)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("pool.jsonl.gz", b"no gzip", r"pool\.jsonl\.gz: cannot be unpacked"),
        ("pool.jsonl", b'{"title": "x"}\n', r"pool\.jsonl:1: 'text' is missing"),
        ("pool.jsonl", b'{"title"\n', r"pool\.jsonl:1: broken JSON"),
    ],
)
def test_real_texts_that_cannot_be_read(folder, data_check, name, content, message):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        data_check(folder / "train.jsonl", "--real", folder / name)


def test_enough_real_text_shows_what_gives_ours_away(folder, data_check, capsys):
    cities = ("Вологде", "Туле", "Омске", "Перми", "Твери", "Казани", "Рязани", "Пскове", "Уфе", "Чите", "Орле")
    for name, frame in (("train", "В {}, однако, дождь"), ("real", "Накануне в {} прошел концерт")):
        rows = ({"id": city, "text": frame.format(city), "topics": []} for city in cities)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    data_check(folder / "train.jsonl", "--real", folder / "real.jsonl", "--json", folder / "found.json")
    assert "told from the real texts with AUC 1.000 (11 of each)" in capsys.readouterr().out
    likeness = json.loads((folder / "found.json").read_text(encoding="utf-8"))["likeness"]
    assert likeness["missing_lemmas"]["концерт"] == 11


def test_labels_are_imported_without_the_packages_of_training(tmp_path):
    rows, out = tmp_path / "labels.csv", tmp_path / "labels.jsonl"
    rows.write_text("text;topics\nНад портом подняли зенитный расчёт.;air_defence\n", encoding="utf-8")
    missing = ["torch", "transformers", "datasets", "sklearn", "scipy", "safetensors", "onnx", "pymorphy3", "cleanlab"]
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({missing}));"
        f"from svodka.cli import main; sys.exit(main(['data', 'import', {str(rows)!r}, '--out', {str(out)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["topics"] == ["air_defence"]
