"""Files and folders are replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from svodka.files import atomic_folder, atomic_write


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole(tmp_path):
    target = tmp_path / ("сводка" * 20 + ".txt")  # close to the longest name that a file may have
    with atomic_write(target) as handle:
        handle.write("Связь есть.\n")
        assert not target.exists()
    assert target.read_bytes() == "Связь есть.\n".encode()
    assert names(tmp_path) == [target.name]


def test_a_finished_file_that_is_refused_its_place_is_kept(tmp_path):
    target = tmp_path / "a.txt"
    kept = r"; the finished result is kept in .*\.svodka-\w+\.tmp: '.*a\.txt'"
    with pytest.raises(OSError, match=kept), atomic_write(target) as handle:
        handle.write("работа одной ночи")
        target.mkdir()  # somebody puts a folder there meanwhile
    (result,) = tmp_path.glob(".svodka-*.tmp")
    assert result.read_text(encoding="utf-8") == "работа одной ночи"


def test_a_file_that_can_be_made_again_is_not_kept(tmp_path):
    target = tmp_path / "a.txt"
    with pytest.raises(OSError, match=r"^\[Errno \d+\] [^;]*: '.*a\.txt'$"), atomic_write(target, keep=False) as handle:
        handle.write("на минуту")
        target.mkdir()
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("write", [atomic_write, atomic_folder])
def test_ctrl_c_during_the_renaming_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch, write):
    target = tmp_path / "a"
    target.mkdir() if write is atomic_folder else target.write_text("старое", encoding="utf-8")
    rename = Path.rename

    def interrupted(self, target):
        if self in new:
            raise KeyboardInterrupt("Ctrl-C")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"), write(target):
        new = [*tmp_path.glob(".svodka-*.tmp")]
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("stop", [OSError(28, "the disk is full"), KeyboardInterrupt("Ctrl-C")])
def test_after_a_failure_the_old_file_stands(tmp_path, stop):
    (tmp_path / "a.txt").write_text("старое", encoding="utf-8")
    with pytest.raises(type(stop), match=r"the disk is full|Ctrl-C"), atomic_write(tmp_path / "a.txt") as handle:
        handle.write("новое")
        raise stop
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "старое"
    assert names(tmp_path) == ["a.txt"]


def test_bytes_permissions_and_links_are_kept(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"old")
    (tmp_path / "a.bin").chmod(0o640)
    (tmp_path / "link").symlink_to("a.bin")
    with atomic_write(tmp_path / "link", "wb") as handle:
        handle.write(b"\x00\xff")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\xff"
    assert (tmp_path / "a.bin").stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_and_not_replaced():
    with atomic_write(Path(os.devnull)) as handle:
        handle.write("в никуда")
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="this system has no names for open files")
def test_a_pipe_without_a_place_among_files_is_written():
    read, write = os.pipe()
    with atomic_write(Path(f"/dev/fd/{write}")) as handle:  # what a shell makes of `--out >(command)`
        handle.write("в трубу")
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        assert pipe.read() == "в трубу"


def test_a_folder_in_the_way_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder, expected a file"), atomic_write(tmp_path):
        pass


def test_a_folder_replaces_the_old_one(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old.json").write_text("{}", encoding="utf-8")
    with atomic_folder(tmp_path / "model") as folder:
        (folder / "new.json").write_text("{}", encoding="utf-8")
        assert names(tmp_path / "model") == ["old.json"]
    assert names(tmp_path / "model") == ["new.json"]
    assert names(tmp_path) == ["model"]


def test_after_a_failure_the_old_folder_stands(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"), atomic_folder(tmp_path / "model") as folder:
        (folder / "new.json").write_text("{}", encoding="utf-8")
        raise KeyboardInterrupt("Ctrl-C")
    assert names(tmp_path / "model") == ["old.json"]
    assert names(tmp_path) == ["model"]


def test_if_the_new_folder_cannot_be_moved_in_the_old_one_is_put_back(tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old.json").write_text("{}", encoding="utf-8")
    rename = Path.rename

    def refuse(self, target):
        if (self / "new.json").exists():
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    kept = r"No space left on device; the finished result is kept in .*\.svodka-\w+\.tmp: '.*model'"
    with pytest.raises(OSError, match=kept), atomic_folder(tmp_path / "model") as folder:
        (folder / "new.json").write_text("{}", encoding="utf-8")
    assert names(tmp_path / "model") == ["old.json"]
    assert names(tmp_path) == [folder.name, "model"]
    assert names(folder) == ["new.json"]


def test_a_file_in_the_way_of_a_folder_is_refused(tmp_path):
    (tmp_path / "model").write_text("", encoding="utf-8")
    with pytest.raises(NotADirectoryError, match="is a file, expected a folder"), atomic_folder(tmp_path / "model"):
        pass
