"""`kill -9` at random moments: the run goes on and ends with the same weights."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch", reason="needs svodka[train]")
if not hasattr(os, "fork"):
    pytest.skip("kills processes by Unix signals", allow_module_level=True)


class Zygote:
    """Starts command lines, see `zygote.py`."""

    def __init__(self, log: Path, *options: str) -> None:
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py")), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            encoding="utf-8",
        )

    def run(self, argv, kill_after=None):
        """Return the exit code; after so many seconds the process is killed."""
        self.process.stdin.write(json.dumps(argv) + "\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        timer = threading.Timer(kill_after or 0, os.kill, (child, signal.SIGKILL))
        if kill_after is not None:
            timer.start()
        code = int(self.process.stdout.readline())
        timer.cancel()
        return code

    def close(self):
        self.process.stdin.close()
        self.process.wait()


@pytest.fixture(scope="module")
def recipe(tiny_settings, tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(yaml.safe_dump(tiny_settings | {"epochs": 4}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def command(recipe, topics_file):
    """Return the command line that trains the tiny model, but for the folder."""
    return ["train", "--config", str(recipe), "--topics", str(topics_file), "--quiet", "--out"]


def weights(folder):
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def kill_and_resume(zygote, command, folder, kills, seed):
    """Kill runs at random moments, again and again; whenever one comes to its end, its weights must be the same."""
    begun, luck = time.monotonic(), random.Random(seed)
    assert zygote.run([*command, str(folder / "unbroken")]) == 0
    seconds, expected = time.monotonic() - begun, weights(folder / "unbroken")
    names = ["unbroken"]
    while kills > 0:
        names.append(f"killed-{len(names)}")
        out = folder / names[-1]
        code = None
        while code != 0:
            moment = luck.uniform(0, 0.7 * seconds) if kills > 0 else None
            code = zygote.run([*command, str(out), "--resume"], moment)
            kills -= code == -signal.SIGKILL
            assert code in (0, -signal.SIGKILL), f"seed {seed}: {zygote.log.read_text(encoding='utf-8')}"
        assert weights(out) == expected, f"seed {seed}"
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == sorted(names)


def test_a_killed_run_ends_with_the_same_weights(command, tmp_path):
    zygote = Zygote(tmp_path / "log", "--quick")
    kill_and_resume(zygote, command, tmp_path, kills=2, seed=time.time_ns())
    zygote.close()


@pytest.mark.slow
def test_a_run_killed_at_fifty_random_moments_ends_with_the_same_weights(command, tmp_path):
    zygote = Zygote(tmp_path / "log")
    kill_and_resume(zygote, command, tmp_path, kills=50, seed=time.time_ns())
    zygote.close()
