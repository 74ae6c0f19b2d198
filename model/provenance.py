"""Under which terms a figure was measured: versions, machine, commit, date."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

__all__ = ["git_commit", "hardware", "now", "versions"]

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


def versions() -> dict[str, str]:
    """Return the versions of Python and of those packages that make the figures and are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, str | int | None]:
    """Return the processor's name, the number of cores that this process may use, and the operating system."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": _cpu_name(), "cores": usable, "system": f"{platform.system()} {platform.machine()}"}


def now() -> str:
    """Return date and time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def git_commit(folder: Path = Path(__file__).parent) -> str | None:
    """Return the commit of the code in `folder`, with `-dirty` if files were changed since; None if nobody knows.

    An installed package may lie inside somebody else's repository: only files that git tracks have a commit. If pip
    took the package from a repository, it has noted the commit.
    """
    if _git(folder, "ls-files", "."):
        return _git(folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    return _installed_commit(folder)


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


def _git(folder: Path, *words: str) -> str | None:
    """Return what git prints, or None if it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _cpu_name() -> str | None:
    """Return the processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return platform.processor() or None
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, None) or platform.processor() or None
