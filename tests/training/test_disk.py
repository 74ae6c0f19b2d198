"""A full disk is told as such."""

import errno
import os

import pytest

from svodka.training import disk
from svodka.training.disk import full_disk_told


def test_an_error_of_the_system_gets_a_hint(tmp_path):
    with (
        pytest.raises(OSError, match=r"make room, then the same command with --resume goes on: .*model") as caught,
        full_disk_told(tmp_path / "model"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.errno == errno.ENOSPC


def test_the_file_that_met_it_stays_named(tmp_path):
    with pytest.raises(OSError, match="elsewhere"), full_disk_told(tmp_path / "model"):
        raise OSError(errno.EDQUOT, "quota", "elsewhere")


def test_a_library_that_speaks_in_riddles_is_understood(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "_refusal", lambda _folder: errno.ENOSPC)
    with pytest.raises(OSError, match="No space left on device"), full_disk_told(tmp_path / "model"):
        raise RuntimeError("unexpected pos 576 vs 534")


def test_a_library_that_names_the_number_is_understood_though_its_half_file_is_gone(tmp_path):
    with pytest.raises(OSError, match="No space left on device; make room"), full_disk_told(tmp_path / "model"):
        raise ValueError("Error while serializing: I/O error: No space left on device (os error 28)")


def test_an_error_with_room_on_the_disk_is_another_error(tmp_path):
    with pytest.raises(RuntimeError, match="shapes do not fit"), full_disk_told(tmp_path / "model"):
        raise RuntimeError("shapes do not fit")
    with pytest.raises(OSError, match="Permission denied") as caught, full_disk_told(tmp_path / "model"):
        raise OSError(errno.EACCES, "Permission denied")
    assert caught.value.filename is None
    assert list(tmp_path.iterdir()) == []
