"""What `svodka data import` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from svodka.cli.grid import grid
from svodka.topics import Topic
from svodka.training.formats import Example, Reading, Rejected

__all__ = ["summary"]

SHOWN = 10
SHOWN_WITHOUT_FILE = 1000  # where nothing is written, the screen is the only place to see what is wrong
SHOWN_CHARACTERS = 300
SHOWN_NAMES = 5
UNKNOWN = "unknown topic"


def summary(
    reading: Reading,
    kept: Sequence[Example],
    rejected: Sequence[Rejected],
    merged: int,
    warnings: Sequence[str],
    topics: Sequence[Topic],
    aside: Path | None,
) -> str:
    """Return what was understood, counted and refused, with a line end behind it.

    Args:
        reading: the file as it was understood.
        kept: the good rows.
        rejected: the rows set aside.
        merged: number of rows that went into another one of the same text.
        warnings: what is in doubt.
        topics: all topics, for their titles.
        aside: the file for the rows set aside; None if they are not written.
    """
    lines = [str(reading.path), *(f"  {line}" for line in reading.understood), ""]
    lines += [_counts(reading, kept, rejected, merged), "", *_topic_table(kept, topics)]
    if rejected:
        where, shown = (f", all in {aside}", SHOWN) if aside else ("", SHOWN_WITHOUT_FILE)
        lines += ["", f"set aside: {len(rejected)} rows{where}"]
        lines += [f"  {_cut(str(one.problem(reading.path)))}" for one in rejected[:shown]]
        lines += [f"  and {len(rejected) - shown} more"] if len(rejected) > shown else []
        lines += _unknown_names(rejected)
    if warnings:
        lines += ["", *(f"warning: {warning}" for warning in warnings)]
    return "\n".join(lines) + "\n"


def _counts(reading: Reading, kept: Sequence[Example], rejected: Sequence[Rejected], merged: int) -> str:
    """Return how many rows there are of each kind."""
    labelled = [one for one in kept if one.topics is not None]
    none = sum(not one.topics for one in labelled)
    empty = sum("text is empty" in one.reason for one in rejected)
    note = "with rows of the same text, judged for other topics"
    rows: list[tuple[str, int, str]] = [
        ("rows", len(kept) + len(rejected) + merged, ""),
        ("labelled", len(labelled), f"{len(labelled) - none} with topics, {none} read and without a topic"),
        ("not labelled", len(kept) - len(labelled), ""),
        ("set aside", len(rejected), f"{empty} of them without a text" if empty else ""),
        *([("merged", merged, note)] if merged else []),
        ("empty rows", reading.blank, "nothing in them" if reading.blank else ""),
    ]
    return "\n".join(f"{name:<14}{count:>7}  {note}".rstrip() for name, count, note in rows)


def _topic_table(kept: Sequence[Example], topics: Sequence[Topic]) -> list[str]:
    """Return the number of examples of each topic."""
    counts = Counter(topic for one in kept for topic in one.topics or ())
    unknown = Counter(topic for one in kept for topic in one.unknown)
    header = ["topic", "examples", *(["not judged"] if unknown else []), "title"]
    rows = [[one.id, str(counts[one.id]), *([str(unknown[one.id])] if unknown else []), one.title_ru] for one in topics]
    missing = ", ".join(one.id for one in topics if not counts[one.id])
    return [grid(header, rows, texts=("title",)), *([f"no example of: {missing}"] if counts and missing else [])]


def _unknown_names(rejected: Sequence[Rejected]) -> Iterator[str]:
    """Say which unknown names come again and again: they are hardly slips."""
    faults = (fault for one in rejected for fault in one.faults if fault.reason.startswith(UNKNOWN))
    often = [(name, count) for name, count in Counter(str(fault.value) for fault in faults).most_common() if count > 2]
    if often:
        shown = ", ".join(f"{name!r} ({count} times)" for name, count in often[:SHOWN_NAMES])
        yield f"  unknown again and again: {shown}"
        yield "  topics of your own belong into a file like configs/topics.yaml, given with --topics;"
        yield "  a label that means 'has no topic' is given with --none-label"


def _cut(text: str) -> str:
    """Return a message in one line, cut if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}…"
