"""The report as Markdown: everything that the page says, its charts by the numbers they show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.report.blocks import (
    Block,
    Cards,
    Cell,
    Document,
    Example,
    Examples,
    Figure,
    Figures,
    Paragraph,
    Table,
)
from svodka.evaluation.report.sections import make_document

__all__ = ["as_markdown", "render_markdown"]

SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def render_markdown(content: Mapping[str, Any], lang: str | None = None) -> str:
    """Return the report of a content as Markdown; None for `lang` takes the content's own."""
    return as_markdown(make_document(content, lang))


def as_markdown(document: Document) -> str:
    """Return a document as Markdown (CommonMark with tables)."""
    parts = [f"# {_plain(document.title)}", _plain(document.subtitle)]
    for section in document.sections:
        parts.append(f"## {_plain(section.title)}")
        parts += [text for block in section.blocks if (text := _block(block, document.warning))]
    return "\n\n".join([*parts, _plain(document.footer)]) + "\n"


def _block(block: Block, warning: str) -> str:
    """Return one block."""
    match block:
        case Paragraph():
            before = {"warning": f"> **{_plain(warning)}.** ", "note": "- "}.get(block.kind, "")
            return before + _plain(block.text)
        case Table():
            return _table(block)
        case Cards(items):
            rows = [[_plain(one.name), f"**{one.value}**", _plain(one.interval), _plain(one.note)] for one in items]
            return _lines(["", "", "", ""], rows, 1)
        case Figures(items):
            return "\n".join(
                f"![{_plain(one.alt)}]({one.file})" if one.file else f"- {_plain(one.alt)}" for one in items
            )
        case Examples(items):
            return "\n\n".join(map(_example, items))


def _table(table: Table) -> str:
    """Return a table; columns that hold only charts are left out, as their numbers stand beside them."""
    width = max((len(row) for row in [table.header, *table.rows]), default=0)
    kept = [place for place in range(width) if not any(row[place].svg for row in table.rows)]
    header = [_cell(table.header[place]) if table.header else "" for place in kept]
    rows = [[_cell(row[place]) for place in kept] for row in table.rows]
    prose = table.kind == "terms" or (bool(table.rows) and table.rows[0][-1].kind == "prose")
    caption = f"**{_plain(table.caption)}**\n\n" if table.caption else ""
    return caption + _lines(header, rows, len(kept) if prose else 1)


def _lines(header: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """Return a table, its first `left` columns to the left and the others to the right."""
    rule = ["---" if place < left else "---:" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])


def _cell(cell: Cell) -> str:
    """Return the text of a cell."""
    text = _plain(cell.text)
    return f"**{text}**" if cell.kind == "best" and text else text


def _figure(figure: Figure) -> str:
    """Return a chart: the file that holds it, or else what it says."""
    text = _plain(figure.alt)
    return f"![{text}]({figure.file})\n" if figure.file else f"- {text}"


def _example(example: Example) -> str:
    """Return a decision; words that speak for the topic are bold, words against it are in italics."""
    words = []
    for word in example.words:
        mark = "" if not word.shown else "**" if word.weight > 0 else "*"
        words.append(f"{mark}{_plain(word.text)}{mark}")
    facts = "; ".join(f"{_plain(name)}: {_plain(text)}" for name, text in example.facts)
    return f"- {_plain(example.head)} ({_plain(example.fact)})\n  > {' '.join(words)}\n\n  {facts}"


def _plain(text: str) -> str:
    """Return a text in which nothing is Markdown."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
