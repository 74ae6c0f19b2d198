"""Going on after a break: in the middle of an epoch, after Ctrl-C, with a damaged checkpoint, on a full disk."""

import json
import os
import shutil
import signal

import numpy as np
import pytest
import yaml

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import AutoTokenizer, TrainerCallback  # noqa: E402

from svodka.cli import main  # noqa: E402
from svodka.errors import ConfigError  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training import checkpoints, fit, rhythm  # noqa: E402
from svodka.training.loading import load_dataset_dict  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402


class KilledError(Exception):
    """Stands for the power cut."""


class At(TrainerCallback):
    """Does something at the beginning of a step."""

    def __init__(self, step, action):
        self.step, self.action = step, action

    def on_step_begin(self, args, state, control, **_kwargs):  # noqa: ARG002
        if state.global_step == self.step:
            self.action()


def cut_power():
    raise KilledError("the power is off")


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def at(monkeypatch):
    """Have something done at the beginning of a step of the next run."""
    install = fit.EpochLines.install

    def plan(step, action):
        def with_action(trainer, quiet):
            install(trainer, quiet=quiet)
            trainer.add_callback(At(step, action))

        monkeypatch.setattr(fit.EpochLines, "install", with_action)

    yield plan


@pytest.fixture(scope="module")
def fine_tune(tiny_settings, topics_file, labelled_files):
    """Fine-tune the tiny model: 28 rows in batches of 4 make 7 steps an epoch, 21 steps in all."""
    topics = [topic.id for topic in load_topics(topics_file)]
    splits = load_dataset_dict({name: [path] for name, path in labelled_files.items()}, topics)
    tokenizer = AutoTokenizer.from_pretrained(tiny_settings["backbone"])

    def run(folder, resume=False, quiet=True, **changes):
        recipe = make_recipe(tiny_settings | {"epochs": 3} | changes)
        backbone, more = tiny_settings["backbone"], {"resume": resume, "quiet": quiet}
        fitted = fit.fine_tune(recipe, backbone, tokenizer, splits, folder, **more)
        return fitted.validation_logits

    return run


@pytest.fixture(scope="module")
def unbroken(fine_tune, tmp_path_factory):
    """The folder with the checkpoints of a run that came to its end, and its logits."""
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    return folder, fine_tune(folder)


@pytest.fixture
def ended(unbroken, tmp_path):
    """A copy of the folder of a run that was stopped just before the export."""
    return shutil.copytree(unbroken[0], tmp_path / "ended")


@pytest.fixture
def save_always(monkeypatch):
    monkeypatch.setattr(rhythm, "SAVE_SECONDS", 0)
    monkeypatch.setattr(rhythm, "SAVE_SHARE", 0)


@pytest.mark.parametrize("step", [10, 13, 14])  # inside the second epoch, at its last step, at the first of the third
@pytest.mark.usefixtures("save_always")
def test_a_run_goes_on_in_the_middle_of_an_epoch(fine_tune, unbroken, at, monkeypatch, tmp_path, step):
    with monkeypatch.context():
        at(step, cut_power)
        with pytest.raises(KilledError, match="power is off"):
            fine_tune(tmp_path / "run")
    assert checkpoints.last_whole(tmp_path / "run").name == f"checkpoint-{step}"
    at(-1, cut_power)
    np.testing.assert_array_equal(fine_tune(tmp_path / "run", resume=True), unbroken[1])


