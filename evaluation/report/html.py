"""The report as one page that needs nothing else: no script, no request, its charts and its style inside."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from svodka.evaluation.report.blocks import Document
from svodka.evaluation.report.sections import make_document

__all__ = ["as_html", "chart_style", "render_html"]


def render_html(content: Mapping[str, Any], lang: str | None = None) -> str:
    """Return the report of a content as a page; None for `lang` takes the content's own.

    Raises:
        ImportError: jinja2 is not installed.
    """
    return as_html(make_document(content, lang))


def as_html(document: Document) -> str:
    """Return a document as a page. Every text is escaped; only svodka's own charts and style are put in as they are."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["svg"] = Markup
    environment.tests["block"] = lambda block, name: type(block).__name__ == name
    template = environment.from_string(_read("report.html"))
    return template.render(document=document, style=Markup(chart_style() + _read("style.css")))


def chart_style() -> str:
    """Return the colours of a page and the style of its charts, for a chart that stands alone, too."""
    return _read("chart.css")


def _read(name: str) -> str:
    """Return a file of the folder `templates`."""
    return (resources.files("svodka.evaluation.report") / "templates" / name).read_text(encoding="utf-8")
