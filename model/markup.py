"""Tell a text to read from a page or data for programs, given by mistake or with an option forgotten.

Their tags, keys and brackets would be split and tagged like sentences, and nobody would notice.
"""

from __future__ import annotations

import json
import re

from svodka.errors import DataError

__all__ = ["refuse_markup"]

_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html\b|\?xml\s)", re.IGNORECASE)


def refuse_markup(text: str, source: str) -> None:
    """Raise DataError if a text is JSON Lines, a JSON document, or a page of HTML or XML as a whole.

    A text that merely holds tags or brackets is a text.
    """
    if _PAGE.match(text):
        raise DataError(f"{source}: expected text, got a page of HTML or XML; open it, and save or copy its text")
    if text.lstrip()[:1] not in ("{", "["):  # "" is in neither
        return
    first = text.lstrip().split("\n", 1)[0]
    if isinstance(_json(first), dict):
        raise DataError(
            f"{source}: expected text, got JSON Lines; name the column of texts, as in --column text, "
            "and give a file the ending .jsonl"
        )
    if isinstance(value := _json(text), dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        raise DataError(
            f"{source}: expected text, got a JSON document; make a table of it, .jsonl with one object a line or .csv, "
            "and name the column of texts, as in --column text"
        )


def _json(text: str) -> object:
    """Return what a text holds if it is JSON, else None."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
