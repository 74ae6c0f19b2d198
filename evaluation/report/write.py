"""A report as a folder of three files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from svodka.errors import ConfigError
from svodka.evaluation.report.html import render_html
from svodka.evaluation.report.markdown import render_markdown
from svodka.files import atomic_folder

__all__ = ["FILES", "as_json", "check_folder", "write_report"]

JSON_FILE = "report.json"
FILES = ("report.html", JSON_FILE, "report.md")


def as_json(content: Mapping[str, Any]) -> str:
    """Return the content as JSON.

    Raises:
        ValueError: a number is infinite or NaN, which JSON has no word for.
    """
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_report(content: Mapping[str, Any], folder: Path) -> None:
    """Write `report.json`, and the page and the Markdown made from it, as one folder, whole or not at all.

    Raises:
        OSError: nothing can be written there.
    """
    written = as_json(content)
    read_back = json.loads(written)  # the page may say nothing that the file does not hold
    made = {JSON_FILE: written, "report.md": render_markdown(read_back), "report.html": render_html(read_back)}
    with atomic_folder(folder) as temporary:
        for name, text in made.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")


def check_folder(folder: Path, inputs: Iterable[Path], files: Collection[str] = FILES) -> None:
    """Refuse a folder that cannot become a report of these `files`, before any work is done.

    An older report is replaced; a folder that holds anything else is not.

    Raises:
        ConfigError: it exists and is no report, or its own folder does not exist, or an input lies in it.
    """
    if not folder.parent.is_dir():
        raise ConfigError(f"--out {folder}: there is no folder {str(folder.parent)!r}")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError(f"--out {folder} is a file; give a folder, or a file that ends in .json")
    if foreign := sorted(path.name for path in folder.iterdir() if path.name not in files):
        raise ConfigError(f"--out {folder} holds {foreign[0]!r}, which is no part of a report; give another folder")
    if used := [path for path in inputs if path.resolve().parent == folder.resolve()]:
        raise ConfigError(f"--out {folder} would replace the input {used[0]}")
