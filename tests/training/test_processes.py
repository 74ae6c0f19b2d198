"""Several processes of one run, started by `accelerate launch` with the same command line."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

pytest.importorskip("torch", reason="needs svodka[train]")
psutil = pytest.importorskip("psutil", reason="comes with svodka[train]")

from svodka.cli import main  # noqa: E402

pytestmark = pytest.mark.slow
# In spite of its name `--multi_gpu` starts processes where there is no graphics card too.
LAUNCH = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "-m", "svodka"]


@pytest.fixture(scope="module")
def recipe(tiny_settings, tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(yaml.safe_dump(tiny_settings), encoding="utf-8")
    return path


@pytest.fixture
def launch(recipe, topics_file, tmp_path):
    """Train the tiny model in two processes; as soon as a certain file is there, stop them."""

    def run(name, *options, stop=None, when=None):
        command = [*LAUNCH, "train", "--config", str(recipe), "--topics", str(topics_file), *options]
        command += ["--out", str(tmp_path / name)]
        pipes = {"stdout": subprocess.PIPE, "stderr": (tmp_path / "log").open("w"), "encoding": "utf-8"}
        with subprocess.Popen(command, **pipes) as process:
            while stop and not (tmp_path / when).exists():
                assert process.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
                time.sleep(0.02)
            if stop:
                stop(process.pid)
            out, _ = process.communicate()
        return process.returncode, out, (tmp_path / "log").read_text(encoding="utf-8")

    return run


def weights(folder):
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def test_two_processes_write_one_model_and_speak_with_one_voice(launch, tmp_path):
    code, out, log = launch("model")
    assert code == 0, log
    assert out.count("macro-F1") == 1
    assert log.count("28 training rows") == 1
    assert not list(tmp_path.glob("*.checkpoints"))
    assert main(["topics", "--model", str(tmp_path / "model")]) == 0


def kill_all(launcher):
    for process in (psutil.Process(launcher), *psutil.Process(launcher).children(recursive=True)):
        process.kill()


def press_ctrl_c(launcher):
    os.kill(launcher, signal.SIGINT)  # it hands it on


@pytest.mark.parametrize("stop", [kill_all, press_ctrl_c])
def test_two_processes_go_on_after_a_break(launch, tmp_path, stop):
    code, _, log = launch("unbroken")
    assert code == 0, log
    code, _, log = launch("broken", stop=stop, when="broken.checkpoints/checkpoint-63/MANIFEST.json")
    assert code != 0
    note = json.loads((tmp_path / "broken.checkpoints" / "run.json").read_text(encoding="utf-8"))
    assert note["processes"] == 2
    if stop is press_ctrl_c:
        assert "the same command with --resume goes on" in log
    assert main(["topics", "--model", str(tmp_path / "broken")]) == 1  # no model yet
    code, _, log = launch("broken", "--resume")
    assert code == 0, log
    assert weights(tmp_path / "broken") == weights(tmp_path / "unbroken")
