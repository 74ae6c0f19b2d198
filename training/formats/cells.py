"""Single cells: blank or not, yes or no, a list of names, a value that JSON can hold."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time

from svodka.training.formats.names import TopicNames

__all__ = ["MISSING_WORDS", "is_blank", "is_missing", "is_object", "label_names", "mark", "plain", "plain_id"]

# How programs write a missing value into a text table. "none" in small letters is a human's "no topic".
MISSING_WORDS = frozenset(
    ("nan", "NaN", "NAN", "NaT", "null", "NULL", "None", "N/A", "n/a", "#N/A", "#Н/Д", "<NA>", "н/д")
)
YES = frozenset(("1", "1.0", "1,0", "true", "t", "истина", "да", "yes", "y", "x", "х", "+", "v", "✓", "✔", "☑", "✅"))
NO = frozenset(("0", "0.0", "0,0", "false", "f", "ложь", "нет", "no", "n", "-", "–", "—", "☐"))
NAME_KEYS = ("name", "label", "text", "value")
# An object with one of them is no plain label: it is one of a part of the text, a model's, or one of several ranks.
OTHER_KEYS = frozenset(
    ("start", "end", "start_offset", "end_offset", "score", "probability", "confidence", "checked", "selected", "rank")
)
# Tried one after another: the first that gives only names of topics is the one that was meant.
SPLITS = (re.compile(r"[;|\n]"), re.compile(r"[;|,\n]"), re.compile(r"#"), re.compile(r"/"))


def is_blank(value: object) -> bool:
    """Tell whether a cell holds nothing: None, NaN or white space."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and not value.strip())


def is_missing(value: object) -> bool:
    """Tell whether a cell is blank or holds a program's word for a missing value."""
    return is_blank(value) or (isinstance(value, str) and value.strip() in MISSING_WORDS)


def mark(value: object) -> bool | None:
    """Return what a cell of a column of one topic says: yes, no, or None if it is blank.

    Raises:
        ValueError: it says neither.
    """
    if is_missing(value):
        return None
    if isinstance(value, bool | int | float):
        if value in (0, 1):
            return bool(value)
    elif isinstance(value, str):
        word = value.strip().casefold()
        if word in YES or word in NO:
            return word in YES
    raise ValueError(f"expected 1 or 0, yes or no, x or nothing, got {value!r}")


def label_names(value: object, names: TopicNames) -> list[str] | None:
    """Return the names in a cell of topics, or None if it is blank; a cell that means "no topic" has no names.

    Understood are a list, one name, several names between `;`, `|`, `,`, `#`, `/` or line ends, lists as JSON or Python
    writes them, `{"choices": […]}` of Label Studio, `{"name": 1, "other": 0}` and `{"id": 3, "label": "name"}`. Any
    other object comes back as its JSON, which is no name of a topic (`is_object`): so it is not taken for "no topic".
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        return _of_text(value.strip(), names)
    if isinstance(value, Mapping):
        return _of_mapping(value, names)
    if isinstance(value, list | tuple):
        return [name for one in value for name in _of_item(one, names)]
    return [str(value)]


def _of_text(text: str, names: TopicNames) -> list[str]:
    """Return the names in a text that is not blank."""
    if names.is_none(text):
        return []
    if text[0] in "[{":
        value = _literal(text)
        if isinstance(value, list | dict):
            return label_names(value, names) or []
    parts = [[text], *([part.strip() for part in split.split(text) if part.strip()] for split in SPLITS)]
    return next((one for one in parts if one and all(map(names.knows, one))), parts[2])


def _literal(text: str) -> object:
    """Return the value that a text writes in JSON or, as pandas does, in Python; None if it writes none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _of_mapping(value: Mapping[object, object], names: TopicNames) -> list[str]:
    """Return the names in `{"choices": […]}` or `{"label": "name"}`, or the true keys of `{"name": 1, "other": 0}`."""
    if "choices" in value:
        return label_names(value["choices"], names) or []
    told = [one.strip() for key in NAME_KEYS if isinstance(one := value.get(key), str) and one.strip()]
    if told and OTHER_KEYS.isdisjoint(value):
        return [next((one for one in told if names.knows(one)), told[0])]
    shares = {str(key): one for key, one in value.items() if one is None or isinstance(one, bool | int | float)}
    if not value or (len(shares) == len(value) and any(map(names.knows, shares))):
        return [key for key, share in shares.items() if share is not None and share >= 0.5]
    return [json.dumps(plain(value), ensure_ascii=False)]


def is_object(name: str) -> bool:
    """Tell whether a name is the JSON of an object in which `label_names` found no name."""
    return name.startswith("{")


def _of_item(item: object, names: TopicNames) -> list[str]:
    """Return the names in one item of a list; an item of a list is never cut."""
    if isinstance(item, Mapping):
        return _of_mapping(item, names)
    return [] if item is None else [item.strip() if isinstance(item, str) else str(item)]


def plain(value: object) -> object:
    """Return a value as JSON can hold it: dates as ISO 8601, NaN as None, what is foreign as text."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def plain_id(value: object) -> str | None:
    """Return an id as text, whole numbers without `.0`; None if the cell is blank."""
    if is_blank(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(plain(value)).strip()
