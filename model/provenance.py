"""Under which terms a figure was measured: versions, machine, commit, date."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

__all__ = ["ask_git", "git_commit", "graphics_card", "hardware", "now", "versions"]

PACKAGES = (
    "svodka",
    "numpy",
    "onnxruntime",
    "onnxruntime-gpu",  # the same package under another name
    "tokenizers",
    "scikit-learn",
    "scipy",
    "torch",
    "transformers",
    "datasets",
    "onnx",
)
# Instructions that decide how quick products of 8-bit numbers are: their names in /proc/cpuinfo, and in results.
PRODUCT_FLAGS = {
    "avx2": "avx2",
    "avx512f": "avx512f",
    "avx512_vnni": "avx512_vnni",
    "avx_vnni": "avx_vnni",
    "amx_int8": "amx_int8",
    "asimddp": "dotprod",  # this and the next on ARM
    "i8mm": "i8mm",
}
CPU_FILE = Path("/proc/cpuinfo")


def versions() -> dict[str, str]:
    """Return the versions of Python and of those packages that make the figures and are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """Return what machine this is.

    Keys: `cpu`, the processor's name; `flags`, which of the instructions that decide about the speed of 8-bit products
    it has, by the names in `PRODUCT_FLAGS`; `cores`, how many this process may use; `memory_bytes` of the machine;
    `system`, the operating system. What the system does not tell is None.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = _cpuinfo()
    return {
        "cpu": told.get("model name") or platform.processor() or None,
        "flags": _product_flags(told),
        "cores": usable,
        "memory_bytes": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def graphics_card() -> str | None:
    """Return the name of the graphics card that CUDA takes first, as its driver tells it; None if there is none.

    It is the driver that is asked, as it counts the cards as ONNX Runtime does (CUDA_VISIBLE_DEVICES hides some).
    """
    name, device = ctypes.create_string_buffer(256), ctypes.c_int()
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        steps = (
            driver.cuInit(0),
            driver.cuDeviceGet(ctypes.byref(device), 0),
            driver.cuDeviceGetName(name, len(name), device),
        )
    except (OSError, AttributeError):  # no driver, or another library of this name
        return None
    return None if any(steps) else name.value.decode("utf-8", errors="replace") or None


def now() -> str:
    """Return date and time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def git_commit(folder: Path | None = None) -> str | None:
    """Return the commit of the code in `folder`, with `-dirty` if files were changed since; None if nobody knows.

    An installed package may lie inside somebody else's repository: only files that git tracks have a commit. If pip
    took the package from a repository, it has noted the commit.

    Args:
        folder: None for svodka's own code, which in an editable installation may be links to a checkout's files.
    """
    own = Path(__file__)
    code = folder or own.resolve().parent
    if ask_git(code, "ls-files", "."):
        return ask_git(code, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    return _installed_commit(folder or own.parent)


def _installed_commit(folder: Path) -> str | None:
    """Return the commit from which pip installed the package in `folder`; see PEP 610 for `direct_url.json`."""
    try:
        package = distribution("svodka")
        if Path(str(package.locate_file("svodka"))).resolve() != folder.resolve():  # other code than runs here
            return None
        commit = json.loads(package.read_text("direct_url.json") or "{}").get("vcs_info", {}).get("commit_id")
    except (PackageNotFoundError, ValueError):
        return None
    return commit if isinstance(commit, str) else None


def ask_git(folder: Path, *words: str) -> str | None:
    """Return what git prints in a folder, without blanks around it; None if that is nothing, or it fails."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _cpuinfo() -> dict[str, str]:
    """Return what Linux tells of the first processor, by name; nothing on other systems."""
    try:
        lines = CPU_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), value.strip())
    return found


def _product_flags(told: Mapping[str, str]) -> list[str] | None:
    """Return the names of the instructions for 8-bit products; None if nobody knows."""
    flags = told.get("flags") or told.get("Features")  # on x86, on ARM
    return None if flags is None else [name for flag, name in PRODUCT_FLAGS.items() if flag in flags.split()]


def _memory() -> int | None:
    """Return the machine's memory in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no such function, others perhaps not these names
        return None
