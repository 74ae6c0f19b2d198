"""The chain of commands that makes a model: its order, how it is broken off and gone on with, what it refuses."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from svodka import Tagger
from svodka.cli.main import guarded
from svodka.errors import ConfigError, DataError, ModelFilesError
from svodka.lock import alone
from svodka.model_folder import write_manifest
from svodka.topics import load_topics
from svodka.training import chain_run, chain_state, digested, history, make_shipped
from svodka.training.chain import read_chain
from svodka.training.chain_run import Job, run_process
from svodka.training.chain_state import LOCK_FILE, origin_of

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CHAIN = """\
steps:
  - {makes: old.jsonl, why: as it was, git: "0123456:training/data/train.jsonl"}
  - {makes: teacher, why: teaches, run: "svodka train --config own --data {data} --set train=[{old.jsonl}]"}
  - {makes: soft.gz, why: what it holds, run: "svodka teach --teacher {teacher} --unlabelled {unlabelled}"}
  - {makes: student, why: learns, run: "svodka train --soft {soft.gz}"}
"""


class FakeRun:
    """Stands for processes: notes their command lines, and writes what they would write."""

    def __init__(self):
        self.lines = []
        self.codes = {}  # by what a step makes: the exit code, or what is raised; nothing is written then
        self.besides = {}  # by what a step makes: what else happens meanwhile

    def __call__(self, words, _lock):
        self.lines.append(" ".join(words))
        out = Path(words[words.index("--out") + 1])
        code = self.codes.get(out.name, 0)
        self.besides.get(out.name, lambda: None)()
        if isinstance(code, BaseException):
            raise code
        if code == 0 and words[1] == "train":
            out.mkdir(exist_ok=True)
            (out / "weights").write_text(f"{words} {len(self.lines)}", encoding="utf-8")
            write_manifest(out)
        elif code == 0:
            out.write_text("answers", encoding="utf-8")
        return code

    def made(self):
        """Return what was made since it was asked last."""
        made = [re.search(r"--out (?:\S*/)?(\S+)", line)[1] for line in self.lines]
        self.lines.clear()
        return made


@pytest.fixture
def run():
    return FakeRun()


@pytest.fixture
def job(tmp_path, monkeypatch):
    """The chain above with files of its own, in today's way, so that no history is needed; the place is `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    Path("chain.yaml").write_text(CHAIN, encoding="utf-8")
    Path("real.jsonl").write_text('{"text": "Идут учения.", "topics": ["exercises"]}\n', encoding="utf-8")
    Path("pool.jsonl").write_text('{"text": "Прошёл дождь."}\n', encoding="utf-8")
    given = {"data": [Path("real.jsonl")], "unlabelled": [Path("pool.jsonl")]}
    return Job(read_chain("chain.yaml"), given, Path("runs"), Path("runs/model"), today=True)


def state():
    return json.loads(Path("runs/chain.json").read_text(encoding="utf-8"))


def test_the_steps_are_run_in_order(job, run, capsys):
    assert make_shipped.make(job, run)[0] == 0
    assert run.lines == [
        "svodka train --config own --data real.jsonl --set train=[runs/old.jsonl] --out runs/teacher",
        "svodka teach --teacher runs/teacher --unlabelled pool.jsonl --out runs/soft.gz",
        "svodka train --soft runs/soft.gz --out runs/model",
    ]
    told = capsys.readouterr().err
    assert "# 3 of 4, soft.gz: what it holds\nsvodka teach --teacher runs/teacher" in told
    assert Path("runs/old.jsonl").read_bytes() == history.own_file(":training/data/train.jsonl").read_bytes()


@pytest.fixture
def command(job, run, monkeypatch):  # noqa: ARG001
    """Run the chain as the command line does, in files of its own; each step takes 90 seconds."""
    monkeypatch.setattr(chain_run.time, "monotonic", iter(range(0, 9000, 90)).__next__)
    monkeypatch.setattr(make_shipped, "run_process", run)
    given = ["--data", "real.jsonl", "--unlabelled", "pool.jsonl", "--chain", "chain.yaml", "--today"]
    return lambda out: make_shipped.main([*given, "--out", out])


def test_the_minutes_of_each_step_are_kept_and_told(command, capsys):
    assert command("runs/model") == 0
    assert [one["minutes"] for one in state()["steps"].values()] == [1.5] * 4
    assert state()["minutes"] == 6.0
    assert "    1.5 min  teacher\n" in (told := capsys.readouterr().out)
    assert told.endswith("    6.0 min  runs/model, all steps together; see runs/chain.json\n")


