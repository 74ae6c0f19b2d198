"""The README is executed: its Python runs, its commands parse, and its sample output is what the program prints."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from svodka import predict
from svodka.cli import main
from svodka.cli.main import COMMANDS, _load, _parser
from svodka.topics import load_topics

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- test: (\w+) -->\n```python\n(.*?)```", README, flags=re.DOTALL))
COMMAND_LINES = [
    line.split("#")[0].strip()
    for block in re.findall(r"(?<!-->\n)```console\n(.*?)```", README, flags=re.DOTALL)  # the tutorial runs elsewhere
    for line in block.splitlines()
    if re.match(r"(\.venv-demo/bin/)?svodka ", line)
]


def execute(name):
    exec(compile(BLOCKS[name], f"README.md ({name})", "exec"), {"__name__": "readme"})


def test_every_block_of_python_is_tried_here():
    assert len(BLOCKS) == README.count("```python")


def test_predicting(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    execute("predict")
    printed = capsys.readouterr().out.splitlines()
    promised = re.search(r"print\(one\.topics\)\s+# (.*)", BLOCKS["predict"]).group(1)
    assert printed[0] == promised
    assert printed[2] == "False"


def test_the_tagger(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    execute("tagger")
    assert "diplomacy" in capsys.readouterr().out


@pytest.mark.usefixtures("any_export_will_do")
def test_training(tiny_settings, topics_file, tmp_path, monkeypatch):
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(tiny_settings | {"epochs": 1}), encoding="utf-8")
    (tmp_path / "topics.yaml").write_bytes(topics_file.read_bytes())
    monkeypatch.chdir(tmp_path)
    execute("train")
    assert (tmp_path / "my-model" / "MANIFEST.json").is_file()


def test_measuring(capsys):
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    execute("evaluate")
    # a: right once, F1 1; b: one of two alarms right, F1 2/3; their mean is 5/6.
    assert capsys.readouterr().out.startswith("0.8333")


def test_plain_transformers(trained_folder, tmp_path, monkeypatch):
    (tmp_path / "my-model").symlink_to(trained_folder)
    monkeypatch.chdir(tmp_path)
    execute("transformers")


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_commands_have_the_options_that_the_readme_uses(line):
    words = shlex.split(line)[1:]
    assert words[0] in COMMANDS
    parsed = _parser(words[0], _load(words[0])).parse_args(words)
    assert callable(getattr(parsed, "run", None)) or parsed.command == words[0]


def without_figures(text):
    """Leave out scores and bars, which another processor may round otherwise."""
    return [re.sub(r"\d\.\d\d|\d+ ?%|[█▉▊▋▌▍▎▏]+", "", line).rstrip() for line in text.strip().splitlines()]


def test_the_sample_output_is_what_the_command_prints(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["tag", "tests/articles/sosedi.txt", "--quiet"]) == 0
    promised = re.search(r"<!-- demo output.*?-->\n```text\n(.*?)```", README, flags=re.DOTALL).group(1)
    assert without_figures(capsys.readouterr().out) == without_figures(promised)


def test_the_figures_of_a_million_sentences_are_those_of_the_run():
    run = json.loads((ROOT / "evaluation" / "measured" / "big_file.json").read_text(encoding="utf-8"))
    assert (run["rows"], run["kills"]) == (1_000_000, 3)
    told = f"tagged {run['sentences_per_second']:,.0f} sentences a second and never took more than"
    assert f"{told} {run['rss_highest_mib']:.0f} MiB" in " ".join(README.split())


def test_the_table_of_topics_is_the_shipped_one():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|$", README, flags=re.MULTILINE)
    topics = [(topic.id, topic.title_ru) for topic in load_topics()]
    assert [row for row in rows if row[0] in dict(topics)] == topics


def test_the_shipped_model_knows_the_shipped_topics():
    assert tuple(predict("Снег.").scores) == tuple(topic.id for topic in load_topics())
