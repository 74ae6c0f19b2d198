import shutil
import subprocess
from datetime import datetime, timedelta

import numpy as np
import pytest

from svodka import provenance

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder, *words):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "code.py").write_text("1\n", encoding="utf-8")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "-c", "core.hooksPath=none", "commit", "--quiet", "--message", "первый")
    return tmp_path


@needs_git
def test_the_commit_of_code_in_a_repository(repository):
    head = git(repository, "rev-parse", "HEAD")
    assert provenance.git_commit(repository) == head
    (repository / "code.py").write_text("2\n", encoding="utf-8")
    assert provenance.git_commit(repository) == f"{head}-dirty"


@needs_git
def test_a_package_installed_inside_somebodys_repository_has_no_commit(repository):
    installed = repository / "site-packages"
    installed.mkdir()
    (installed / "module.py").write_text("1\n", encoding="utf-8")
    assert provenance.git_commit(installed) is None


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.git_commit(tmp_path) is None
    monkeypatch.setenv("PATH", "")  # nor is there without git
    assert provenance.git_commit(tmp_path) is None


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package-of-svodka"))
    found = provenance.versions()
    assert found["numpy"] == np.__version__
    assert "no-such-package-of-svodka" not in found


def test_the_date_is_in_utc():
    assert datetime.fromisoformat(provenance.now()).utcoffset() == timedelta(0)


def test_there_is_at_least_one_core():
    assert provenance.hardware()["cores"] >= 1