def test_the_minutes_of_a_model_elsewhere_are_not_told(command, capsys):
    for out in ("runs/model", "second"):
        assert command(out) == 0
    told = capsys.readouterr().out.splitlines()[5:]  # behind those of the first
    assert told == [
        "    1.5 min  old.jsonl",
        "    1.5 min  teacher",
        "    1.5 min  soft.gz",
        "    1.5 min  ../second",
        "    6.0 min  second, all steps together; see runs/chain.json",
    ]
    assert [one["minutes"] for one in state()["steps"].values()] == [1.5] * 5


@pytest.mark.parametrize("failing", ["teacher", "soft.gz", "model"])
def test_a_step_that_fails_ends_the_chain_and_is_tried_again(job, run, failing, capsys):
    run.codes[failing] = 7
    assert make_shipped.make(job, run)[0] == 7
    *_, last = run.made()
    assert last == failing
    assert not (Path("runs") / failing).exists()
    assert "failed with exit code 7; the same command begins with this step again" in capsys.readouterr().err
    run.codes.clear()
    assert make_shipped.make(job, run)[0] == 0
    order = ["teacher", "soft.gz", "model"]
    assert run.made() == order[order.index(failing) :]


def test_what_is_whole_is_not_made_again(job, run, capsys):
    run.codes["model"] = 1
    make_shipped.make(job, run)
    first = state()["steps"]["teacher"]
    capsys.readouterr()
    run.codes.clear()
    run.lines.clear()
    make_shipped.make(job, run)
    assert run.made() == ["model"]
    assert state()["steps"]["teacher"] == first
    assert "# 2 of 4, teacher: teaches\n# runs/teacher is there already\n" in capsys.readouterr().err
    assert make_shipped.make(job, run)[0] == 0
    assert run.made() == []


def test_a_training_goes_on_from_its_checkpoints(job, run):
    run.codes["teacher"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        make_shipped.make(job, run)
    run.codes.clear()
    Path("runs/teacher.checkpoints").mkdir()
    Path("runs/model.checkpoints").mkdir()  # of another run: training refuses these itself, without --resume
    assert make_shipped.make(job, run)[0] == 0
    assert [line.endswith(" --resume") for line in run.lines] == [False, True, False, False]


def test_a_break_says_how_to_go_on_and_the_time_until_then_counts(job, run, monkeypatch, capsys):
    monkeypatch.setattr(chain_run.time, "monotonic", iter(range(0, 9000, 60)).__next__)
    run.codes["soft.gz"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        make_shipped.make(job, run)
    assert capsys.readouterr().err.endswith("broken off; the same command goes on with this step\n")
    assert state()["steps"]["soft.gz"] | {"begun": ""} == {"begun": "", "minutes": 1.0, "digest": None}
    run.codes.clear()
    make_shipped.make(job, run)
    assert state()["steps"]["soft.gz"]["minutes"] == 2.0


def test_the_minutes_of_what_was_removed_do_not_count(job, run, monkeypatch):
    monkeypatch.setattr(chain_run.time, "monotonic", iter(range(0, 9000, 60)).__next__)
    make_shipped.make(job, run)
    first = state()["steps"]["model"]
    shutil.rmtree("runs/model")
    monkeypatch.setattr(chain_run, "now", lambda: "later")
    make_shipped.make(job, run)
    assert state()["steps"]["model"]["minutes"] == first["minutes"] == 1.0
    assert state()["steps"]["model"]["begun"] == "later"


def forget_digest(name):
    killed = state()
    killed["steps"][name]["digest"] = None
    Path("runs/chain.json").write_text(json.dumps(killed), encoding="utf-8")


def test_a_result_whose_note_a_kill_prevented_counts(job, run):
    make_shipped.make(job, run)
    forget_digest("model")
    run.lines.clear()
    make_shipped.make(job, run)
    assert run.made() == []
    assert state()["steps"]["model"]["digest"]


def test_checkpoints_that_a_kill_left_beside_a_whole_model_are_removed(job, run):
    make_shipped.make(job, run)
    forget_digest("teacher")
    for name in ("teacher", "model"):
        Path(f"runs/{name}.checkpoints").mkdir()
    make_shipped.make(job, run)
    assert not Path("runs/teacher.checkpoints").exists()
    assert Path("runs/model.checkpoints").is_dir()  # of a run that somebody has begun since


def changed_data(job):
    Path("real.jsonl").write_text('{"text": "Идут манёвры.", "topics": ["exercises"]}\n', encoding="utf-8")
    return job


def other_news(job):
    Path("news.jsonl").write_text('{"text": "Прошёл снег."}\n', encoding="utf-8")
    return replace(job, given=job.given | {"unlabelled": [Path("news.jsonl")]})


def other_steps(job):
    Path("chain.yaml").write_text(CHAIN.replace("--config own", "--config own --set seed=14"), encoding="utf-8")
    return replace(job, chain=read_chain("chain.yaml"))


def other_spelling(job):
    return replace(job, runs=Path.cwd() / "runs")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed_data, "other files for --data"),
        (other_news, "other files for --unlabelled"),
        (other_steps, "other steps"),
        (other_spelling, "another spelling of --runs"),
    ],
)
def test_what_was_made_from_something_else_is_not_gone_on_with(job, run, change, message):
    run.codes["model"] = 1
    make_shipped.make(job, run)
    run.lines.clear()
    with pytest.raises(ConfigError, match=f"chain.json belongs to a chain begun with {message}; give the same, or"):
        make_shipped.make(change(job), run)
    assert run.lines == []


