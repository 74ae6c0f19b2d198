"""Files of svodka's own data as they were in earlier commits."""

import os
import shutil
import subprocess

import pytest

from svodka.errors import ConfigError
from svodka.provenance import ask_git
from svodka.topics import load_topics
from svodka.training import history
from svodka.training.chain import read_chain
from svodka.training.digested import read_labels
from svodka.training.rows import read_rows

SHIPPED = [step.git for step in read_chain().steps if step.git]
IDS = [topic.id for topic in load_topics()]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository with one row in an earlier commit and another one today; give the earlier commit."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    data = tmp_path / "repository" / "training" / "data"
    data.mkdir(parents=True)
    settings = ("user.name=t", "user.email=t@example.org", "commit.gpgsign=false", "core.hooksPath=none")
    me = [word for setting in settings for word in ("-c", setting)]
    monkeypatch.setattr(history, "checkout_data_folder", lambda: data)
    for name in [name for name in os.environ if name.startswith("GIT_")]:  # a hook that runs the tests has some
        monkeypatch.delenv(name)

    def git(*words):
        subprocess.run(["git", *me, *words], cwd=data, check=True)

    git("init", "--quiet", str(data.parents[1]))
    for text in ("Было.\n", "Стало.\n"):
        (data / "train.jsonl").write_text(text, encoding="utf-8")
        git("add", "train.jsonl")
        git("commit", "--quiet", "--message", "строка")
    return ask_git(data, "rev-parse", "HEAD~1")


def test_a_file_as_it_was_and_as_it_is(checkout, tmp_path):
    file = f"{checkout}:training/data/train.jsonl"
    history.check_history([file])
    history.write_earlier(file, tmp_path / "earlier")
    history.write_today(file, tmp_path / "today")
    assert (tmp_path / "earlier").read_text(encoding="utf-8") == "Было.\n"
    assert (tmp_path / "today").read_text(encoding="utf-8") == "Стало.\n"


def test_the_command_line_names_the_repository_only_outside_it(checkout, tmp_path, monkeypatch):
    file = f"{checkout}:training/data/train.jsonl"
    monkeypatch.chdir(tmp_path / "repository" / "training")
    assert history.show_words(file) == ["git", "show", file]
    monkeypatch.chdir(tmp_path)
    assert history.show_words(file) == ["git", "-C", str(tmp_path / "repository"), "show", file]
    done = subprocess.run(history.show_words(file), capture_output=True, check=True)
    assert done.stdout.decode("utf-8") == "Было.\n"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("{}:training/data/no.jsonl", r"fatal: .*no\.jsonl"),
        ("0123456:training/data/train.jsonl", "fatal: .*0123456"),
    ],
)
def test_what_git_has_not_is_told_and_not_half_written(checkout, tmp_path, file, reason, capfd, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    file = file.format(checkout)
    with pytest.raises(ConfigError, match=rf"git has no .* \({reason}.*\): .*--unshallow.*--today does without, but"):
        history.check_history([file])
    with pytest.raises(ConfigError, match=r"`git show .*` failed with exit code 128"):
        history.write_earlier(file, tmp_path / "out")
    assert "fatal" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_file(checkout):
    with pytest.raises(ConfigError, match=r"git has no .*:training/data \(tree\): svodka must be installed for"):
        history.check_history([f"{checkout}:training/data"])


@pytest.mark.parametrize(("variable", "reason"), [("GIT_DIR", "fatal: not a git repository"), ("PATH", "git: No such")])
def test_without_a_checkout_or_without_git_there_is_no_history(tmp_path, monkeypatch, variable, reason):
    monkeypatch.setenv(variable, str(tmp_path / "nothing"))
    monkeypatch.setattr(history, "checkout_data_folder", lambda: tmp_path)
    with pytest.raises(ConfigError, match=rf"\({reason}.*\): svodka must be installed for development"):
        history.check_history(SHIPPED)


@pytest.mark.parametrize("file", SHIPPED)
def test_svodka_still_has_the_files_of_which_the_shipped_chain_takes_earlier_ones(file):
    assert history.own_file(file).is_file()


def test_the_earlier_files_are_what_the_shipped_model_learned_from(tmp_path):
    try:
        history.check_history(SHIPPED)
    except ConfigError:
        pytest.skip("no checkout with the whole history")
    rows, labels = tmp_path / "rows.jsonl", tmp_path / "labels.jsonl"
    history.write_earlier(SHIPPED[0], rows)
    history.write_earlier(SHIPPED[1], labels)
    assert len(read_rows(rows, IDS)) == 12_994
    assert len(read_labels(labels, IDS)) == 24_752