@pytest.fixture
def python_hears_ctrl_c():
    """Where tests run in the background, Ctrl-C is ignored; not here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_ctrl_c_saves_and_says_how_to_go_on(fine_tune, unbroken, at, tmp_path, capsys):
    at(10, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt, match=r"step 11 of 21 is saved in .*run; the same command with --resume"):
        fine_tune(tmp_path / "run")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    at(-1, cut_power)
    np.testing.assert_array_equal(fine_tune(tmp_path / "run", resume=True, quiet=False), unbroken[1])
    where = f"going on from step 11 of 21 (epoch 1.57), saved in {tmp_path / 'run' / 'checkpoint-11'}\n"
    assert where in capsys.readouterr().err


def test_without_a_checkpoint_a_resumed_run_says_that_it_begins_anew(fine_tune, tmp_path, capsys):
    fine_tune(tmp_path / "run", resume=True, quiet=False, epochs=1)
    assert f"no whole checkpoint in {tmp_path / 'run'}: beginning anew\n" in capsys.readouterr().err
    fine_tune(tmp_path / "other", quiet=False, epochs=1)
    assert "anew" not in capsys.readouterr().err


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_ctrl_c_at_the_last_step_of_an_epoch_waits_for_its_evaluation(fine_tune, unbroken, at, tmp_path):
    at(13, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt, match="step 14 of 21"):
        fine_tune(tmp_path / "run")
    state = json.loads((tmp_path / "run" / "checkpoint-14" / "trainer_state.json").read_text(encoding="utf-8"))
    assert [line["step"] for line in state["log_history"] if "eval_macro_f1" in line] == [7, 14]
    at(-1, cut_power)
    np.testing.assert_array_equal(fine_tune(tmp_path / "run", resume=True), unbroken[1])


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_a_second_ctrl_c_leaves_at_once(fine_tune, at, tmp_path):
    at(10, lambda: (press_ctrl_c(), press_ctrl_c()))
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        fine_tune(tmp_path / "run")
    assert checkpoints.last_whole(tmp_path / "run").name == "checkpoint-7"


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_the_command_line_ends_with_130(tiny_settings, topics_file, at, tmp_path, capsys):
    recipe = tmp_path / "tiny.yaml"
    recipe.write_text(yaml.safe_dump(tiny_settings), encoding="utf-8")
    at(2, press_ctrl_c)
    command = ["train", "--config", str(recipe), "--topics", str(topics_file), "--out", str(tmp_path / "model")]
    assert main([*command, "--quiet"]) == 130
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith("svodka: error: interrupted: step 3 of 210 is saved in")


def damage(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("file", ["optimizer.pt", "model.safetensors", "MANIFEST.json"])
def test_a_half_written_checkpoint_is_passed_over(ended, file):
    damage(ended / "checkpoint-21" / file)
    assert checkpoints.last_whole(ended).name == "checkpoint-14"


def test_a_run_with_a_half_written_checkpoint_ends_the_same(fine_tune, unbroken, ended):
    damage(ended / "checkpoint-21" / "optimizer.pt")
    (ended / "checkpoint-28").mkdir()  # killed when it had just begun to save
    np.testing.assert_array_equal(fine_tune(ended, resume=True), unbroken[1])
    assert not (ended / "checkpoint-28").exists()


def test_a_run_that_was_killed_before_its_end_only_ends(fine_tune, unbroken, ended, at):
    at(21, cut_power)  # no step is left
    moved = ended.rename(ended.with_name("elsewhere"))
    np.testing.assert_array_equal(fine_tune(moved, resume=True), unbroken[1])


def test_checkpoints_of_an_unfinished_run_are_not_overwritten(fine_tune, ended):
    with pytest.raises(ConfigError, match="holds checkpoints of an unfinished run; add --resume"):
        fine_tune(ended)


def test_resuming_with_another_recipe_is_refused(fine_tune, ended):
    with pytest.raises(ConfigError, match=r"a run with another recipe \(learning_rate, seed\); give the same"):
        fine_tune(ended, resume=True, seed=14, learning_rate=0.5)


@pytest.mark.parametrize(
    ("part", "other", "message"),
    [
        ("data", {"train": "0" * 64}, r"a run with other rows \(train, validation\)"),
        ("encoder", ["0" * 64], "another encoder to start from"),
        ("head_rows", [0, 2, 1], "other topics"),
        ("definitions", ["Дождь. Об осадках."], "other definitions of topics"),
        ("processes", 2, "another number of processes"),
        ("vectors", "0" * 64, "other vectors of a teacher"),
    ],
)
def test_resuming_another_run_is_refused(fine_tune, ended, part, other, message):
    note = ended / checkpoints.FINGERPRINT_FILE
    content = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps(content | {part: other}), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        fine_tune(ended, resume=True)


@pytest.mark.usefixtures("save_always")
def test_a_full_disk_stops_the_run_with_nothing_half_written(fine_tune, unbroken, tmp_path, monkeypatch):
    save = torch.save

    def full(content, path, **options):
        if "checkpoint-10" in str(path) and path.endswith("scheduler.pt"):
            raise OSError(28, os.strerror(28))
        save(content, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", full)
        with pytest.raises(OSError, match=r"No space left on device; make room, then .* --resume .*checkpoint-10'"):
            fine_tune(tmp_path / "run")
    assert sorted(path.name for path in (tmp_path / "run").glob("checkpoint-*")) == [
        "checkpoint-7", "checkpoint-8", "checkpoint-9",
    ]  # fmt: skip
    np.testing.assert_array_equal(fine_tune(tmp_path / "run", resume=True), unbroken[1])


def test_many_short_epochs_are_evaluated_ten_times_at_most(fine_tune, tmp_path):
    # 23 epochs: after every third, and after the last.
    fine_tune(tmp_path / "run", epochs=23, batch_size=28)
    last = checkpoints.last_whole(tmp_path / "run")
    assert last.name == "checkpoint-23"
    state = json.loads((last / "trainer_state.json").read_text(encoding="utf-8"))
    evaluated = [line["step"] for line in state["log_history"] if "eval_macro_f1" in line]
    assert evaluated == [3, 6, 9, 12, 15, 18, 21, 23]


def test_the_last_two_checkpoints_and_the_best_are_kept(tmp_path):
    for step, best in [(1, 1), (2, 1), (3, 3), (4, 3), (5, 3), (6, 3)]:
        checkpoint = tmp_path / f"checkpoint-{step}"
        checkpoint.mkdir()
        (checkpoint / "trainer_state.json").write_text(json.dumps({"best_global_step": best}), encoding="utf-8")
        checkpoints.seal(checkpoint)
        checkpoints.prune(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-3", "checkpoint-5", "checkpoint-6"]


def test_a_checkpoint_whose_best_one_is_gone_is_not_whole(ended):
    state = json.loads((ended / "checkpoint-21" / "trainer_state.json").read_text(encoding="utf-8"))
    assert state["best_global_step"] in (7, 14)
    shutil.rmtree(ended / f"checkpoint-{state['best_global_step']}")
    assert checkpoints.last_whole(ended) is None