def test_the_shipped_model_counts_in_a_chain_that_goes_on_from_it(job, monkeypatch):
    quick = replace(job, chain=read_chain("quick"))
    before = origin_of(quick.chain, quick.given, quick.runs, today=True)
    monkeypatch.setattr("svodka.training.chain_state.model_digest", lambda _folder: "another")
    assert origin_of(quick.chain, quick.given, quick.runs, today=True)["shipped"] == "another" != before["shipped"]
    assert "shipped" not in origin_of(job.chain, job.given, job.runs, today=True)


def test_sentences_and_recipes_of_svodka_count_too(job, monkeypatch, tmp_path):
    before = origin_of(job.chain, job.given, job.runs, today=True)
    assert list(before["recipes"]) == ["own"]
    (tmp_path / "labels.jsonl").write_text("", encoding="utf-8")
    monkeypatch.setattr("svodka.training.chain_state.own_labels", lambda: tmp_path / "labels.jsonl")
    assert origin_of(job.chain, job.given, job.runs, today=True)["own"] != before["own"]


@pytest.mark.parametrize("option", ["", "--topics mine.yaml "])
def test_topics_count_too_but_not_comments_on_them(job, monkeypatch, topics_file, option):
    Path("mine.yaml").write_bytes(topics_file.read_bytes())
    if not option:
        monkeypatch.setattr(chain_state, "load_topics", lambda _path: load_topics(Path("mine.yaml")))
    Path("chain.yaml").write_text(CHAIN.replace("svodka train ", f"svodka train {option}"), encoding="utf-8")
    chain = read_chain("chain.yaml")

    def after(old, new):
        Path("mine.yaml").write_text(Path("mine.yaml").read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        return origin_of(chain, job.given, job.runs, today=True)["topics"]

    before = after("version: 1", "version: 1")
    assert after("version: 1", "version: 1 # the first") == before
    assert after("О погоде.", "О погоде и климате.") != before


def test_another_choice_of_today_is_another_chain(job, run, monkeypatch):
    make_shipped.make(job, run)
    monkeypatch.setattr(make_shipped, "check_history", list)
    with pytest.raises(ConfigError, match="begun with a different choice of --today"):
        make_shipped.make(replace(job, today=False), run)


def edit_teacher():
    Path("runs/teacher/weights").write_text("others", encoding="utf-8")


def replace_teacher():
    edit_teacher()
    write_manifest(Path("runs/teacher"))


def lose_teacher():
    Path("runs/teacher").rename("runs/elsewhere")


def lose_answers():
    Path("runs/soft.gz").unlink()


def lose_note():
    content = state()
    del content["steps"]["teacher"]
    Path("runs/chain.json").write_text(json.dumps(content), encoding="utf-8")


ANEW = "to have it made anew, remove runs/teacher, runs/soft.gz, runs/model"
OR = "bring it back, or remove what was made from it, too:"


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (edit_teacher, ModelFilesError, f"edited; {ANEW}$"),
        (replace_teacher, ConfigError, f"runs/teacher is not what this chain made last; {ANEW}$"),
        (lose_teacher, ConfigError, f"runs/teacher is gone; {OR} runs/soft.gz, runs/model$"),
        (lose_answers, ConfigError, f"runs/soft.gz is gone; {OR} runs/model$"),
        (lose_note, ConfigError, "runs/teacher exists, and this chain did not make it; give another place, or remove"),
    ],
)
def test_what_is_no_longer_as_it_was_made_is_refused_before_anything_runs(job, run, damage, error, message):
    make_shipped.make(job, run)
    run.lines.clear()
    damage()
    with pytest.raises(error, match=message):
        make_shipped.make(job, run)
    assert run.lines == []


