"""Where the user's data folder lies, and what its pointer may say."""

import json
from pathlib import Path

import pytest

from svodka.errors import ModelFilesError
from svodka.home import Installed, Pointer, data_home, read_pointer, write_pointer

OLD = Installed("aaaa-01", "aa" * 32, "/home/anna/модель", "2026-01-02T03:04:05+00:00")
NEW = Installed("bbbb-02", "bb" * 32, "/home/anna/new", "2026-02-03T04:05:06+00:00")


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {}, "/home/anna/.local/share/svodka"),
        ("linux", {"XDG_DATA_HOME": ""}, "/home/anna/.local/share/svodka"),
        ("linux", {"XDG_DATA_HOME": "data"}, "/home/anna/.local/share/svodka"),  # relative ones are to be ignored
        ("linux", {"XDG_DATA_HOME": "/data", "LOCALAPPDATA": "/local"}, "/data/svodka"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/anna/Library/Application Support/svodka"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/svodka"),
        ("win32", {}, "/home/anna/AppData/Local/svodka"),
        ("linux", {"SVODKA_HOME": "/own", "XDG_DATA_HOME": "/data"}, "/own"),
        ("win32", {"SVODKA_HOME": "/own", "LOCALAPPDATA": "/local"}, "/own"),
        ("linux", {"SVODKA_HOME": "~/own"}, "/home/anna/own"),
        ("linux", {"SVODKA_HOME": ""}, "/home/anna/.local/share/svodka"),
    ],
)
def test_the_data_folder(monkeypatch, platform, environment, folder):
    monkeypatch.setenv("HOME", "/home/anna")
    assert data_home(environment, platform) == Path(folder)


def test_a_user_without_a_home_folder_has_no_data_folder(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    assert data_home({}, "linux") is None
    assert data_home({"XDG_DATA_HOME": "/data"}, "linux") == Path("/data/svodka")
    assert read_pointer(None) == Pointer()


@pytest.mark.parametrize("pointer", [Pointer(), Pointer(NEW), Pointer(None, OLD), Pointer(NEW, OLD)])
def test_a_pointer_is_read_as_it_was_written(tmp_path, pointer):
    write_pointer(tmp_path, pointer)
    assert read_pointer(tmp_path) == pointer


def test_without_a_pointer_nothing_is_installed(tmp_path):
    assert read_pointer(tmp_path) == read_pointer(tmp_path / "nowhere") == Pointer()


def content(**changes):
    entry = {"folder": "aaaa-01", "digest": "aa", "origin": "/x", "date": "2026"}
    return {"format_version": 1, "current": entry | changes, "previous": None}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{", "Expecting property name"),
        ("[]", "TypeError"),
        ("\udcff", "UnicodeDecodeError"),
        (json.dumps({"format_version": 2}), "format version 2, this svodka reads 1"),
        (json.dumps({"format_version": 1, "current": None}), r"KeyError\('previous'\)"),
        (json.dumps(content(topics=12)), "unexpected keyword argument 'topics'"),
        (json.dumps(content(digest=None)), "texts are expected"),
        (json.dumps(content(folder="../../elsewhere")), "no name of a folder in models/"),
        (json.dumps(content(folder="/elsewhere")), "no name of a folder in models/"),
    ],
)
def test_a_pointer_that_makes_no_sense_names_the_way_out(tmp_path, written, message):
    (tmp_path / "installed.json").write_text(written, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ModelFilesError, match=rf"installed\.json does not .*{message}.*`svodka install --shipped`"):
        read_pointer(tmp_path)


def test_a_pointer_that_cannot_be_read(tmp_path):
    (tmp_path / "installed.json").mkdir()
    with pytest.raises(ModelFilesError, match=r"installed\.json cannot be read: .*`svodka install --shipped`"):
        read_pointer(tmp_path)
