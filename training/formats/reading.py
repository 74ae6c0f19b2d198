"""Read one labelled file of whatever format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svodka.training.formats.containers import open_table
from svodka.training.formats.example import Example, Options, Rejected
from svodka.training.formats.names import TopicNames
from svodka.training.formats.resolve import resolve
from svodka.training.formats.schemas import schema_of

__all__ = ["Reading", "read_examples", "read_sentences"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file.

    Attributes:
        path: the file or folder.
        examples: the good rows.
        rejected: the others, each with all its faults.
        blank: number of blank rows between others.
        understood: how the file was taken, one line each: its format, its columns, what was assumed.
        warnings: what the user should know before trusting the labels, one line each.
    """

    path: Path
    examples: tuple[Example, ...]
    rejected: tuple[Rejected, ...]
    blank: int
    understood: tuple[str, ...]
    warnings: tuple[str, ...]


def read_examples(path: Path, names: TopicNames, options: Options | None = None) -> Reading:
    """Read a labelled file, or a folder with a data set; its format is told by its content.

    Raises:
        DataError: it is missing, of no known format or damaged, has no rows, or no column can be taken for the
            sentences.
        ConfigError: an option of the user is wrong.
        MissingExtraError: the library that reads the format is not installed.
    """
    options = options or Options()
    table = open_table(path, names, options)
    schema = schema_of(table)
    made = schema.drafts(table, names, options)
    outcomes = [resolve(draft, names, table.kind) for draft in made.drafts]
    examples, renamed = _with_single_ids([one for one in outcomes if isinstance(one, Example)])
    rejected = [*table.broken, *(one for one in outcomes if isinstance(one, Rejected))]
    return Reading(
        path=path,
        examples=tuple(examples),
        rejected=tuple(sorted(rejected, key=lambda one: one.row)),
        blank=table.blank,
        understood=(": ".join(filter(None, (table.about, schema.title))), *made.understood, *renamed),
        warnings=made.warnings,
    )


def read_sentences(path: Path, names: TopicNames) -> list[Example]:
    """Read the sentences of a labelled file, of all its splits, without their labels, be these good or bad.

    Raises:
        DataError: as `read_examples`.
        MissingExtraError: the library that reads the format is not installed.
    """
    options = Options(split="all", empty="unlabelled")
    table = open_table(path, names, options)
    drafts = schema_of(table).drafts(table, names, options).drafts
    return [Example(one.row, None, one.text, None) for one in drafts if isinstance(one.text, str) and one.text.strip()]


def _with_single_ids(examples: Sequence[Example]) -> tuple[list[Example], tuple[str, ...]]:
    """Take ids that several rows share, such as those of documents, for what they are: `meta`, and no ids."""
    counts = Counter(example.id for example in examples if example.id is not None)
    shared = {name for name, count in counts.items() if count > 1}
    if not shared:
        return list(examples), ()
    kept = [replace(one, id=None, meta={**one.meta, "id": one.id}) if one.id in shared else one for one in examples]
    rows = sum(counts[name] for name in shared)
    return kept, (f"{rows} rows share their id with others: it is kept in meta, and they are named after their row",)
