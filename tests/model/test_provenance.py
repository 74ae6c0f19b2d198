import platform
import shutil
import subprocess
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, PathDistribution

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
def test_code_that_is_linked_to_a_checkout_has_its_commit(repository, monkeypatch):
    linked = repository / "build"
    linked.mkdir()
    (linked / "provenance.py").symlink_to(repository / "code.py")
    monkeypatch.setattr(provenance, "__file__", str(linked / "provenance.py"))
    assert provenance.git_commit() == git(repository, "rev-parse", "HEAD")


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


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a package `svodka` into a folder of its own, with what pip notes of its origin; give its folder."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    def install(origin):
        info = tmp_path / "site" / "svodka-9.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: svodka\nVersion: 9\n", encoding="utf-8")
        if origin is not None:
            (info / "direct_url.json").write_text(origin, encoding="utf-8")
        (tmp_path / "site" / "svodka").mkdir()
        monkeypatch.setattr(provenance, "distribution", lambda _name: PathDistribution(info))
        return tmp_path / "site" / "svodka"

    return install


@pytest.mark.parametrize(
    ("origin", "commit"),
    [
        ('{"url": "https://example.org/s.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}', "c0ffee"),
        ('{"url": "file:///s", "dir_info": {"editable": true}}', None),
        ("{", None),  # spoilt
        (None, None),  # from an index
    ],
)
def test_pip_has_noted_the_commit_of_an_installed_package(installed, tmp_path, origin, commit):
    folder = installed(origin)
    assert provenance.git_commit(folder) == commit
    assert provenance.git_commit(tmp_path) is None  # other code than the installed one


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package-of-svodka"))
    found = provenance.versions()
    assert found["numpy"] == np.__version__
    assert "no-such-package-of-svodka" not in found


def test_onnx_runtime_is_recorded_under_the_name_that_is_installed(monkeypatch):
    def version(package):
        if package == "onnxruntime-gpu":
            return "1.22.0"
        raise PackageNotFoundError(package)

    monkeypatch.setattr(provenance, "version", version)
    assert provenance.versions() == {"python": platform.python_version(), "onnxruntime-gpu": "1.22.0"}


def test_the_date_is_in_utc():
    assert datetime.fromisoformat(provenance.now()).utcoffset() == timedelta(0)


def test_the_machine():
    machine = provenance.hardware()
    assert set(machine) == {"cpu", "flags", "cores", "memory_bytes", "system"}
    assert machine["cores"] >= 1
    assert machine["memory_bytes"] is None or machine["memory_bytes"] > 100_000_000


INTEL = "model name\t: Xeon\nflags\t\t: fpu avx2 avx512f avx512_vnni amx_int8 amx_tile\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm bf16\n"


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        (INTEL + INTEL.replace("amx_int8", "other"), ["avx2", "avx512f", "avx512_vnni", "amx_int8"]),  # of the first
        (ARM, ["dotprod", "i8mm"]),
        ("flags\t\t: fpu sse2\n", []),
        ("processor\t: 0\n", None),
        (None, None),  # not Linux
    ],
)
def test_the_instructions_for_8_bit_products(tmp_path, monkeypatch, told, flags):
    monkeypatch.setattr(provenance, "CPU_FILE", tmp_path / "cpuinfo")
    if told is not None:
        (tmp_path / "cpuinfo").write_text(told, encoding="utf-8")
    machine = provenance.hardware()
    assert machine["flags"] == flags
    assert (machine["cpu"] == "Xeon") is (told is not None and "Xeon" in told)


class Driver:
    """Stand in for the driver of a graphics card; `failing` is the step that returns an error."""

    failing = None

    def cuInit(self, flags):  # noqa: N802
        return int(self.failing == "cuInit" or flags != 0)

    def cuDeviceGet(self, device, number):  # noqa: N802
        device._obj.value = 7 + number
        return int(self.failing == "cuDeviceGet")

    def cuDeviceGetName(self, name, size, device):  # noqa: N802
        assert size == len(name)
        name.value = f"NVIDIA Stand-in {device.value}".encode()
        return int(self.failing == "cuDeviceGetName")


@pytest.mark.parametrize(
    ("failing", "name"),
    [(None, "NVIDIA Stand-in 7"), ("cuInit", None), ("cuDeviceGet", None), ("cuDeviceGetName", None)],
)
def test_the_driver_tells_the_name_of_the_card(monkeypatch, failing, name):
    monkeypatch.setattr(Driver, "failing", failing)
    monkeypatch.setattr(provenance.ctypes, "CDLL", lambda _library: Driver())
    assert provenance.graphics_card() == name


def test_without_a_driver_there_is_no_card(monkeypatch):
    def missing(library):
        raise OSError(f"{library}: cannot open shared object file")

    monkeypatch.setattr(provenance.ctypes, "CDLL", missing)
    assert provenance.graphics_card() is None