def test_another_place_for_the_model_and_back_again(job, run):
    Path("elsewhere").mkdir()
    for out in ("runs/model", "elsewhere/model", "elsewhere/../runs/model", "elsewhere/model"):
        assert make_shipped.make(replace(job, out=Path(out)), run)[0] == 0
    assert run.made() == ["teacher", "soft.gz", "model", "model"]
    assert list(state()["steps"]) == ["old.jsonl", "teacher", "soft.gz", "model", "../elsewhere/model"]


def test_a_model_elsewhere_does_not_pass_for_one_that_was_broken_off(job, run):
    run.codes["model"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        make_shipped.make(job, run)
    Path("mine").mkdir()
    write_manifest(Path("mine"))
    with pytest.raises(ConfigError, match="mine exists, and this chain did not make it; give another place, or remove"):
        make_shipped.make(replace(job, out=Path("mine")), run)


def test_a_model_elsewhere_does_not_pass_for_one_of_another_teacher(job, run):
    make_shipped.make(job, run)
    for path in (Path("runs/teacher"), Path("runs/soft.gz")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert make_shipped.make(replace(job, out=Path("second")), run)[0] == 0
    with pytest.raises(ConfigError, match="runs/model exists, and this chain did not make it; give another place"):
        make_shipped.make(job, run)


def test_a_place_that_is_taken_is_refused_before_anything_runs(job, run):
    Path("runs/model").mkdir(parents=True)
    with pytest.raises(ConfigError, match="runs/model exists, and this chain did not make it; give another place"):
        make_shipped.make(job, run)
    assert run.lines == []


def test_a_place_that_is_taken_meanwhile_is_left_alone(job, run):
    run.besides["soft.gz"] = Path("runs/model").mkdir
    for _ in range(2):  # nor is it taken for the chain's own when it goes on
        with pytest.raises(ConfigError, match="runs/model exists, and this chain did not make it; give another place"):
            make_shipped.make(job, run)
    assert run.made() == ["teacher", "soft.gz"]
    assert list(Path("runs/model").iterdir()) == []


@pytest.mark.parametrize(
    ("out", "data", "message"),
    [
        ("runs/teacher", "real.jsonl", "--out runs/teacher is what an earlier step writes"),
        ("runs/model", "runs/../runs/old.jsonl", "old.jsonl is what a step of the chain writes; give another --runs"),
        ("elsewhere/model", "real.jsonl", "--out elsewhere/model: there is no folder 'elsewhere'"),
        ("runs/chain.lock", "real.jsonl", "/runs/chain.lock is where the chain keeps its state; what a step"),
        ("runs", "real.jsonl", "/runs is where the chain keeps its state; what a step makes needs another name"),
    ],
)
def test_places_that_do_not_go_together(job, run, out, data, message):
    taken = replace(job, out=Path(out), given=job.given | {"data": [Path(data)]})
    with pytest.raises(ConfigError, match=message):
        make_shipped.make(taken, run)


def test_no_step_makes_the_notes_of_the_chain(job, run):
    Path("chain.yaml").write_text(CHAIN.replace("soft.gz", "chain.json"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"/runs/chain\.json is where the chain keeps its state; what a step"):
        make_shipped.make(replace(job, chain=read_chain("chain.yaml")), run)


def test_the_folder_of_the_model_may_be_the_one_of_the_runs_however_it_is_spelled(job, run):
    assert make_shipped.make(replace(job, out=Path.cwd() / "runs" / "model"), run)[0] == 0


@pytest.mark.parametrize("name", ["data", "unlabelled"])
def test_a_slip_in_a_file_name_is_found_before_anything_runs(job, run, name):
    wrong = replace(job, given=job.given | {name: [*job.given[name], Path("raal.jsonl")]})
    with pytest.raises(DataError, match=r"raal\.jsonl: there is no such file"):
        make_shipped.make(wrong, run)
    assert not Path("runs").exists()


def test_a_file_that_the_chain_needs_must_be_given(job, run):
    with pytest.raises(ConfigError, match="the chain 'chain' needs --unlabelled FILE"):
        make_shipped.make(replace(job, given=job.given | {"unlabelled": []}), run)


def test_missing_history_is_told_before_anything_runs(job, run):
    with pytest.raises(ConfigError, match=r"git has no 0123456:training/data/train.jsonl \(.*--today does without"):
        make_shipped.make(replace(job, today=False), run)
    assert not Path("runs").exists()


def test_two_at_once_are_refused(job, run):
    Path("runs").mkdir()
    with (
        alone(Path("runs") / LOCK_FILE, "not here"),
        pytest.raises(ConfigError, match="runs: another process is running a chain there"),
    ):
        make_shipped.make(job, run)


NOTE = '{"format_version": 1, "origin": {}, "steps": {"teacher": %s}}'


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("[]", DataError, r"chain.json does not hold the state of a chain \(.*\); give another --runs, or remove"),
        ("{", DataError, "does not hold the state of a chain"),
        ('{"format_version": 9, "steps": {"teacher": 1}}', ConfigError, "has format version 9, this svodka reads 1; g"),
        ('{"format_version": 1, "origin": [], "steps": {}}', DataError, r"the state of a chain .*origin: \[\].*; give"),
        (NOTE % '{"begun": "", "minutes": "1"}', DataError, "the state of a chain .*'minutes': '1'.*; give another"),
        (NOTE % '{"begun": "", "hours": 1}', DataError, "the state of a chain .*'hours'.*; give another"),
        (NOTE % "[]", DataError, "the state of a chain .*; give another"),
    ],
)
def test_a_state_that_is_none(job, run, content, error, message):
    Path("runs").mkdir()
    Path("runs/chain.json").write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        make_shipped.make(job, run)


def readme_command():
    return shlex.split(re.search(r"python -m svodka\.training\.make_shipped (.*)", README)[1])


def test_a_dry_run_prints_every_command_and_runs_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert make_shipped.main([*readme_command(), "--dry-run"]) == 0
    printed = capsys.readouterr().out
    commands = [line for line in printed.splitlines() if line and not line.startswith("#")]
    chain = read_chain()
    assert commands[0] == "mkdir -p runs"
    assert len(commands) == 1 + len(chain.steps)
    assert commands[-1].endswith("--out runs/shipped")
    assert all(f"{step.makes}: {step.why}\n" in printed for step in chain.steps)
    assert list(tmp_path.iterdir()) == []


def test_what_a_dry_run_prints_a_shell_takes_apart_as_the_chain_is_run(job):
    job = replace(job, given=job.given | {"data": [Path("my rows.jsonl")]})
    line = job.line(job.chain.steps[1])
    assert shlex.split(line) == job.chain.steps[1].command(job.places)
    assert job.line(job.chain.steps[0]).endswith("train.jsonl > runs/old.jsonl")


def test_the_readme_names_what_the_steps_make():
    told = README.partition("#### How the shipped model is made")[2].partition("\n#### ")[0]
    for step in read_chain().steps:
        if step.trains:
            assert f"`runs/{step.makes}`" in told, step.makes
        if step.git:
            assert step.git.partition(":")[0] in told


@pytest.fixture
def lock(tmp_path):
    with alone(tmp_path / LOCK_FILE, "not here") as descriptor:
        yield descriptor


def test_the_exit_code_of_a_process_is_passed_on(lock):
    assert run_process(["python", "-c", "raise SystemExit(7)"], lock) == 7
    assert run_process(["svodka", "no-such-command"], lock) == 2


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_process_that_a_signal_ended_has_the_exit_code_of_a_shell(lock):
    assert run_process(["python", "-c", "import os; os.kill(os.getpid(), 9)"], lock) == 137


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_process_hears_ctrl_c_though_this_one_is_in_the_background(lock):
    asks = "import signal; raise SystemExit(signal.getsignal(signal.SIGINT) is not signal.default_int_handler)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run_process(["python", "-c", asks], lock) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


CHILD = """
import os, sys, time
try:
    with open("pid", "w") as out:
        out.write(str(os.getpid()))
    open("begun", "w").close()
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.3)
    open("saved", "w").close()
    sys.exit(130)
"""
PARENT = """
import signal, sys
from pathlib import Path
from svodka.cli.dying import dies_tidily
from svodka.cli.main import guarded
from svodka.lock import alone
from svodka.training.chain_run import run_process
signal.signal(signal.SIGINT, signal.default_int_handler)
def work():
    with dies_tidily(), alone(Path("lock"), "not here") as lock:
        return run_process(["python", "-c", sys.argv[1]], lock)
sys.exit(guarded(work))
"""
PATIENCE = 120  # seconds; machines are shared


def wait_for(path, process):
    deadline = time.monotonic() + PATIENCE
    while not list(path.parent.glob(path.name)):
        assert process.poll() is None, path
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_what_ends_the_chain_lets_the_step_save_and_waits_for_it(tmp_path, number, code):
    parent = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(parent, cwd=tmp_path, start_new_session=True) as process:
        wait_for(tmp_path / "begun", process)
        os.killpg(process.pid, number)  # as a terminal does; the step must hear it once, not twice
        assert process.wait(PATIENCE) == code
    assert (tmp_path / "saved").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_step_that_outlives_its_chain_keeps_others_out(tmp_path):
    with subprocess.Popen([sys.executable, "-c", PARENT, CHILD], cwd=tmp_path) as process:
        wait_for(tmp_path / "begun", process)
        process.kill()
    child = int((tmp_path / "pid").read_text(encoding="utf-8"))
    with pytest.raises(ConfigError, match="somebody is here"), alone(tmp_path / "lock", "somebody is here"):
        pass
    os.kill(child, signal.SIGKILL)
    with alone(tmp_path / "lock", "somebody is here", patience=PATIENCE):
        pass


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_who_interrupts_again_does_not_wait(tmp_path):
    stubborn = CHILD.replace("time.sleep(0.3)", "open('told', 'w').close(); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", PARENT, stubborn], cwd=tmp_path) as process:
        wait_for(tmp_path / "begun", process)
        process.send_signal(signal.SIGINT)
        wait_for(tmp_path / "told", process)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert not (tmp_path / "saved").exists()


