"""A run as a folder: `bench.json`, the page and the Markdown made from it, and each chart as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from svodka.evaluation.bench.charts import standalone
from svodka.evaluation.bench.page import make_page
from svodka.evaluation.bench.pictures import PICTURES
from svodka.evaluation.report.blocks import Document, Figure, Figures
from svodka.evaluation.report.html import as_html, chart_style
from svodka.evaluation.report.markdown import as_markdown
from svodka.evaluation.report.write import as_json
from svodka.files import atomic_folder

__all__ = ["FILES", "write_bench"]

JSON_FILE = "bench.json"
FILES = (JSON_FILE, "bench.html", "bench.md", *PICTURES)


def write_bench(content: Mapping[str, Any], folder: Path) -> None:
    """Write a run as one folder, whole or not at all.

    Raises:
        ImportError: jinja2 is not installed.
        OSError: nothing can be written there.
    """
    written = as_json(content)
    page = make_page(json.loads(written))  # the page may say nothing that the file does not hold
    made = {JSON_FILE: written, "bench.html": as_html(page), "bench.md": as_markdown(page)}
    made |= {figure.file: standalone(figure.svg, chart_style()) for figure in _figures(page)}
    with atomic_folder(folder) as temporary:
        for name, text in made.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")


def _figures(page: Document) -> Iterator[Figure]:
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, Figures):
                yield from block.items
