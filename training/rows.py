"""Labelled sentences, read from files and checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import DataError, did_you_mean
from svodka.training.records import Problem, Record, read_records
from svodka.training.row_ids import made_up_id

if TYPE_CHECKING:
    from svodka.training.formats.example import Example

__all__ = ["Row", "error_of", "read_rows", "scan_rows"]

KNOWN_KEYS = ("id", "text", "topics", "genre", "unknown")
SHOWN_PROBLEMS = 10
SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence of a labelled file.

    Attributes:
        id: its name; if the file gives none, `file:line` with the file's stem, or what `made_up_id` makes of that.
        text: the sentence as it stands in the file.
        topics: ids of its topics in the file's order; empty if it was read and has none, None if nobody labelled it.
        genre: what kind of text it comes from, if the file says so.
        unknown: ids of topics that nobody judged for this sentence.
        line: where it begins in its file, from 1.
        source: its file.
        other: what the file says under other keys, such as `doc` or `source`, and under those inside `meta`.
    """

    id: str
    text: str
    topics: tuple[str, ...] | None
    genre: str | None
    unknown: tuple[str, ...]
    line: int
    source: str
    other: Mapping[str, object] = field(default_factory=dict, hash=False)


def read_rows(path: Path, topic_ids: Sequence[str]) -> list[Row]:
    """Read a JSON Lines file or a table (see `read_records`); what stands under other keys is kept in `other`.

    Raises:
        DataError: the file is unusable or has no rows, or any row is wrong; up to ten wrong rows are listed.
    """
    rows, problems = scan_rows(path, topic_ids)
    if problems:
        raise error_of(problems)
    if not rows:
        raise DataError(f"{path}: has no rows")
    return rows


def error_of(problems: Sequence[Problem]) -> DataError:
    """Return one error that lists the first problems and says how many there are."""
    lines = [f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'} in the data"]
    lines += [f"  {problem}" for problem in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"  and {len(problems) - SHOWN_PROBLEMS} more")
    return DataError("\n".join(lines))


def scan_rows(path: Path, topic_ids: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """Read a file like `read_rows`, but return its good rows and all that is wrong with the others.

    Files of spreadsheets and labelling tools are read as `svodka.training.formats` takes them; there, a doubt how they
    are meant is a problem too.
    """
    from svodka.training.formats.bridge import is_foreign, read_foreign  # that module needs this one

    if is_foreign(path, topic_ids):
        examples, faults = read_foreign(path, topic_ids)
        taken = {one.id for one in examples if one.id is not None}
        return [_of_example(one, path, taken) for one in examples], faults
    rows: list[Row] = []
    problems: list[Problem] = []
    first_lines: dict[str, int] = {}
    records = list(read_records(path))
    given = (record.values.get("id") for record in records if isinstance(record, Record))
    taken = {str(one) for one in given if one is not None}
    for record in records:
        if isinstance(record, Problem):
            problems.append(record)
            continue
        row = _row(record, path, taken)
        found = list(_faults(record.values, topic_ids))
        if row.id in first_lines:
            found.append(f"the id {row.id!r} is taken by line {first_lines[row.id]}")
        first_lines.setdefault(row.id, record.line)
        problems += [Problem(str(path), record.line, message) for message in found]
        if not found:
            rows.append(row)
    return rows, problems


def _of_example(example: Example, path: Path, taken: set[str]) -> Row:
    """Return an example of another format as a row; `taken` are the ids that the file gives or that were made up."""
    identity = example.id or made_up_id(path, example.row, taken)
    labels = (example.topics, example.genre, example.unknown)
    return Row(identity, example.text, *labels, example.row, str(path), dict(example.meta))


def _row(record: Record, path: Path, taken: set[str]) -> Row:
    """Return a record as a row, which is only used if the record has no faults; `taken` as for `_of_example`."""
    value = record.values.get
    meta = value("meta")
    topics, genre, identity = value("topics"), value("genre"), value("id")
    further = {key: one for key, one in record.values.items() if key not in KNOWN_KEYS}
    return Row(
        id=made_up_id(path, record.line, taken) if identity is None else str(identity),
        text=str(value("text")),
        topics=tuple(topics) if isinstance(topics, list) else None,
        genre=genre if isinstance(genre, str) else None,
        unknown=_strings(value("unknown")),
        line=record.line,
        source=str(path),
        other={**meta, **further} if isinstance(meta, dict) else further,
    )


def _faults(values: Mapping[str, object], topic_ids: Sequence[str]) -> Iterator[str]:
    """Say everything that is wrong with the values of one record."""
    for key in values:
        absent = [known for known in KNOWN_KEYS if known not in values]
        # A slip in an optional key would else go unseen: the row would merely pass as not labelled.
        if close := difflib.get_close_matches(key, absent, n=1, cutoff=0.8):
            yield f"unknown key {key!r}; did you mean {close[0]!r}?"
    identity, genre = values.get("id"), values.get("genre")
    if isinstance(identity, bool) or not isinstance(identity, str | int | None) or identity == "":
        yield f"'id' must be a text or a whole number, got {_shown(identity)}"
    if not isinstance(genre, str | None):
        yield f"'genre' must be a text, got {_shown(genre)}"
    yield from _text_faults(values)
    for key in ("topics", "unknown"):
        yield from _list_faults(key, values.get(key), topic_ids)
    for topic in _strings(values.get("topics")):
        if topic in _strings(values.get("unknown")):
            yield f"the topic {topic!r} is both given and in 'unknown'"


def _text_faults(values: Mapping[str, object]) -> Iterator[str]:
    """Say what is wrong with the text."""
    text = values.get("text")
    if text is None:
        yield "'text' is missing"
    elif not isinstance(text, str):
        yield f"'text' must be a text, got {_shown(text)}"
    elif not text.strip():
        yield f"'text' is empty: {_shown(text)}"
    elif any("\ud800" <= character <= "\udfff" for character in text):
        yield "'text' has half of a character (a lone surrogate), which no file can hold"


def _list_faults(key: str, value: object, topic_ids: Sequence[str]) -> Iterator[str]:
    """Say what is wrong with a list of topics; None is a missing value and fine."""
    if value is None:
        return
    if not isinstance(value, list):
        yield f"{key!r} must be a list of topic ids, got {_shown(value)}"
        return
    seen: set[str] = set()
    for topic in value:
        if not isinstance(topic, str):
            yield f"{key!r} must hold topic ids, got {_shown(topic)}"
        elif topic not in topic_ids:
            hint = did_you_mean(topic, topic_ids) or f" (the topics are {', '.join(topic_ids)})"
            yield f"unknown topic {topic!r} in {key!r}{hint}"
        elif topic in seen:
            yield f"the topic {topic!r} stands twice in {key!r}"
        else:
            seen.add(topic)


def _strings(value: object) -> tuple[str, ...]:
    """Return the texts in a list; anything else has none."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _shown(value: object) -> str:
    """Return a value for a message, cut if it is long."""
    shown = repr(value)
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}…"
