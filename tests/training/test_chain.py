"""The table of steps: what may stand in it, and which command lines it gives."""

from itertools import pairwise
from pathlib import Path

import pytest

from svodka.cli.main import _load, _parser
from svodka.errors import ConfigError, DataError, ModelFilesError
from svodka.training import blend, digested
from svodka.training.chain import read_chain
from svodka.training.cli import parse_changes
from svodka.training.recipe import load_recipe

PLACES = {
    "data": [Path("a.jsonl"), Path("b.jsonl")],
    "unlabelled": [Path("n.jsonl.gz")],
    "teacher": [Path("runs/teacher")],
    "student": [Path("runs/student")],
}
TEACHER = "  - {makes: teacher, why: teaches, run: svodka train}\n"


@pytest.fixture
def chain(tmp_path):
    """Write a chain whose first step makes `teacher`, and read it."""

    def read(*steps):
        path = tmp_path / "mine.yaml"
        path.write_text("steps:\n" + TEACHER + "".join(f"  - {step}\n" for step in steps), encoding="utf-8")
        return read_chain(str(path))

    return read


def student(run):
    return f'{{makes: student, why: learns, run: "{run}"}}'


@pytest.mark.parametrize(
    ("run", "line"),
    [
        ("svodka train", "svodka train --out runs/student"),
        ("svodka train --data {data}", "svodka train --data a.jsonl --data b.jsonl --out runs/student"),
        (
            "python -m svodka.training.digested join {data}",
            "python -m svodka.training.digested join a.jsonl b.jsonl --out runs/student",
        ),
        ("svodka train --set backbone={teacher}", "svodka train --set backbone=runs/teacher --out runs/student"),
        ("svodka train --set train=[{data}]", 'svodka train --set train=["a.jsonl", "b.jsonl"] --out runs/student'),
        ("svodka train --set train=[{teacher}]", "svodka train --set train=[runs/teacher] --out runs/student"),
    ],
)
def test_names_in_braces_become_files(chain, run, line):
    assert " ".join(chain(student(run)).steps[1].command(PLACES)) == line


@pytest.mark.parametrize("name", ["my news/old.jsonl", "a/[1].jsonl", "no", "a/b: c.jsonl", "12", "-/1.0"])
def test_a_setting_is_the_file_whatever_its_name(chain, name):
    step = chain(student("svodka train --set train=[{data}] --set backbone={unlabelled}")).steps[1]
    words = step.command(PLACES | {"data": [Path(name)], "unlabelled": [Path(name)]})
    settings = [word for before, word in pairwise(words) if before == "--set"]
    assert parse_changes(settings) == {"train": [name], "backbone": name}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (student("svodka train {taecher}"), r"mine.yaml:3: \{taecher\} stands for nothing .*; did you mean 'teacher'"),
        (student("svodka train {student}"), r"\{student\} stands for nothing that is given or made before"),
        (student("svodka train {x}"), r"\{x\} stands for nothing .* \(known here: data, unlabelled, teacher\)"),
        (student("svodka tain"), r"mine.yaml:3: expected `svodka COMMAND` or `python -m svodka.MODULE`, got"),
        (student("rm -rf {data}"), r"expected `svodka COMMAND` or `python -m svodka.MODULE`, got"),
        (student("python -m http.server"), r"expected `svodka COMMAND` or `python -m svodka.MODULE`, got"),
        ("{makes: student, why: learns}", "mine.yaml:3: expected either 'run' or 'git'"),
        ("{makes: s, why: w, run: svodka train, git: abcdef0:training/data/x}", "expected either 'run' or 'git'"),
        ("{makes: s, why: w, git: main}", "expected COMMIT:training/data/FILE, got 'main'"),
        ("{makes: teacher, why: again, run: svodka train}", "must be a new name without a folder, got 'teacher'"),
        ("{makes: data, why: w, run: svodka train}", "must be a new name without a folder, got 'data'"),
        ("{makes: ../x, why: w, run: svodka train}", r"must be a new name without a folder, got '../x'"),
        ("{makes: s, run: svodka train}", "the key 'why' is missing"),
        ("{makes: s, why: w, runs: svodka train}", "unknown key 'runs'; did you mean 'run'"),
    ],
)
def test_a_slip_in_the_table_is_told_with_its_line(chain, step, message):
    with pytest.raises(ConfigError, match=message):
        chain(step)


@pytest.mark.parametrize(("text", "message"), [("", "the file is empty"), ("steps: []", "has no steps")])
def test_a_table_without_steps(tmp_path, text, message):
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_chain(str(tmp_path / "mine.yaml"))


def test_a_table_that_is_not_there():
    with pytest.raises(ConfigError, match="shiped: cannot be read"):
        read_chain("shiped")


def test_the_digest_is_of_what_is_done_not_of_words_about_it(chain):
    plain = chain(student("svodka train --data {data}")).digest
    assert chain("{makes: student, why: other words, run: 'svodka  train --data {data}'} # a note").digest == plain
    assert chain(student("svodka train --data {unlabelled}")).digest != plain


def commands(first_word):
    """Return the command lines of svodka's own chains that begin with a word."""
    found = []
    for name in ("shipped", "quick"):
        chain = read_chain(name)
        places = {step.makes: [Path("runs") / step.makes] for step in chain.steps}
        places |= {"data": [Path("real.jsonl")], "unlabelled": [Path("pool.jsonl.gz"), Path("unlabelled.jsonl.gz")]}
        found += [step.command(places) for step in chain.steps if step.words]
    return [words for words in found if words[0] == first_word]


@pytest.mark.parametrize("words", commands("svodka"), ids=" ".join)
def test_commands_of_our_chains_have_the_options_that_they_use(words):
    args = _parser(words[1], _load(words[1])).parse_args(words[1:])
    assert args.out
    assert load_recipe(args.config, parse_changes(args.set)).name == args.config


@pytest.mark.parametrize("words", commands("python"), ids=" ".join)
def test_modules_of_our_chains_take_their_options_and_miss_only_the_files(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = {"svodka.training.digested": digested, "svodka.training.blend": blend}[words[2]]
    with pytest.raises((DataError, ModelFilesError), match=r"pool.jsonl.gz|earlier-labels|runs/student|runs/quick"):
        module.main(words[3:])


def test_what_takes_seconds_comes_before_the_first_training():
    trains = [step.trains for step in read_chain().steps]
    joins = [step.words[2:4] == ("svodka.training.digested", "join") for step in read_chain().steps]
    assert joins.count(True) == 2
    assert max(i for i, join in enumerate(joins) if join) < trains.index(True)


def test_what_was_learned_before_later_sentences_were_written_learns_from_the_earlier_ones():
    steps = {step.makes: step for step in read_chain().steps}
    assert steps["earlier-sentences.jsonl"].git == "535003622fa7:training/data/train.jsonl"
    before = ("teacher-13", "teacher-14", "soft.jsonl.gz", "student-1", "student-2", "labelled.jsonl.gz", "student")
    assert [name for name, step in steps.items() if "earlier-sentences.jsonl" in step.uses] == list(before)
    assert steps["finish-1"].uses == ["data", "earlier.jsonl", "student"]
    assert steps["finish-2"].uses == ["data", "news.jsonl", "finish-1"]
