"""svodka's own JSON Lines: what `svodka train` and all other commands read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO

from svodka.training.formats.example import Example

__all__ = ["record_of", "write_jsonl"]


def record_of(example: Example, *, with_topics: bool = True) -> dict[str, object]:
    """Return an example as an object of the file; keys without a value are left out, `topics` is null if unlabelled.

    Args:
        example: the example.
        with_topics: False leaves its labels out, for tools that hold them elsewhere.
    """
    record: dict[str, object] = {} if example.id is None else {"id": example.id}
    record["text"] = example.text
    if with_topics:
        record["topics"] = None if example.topics is None else list(example.topics)
    if example.unknown:
        record["unknown"] = list(example.unknown)
    if example.genre is not None:
        record["genre"] = example.genre
    if example.scores is not None:
        record["scores"] = dict(example.scores)
    if example.meta:
        record["meta"] = dict(example.meta)
    return record


def write_jsonl(handle: IO[str], records: Iterable[object]) -> None:
    """Write records as JSON Lines; one with half of a character, which UTF-8 cannot hold, is written in escapes."""
    for record in records:
        line = json.dumps(record, ensure_ascii=False)
        broken = any("\ud800" <= character <= "\udfff" for character in line)
        handle.write((json.dumps(record) if broken else line) + "\n")
