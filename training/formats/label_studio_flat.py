"""Label Studio's CSV, TSV and JSON-MIN: a row for each annotation, its choices in one column.

A cell of choices holds one name, or `{"choices": [...]}` if there are several; it is empty if the reader chose none.
In CSV and TSV other lists and mappings of a task stand as JSON, too.
Rows with the same `id` are annotations of one task.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from svodka.training.formats.cells import is_blank, label_names
from svodka.training.formats.example import Draft, Drafts, Label, Options, Table, TableRow
from svodka.training.formats.label_studio import ID_KEY
from svodka.training.formats.names import TopicNames
from svodka.training.formats.roles import LABEL_WORDS, find_text_column, given_column, known_share, named, topic_share

__all__ = ["claims", "drafts", "is_flat_header"]

ANNOTATION = "annotation_id"
SERVICE = (ANNOTATION, "annotator", "lead_time", "was_cancelled", "created_at", "updated_at", "agreement")
FURTHER = (ID_KEY, "id", "genre", "unknown", "scores", "meta")


def claims(table: Table) -> bool:
    """Tell whether a table is a flat export of Label Studio."""
    return is_flat_header(table.columns)


def is_flat_header(columns: Iterable[str]) -> bool:
    """Tell whether a header is that of a flat export of Label Studio."""
    found = set(columns)
    return ANNOTATION in found and bool({"annotator", "lead_time"} & found)


def drafts(table: Table, names: TopicNames, options: Options) -> Drafts:
    """Return the tasks as drafts, each with the answers of all its annotations.

    Raises:
        DataError: no column can be taken for the sentences, or a column that the user named is not there.
    """
    others = [column for column in table.columns if column not in SERVICE]
    text = find_text_column(table, [column for column in others if column not in FURTHER], names, options)
    choices = _choices_column(table, [one for one in others if one not in (text, *FURTHER)], names, options)
    tasks: dict[object, list[TableRow]] = {}
    for row in table.rows:
        identity = row.values.get("id")
        task = ("row", row.number) if is_blank(identity) else (str(identity), str(row.values.get(text)))
        tasks.setdefault(task, []).append(row)
    found = [_draft(rows, text, choices, names) for rows in tasks.values()]
    understood = (
        f"text from {text!r}, topics from {choices!r}" if choices else f"text from {text!r}; nobody chose a topic"
    )
    several = sum(len(rows) > 1 for rows in tasks.values())
    more = (f"{several} tasks have annotations of several readers",) if several else ()
    return Drafts(found, (understood, *more))


def _choices_column(table: Table, columns: list[str], names: TopicNames, options: Options) -> str | None:
    """Return the column of choices: the user's, the one with most names of topics, or one with a telling name."""
    if options.label_columns:
        return given_column(table, columns, options.label_columns[0], "--label-column")
    # A column that never names a topic, such as one of "нет" alone, answers another question.
    fitting = [column for column in columns if topic_share(table, [column], names) > 0]
    if fitting:
        return max(fitting, key=lambda column: known_share(table, [column], names))
    with_choices = (column for column in columns if any(_is_choices(value) for value in table.values(column)))
    return next(with_choices, None) or named(columns, LABEL_WORDS)


def _is_choices(value: object) -> bool:
    """Tell whether a cell is written as several choices are."""
    return (isinstance(value, Mapping) and "choices" in value) or (isinstance(value, str) and '"choices"' in value)


def _draft(rows: list[TableRow], text: str, choices: str | None, names: TopicNames) -> Draft:
    """Return the annotations of one task as a draft; what else stands in the rows is taken from the first."""
    first = rows[0].values
    answers = tuple(_answer(row, choices, names) for row in rows if _is_answer(row))
    further = {column: value for column, value in first.items() if column not in (text, choices, ID_KEY)}
    if not is_blank(first.get(ID_KEY)):
        further["id"] = first[ID_KEY]
    if "meta" in further:
        further["meta"] = _unpacked(further["meta"])
    return Draft(
        row=rows[0].number,
        text=first.get(text),
        text_column=text,
        answers=answers,
        further=further,
        original=first if len(rows) == 1 else [row.values for row in rows],
    )


def _unpacked(value: object) -> object:
    """Return the mapping that a cell holds as JSON; any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, dict) else value


def _is_answer(row: TableRow) -> bool:
    """Tell whether a row is an annotation that was not cancelled."""
    cancelled = str(row.values.get("was_cancelled")).strip().casefold() in ("true", "1")
    return not is_blank(row.values.get(ANNOTATION)) and not cancelled


def _answer(row: TableRow, choices: str | None, names: TopicNames) -> tuple[Label, ...]:
    """Return what one reader chose."""
    found = label_names(row.values.get(choices), names) if choices is not None else None
    return tuple(Label(choices or "", name) for name in found or ())
