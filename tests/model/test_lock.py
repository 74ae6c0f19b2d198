"""One at a time, whatever became of the one before."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from svodka.errors import ConfigError
from svodka.lock import alone

HOLDER = """
import sys, time
from pathlib import Path
from svodka.lock import alone
with alone(Path(sys.argv[1]), ""):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_told_and_comes_in_when_the_first_has_ended(tmp_path):
    with alone(tmp_path / "lock", "nobody is here"):
        with pytest.raises(ConfigError, match="somebody is here"), alone(tmp_path / "lock", "somebody is here"):
            pass
        with alone(tmp_path / "another lock", "nobody is here"):
            pass
    with alone(tmp_path / "lock", "nobody is here"):
        pass


def test_a_killed_process_keeps_nobody_out(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConfigError, match="somebody is here"), alone(tmp_path / "lock", "somebody is here"):
            pass
        holder.kill()
    with alone(tmp_path / "lock", "nobody is here", patience=10):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there no process inherits an open file")
def test_a_process_that_was_given_the_open_file_keeps_others_out(tmp_path):
    sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
    with alone(tmp_path / "lock", "nobody is here") as lock:
        other = subprocess.Popen(sleeps, pass_fds=[lock])
    with other:
        with pytest.raises(ConfigError, match="somebody is here"), alone(tmp_path / "lock", "somebody is here"):
            pass
        other.kill()
    with alone(tmp_path / "lock", "nobody is here", patience=10):
        pass


def refusing(monkeypatch, number):
    fcntl = pytest.importorskip("fcntl", reason="Windows locks otherwise")

    def refuse(_handle, _operation):
        raise OSError(number, "refused")

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_a_file_system_without_locks_keeps_nobody_out(tmp_path, monkeypatch):
    refusing(monkeypatch, errno.ENOSYS)
    with alone(tmp_path / "lock", "nobody is here"):
        pass


def test_another_error_is_not_taken_for_that(tmp_path, monkeypatch):
    refusing(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="refused"), alone(tmp_path / "lock", "nobody is here"):
        pass