TINY = """\
steps:
  - makes: news.jsonl
    why: labels put to the sentences that are given
    run: python -m svodka.training.digested join {{unlabelled}} --labels {labels} --topics {topics}
  - makes: model
    why: learns from them
    run: svodka train --config {recipe} --topics {topics} --data {{news.jsonl}} --quiet
"""


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_chain_of_real_processes_is_interrupted_and_gone_on_with(
    tiny_settings, labelled_files, topics_file, tmp_path
):
    ids = [topic.id for topic in load_topics(topics_file)]
    files = {name: tmp_path / name for name in ("tiny.yaml", "labels.jsonl", "chain.yaml")}
    files["tiny.yaml"].write_text(yaml.safe_dump(tiny_settings | {"train": []}), encoding="utf-8")
    digested.make([labelled_files["train"]], files["labels.jsonl"], ids)
    steps = TINY.format(recipe=files["tiny.yaml"], labels=files["labels.jsonl"], topics=topics_file)
    files["chain.yaml"].write_text(steps, encoding="utf-8")
    command = [sys.executable, "-m", "svodka.training.make_shipped", "--unlabelled", str(labelled_files["train"])]
    command += ["--chain", "chain.yaml", "--out", "runs/tiny"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # ignored in the background
    ) as process:
        wait_for(tmp_path / "runs" / "tiny.checkpoints" / "checkpoint-*", process)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, told
    assert "the same command with --resume goes on" in told  # says the training, which has saved its state
    assert told.endswith("broken off; the same command goes on with this step\nsvodka: error: interrupted\n")
    assert not (tmp_path / "runs" / "tiny").exists()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "# runs/news.jsonl is there already\n" in done.stderr
    assert re.search(r"\d min  tiny\n.*\d min  runs/tiny, all steps together; see runs/chain.json\n$", done.stdout)
    tiny = Tagger.load(tmp_path / "runs" / "tiny")
    assert tiny.info.details["resumed"]
    assert tiny.predict("Вратарь отбил пенальти на последней минуте матча.").topics == ("sport",)


def test_a_usage_error_is_one_line(capsys):
    assert guarded(lambda: make_shipped.main(["--out", "x", "--chain", "no.yaml"])) == 2
    assert capsys.readouterr().err == "svodka: error: no.yaml: cannot be read: No such file or directory\n"


@pytest.mark.skipif(os.name != "posix", reason="needs pipes that break")
def test_a_chain_whose_words_nobody_reads_any_more_comes_to_its_end(job, run, monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    run.besides["teacher"] = lambda: os.write(writer, b"what a step says")
    with open(writer, "w", encoding="utf-8") as nobody:  # noqa: PTH123
        monkeypatch.setattr(sys, "stderr", nobody)
        assert make_shipped.make(job, run)[0] == 0
    assert Path("runs/model").is_dir()
