"""doccano's JSON Lines and JSON of text classification: `text`, a list `label`, and the metadata beside them.

doccano writes an empty list both for a sentence that was read and has no topic and for one that nobody opened. The key
`labelled`, which `svodka data export` adds and doccano gives back, or the user's word tells the two apart. The key
`svodka`, from the same export, holds what else is known of the sentence. Of `svodka suggest` that is also what a model
predicted, which stood there as labels before anybody read it.
"""

from __future__ import annotations

from collections.abc import Mapping

from svodka.training.formats.cells import label_names
from svodka.training.formats.example import Draft, Drafts, Fault, Label, Options, Table, TableRow
from svodka.training.formats.names import TopicNames
from svodka.training.formats.roles import find_text_column, given_column

__all__ = ["LABELLED", "REST", "ambiguity", "claims", "drafts"]

LABELS = ("label", "labels", "cats")
LABELLED, REST = "labelled", "svodka"


def claims(table: Table) -> bool:
    """Tell whether a table is an export of doccano."""
    if table.kind != "json" or "topics" in table.columns:
        return False
    return any(_is_list_column(table, column) for column in LABELS)


def drafts(table: Table, names: TopicNames, options: Options) -> Drafts:
    """Return the rows as drafts.

    Raises:
        DataError: no key can be taken for the sentences, or a key that the user named is not there.
    """
    text = find_text_column(table, table.columns, names, options)
    own = next(column for column in LABELS if _is_list_column(table, column))
    label = given_column(table, table.columns, (*options.label_columns, own)[0], "--label-column")
    found = [_draft(row, text, label, names, options) for row in table.rows]
    doubtful = sum(_is_doubtful(row, label, names) for row in table.rows)
    warning = ambiguity(doubtful, "an empty list of labels, as doccano writes for no topic and for not read", options)
    warning += _guesses(sum(_is_as_predicted(row, label, names) for row in table.rows))
    return Drafts(found, (f"text from {text!r}, topics from the list {label!r}",), warning)


def ambiguity(count: int, what: str, options: Options) -> tuple[str, ...]:
    """Return the warning that `count` rows may be read without a topic or not read; nothing if the user has said."""
    if not count or options.empty is not None:
        return ()
    return (
        f"{count} rows have {what}: taken as not labelled; --empty none takes them as read and without a topic, "
        "--empty unlabelled confirms that nobody read them",
    )


def _guesses(count: int) -> tuple[str, ...]:
    """Return the warning that the labels of `count` rows may be a model's; nothing if there are none."""
    if not count:
        return ()
    return (
        f"{count} rows have exactly the labels that `svodka suggest` predicted: taken as labelled, though perhaps "
        "nobody read them; let doccano export approved documents only",
    )


def _is_as_predicted(row: TableRow, label: str, names: TopicNames) -> bool:
    """Tell whether a row that came without labels of a reader has the topics that were predicted for it."""
    rest = row.values.get(REST)
    meta = rest.get("meta") if isinstance(rest, Mapping) else None
    predicted = meta.get("predicted") if isinstance(meta, Mapping) else None
    if not isinstance(predicted, list) or not predicted or row.values.get(LABELLED) is True:
        return False
    return {names.find(str(one)) for one in predicted} == {
        names.find(one) for one in label_names(row.values.get(label), names) or ()
    }


def _is_list_column(table: Table, column: str) -> bool:
    """Tell whether a column is there and holds lists or mappings wherever it holds anything."""
    values = [value for value in table.values(column) if value is not None]
    return column in table.columns and bool(values) and all(isinstance(value, list | Mapping) for value in values)


def _is_doubtful(row: TableRow, label: str, names: TopicNames) -> bool:
    """Tell whether a row has an empty list, and nothing says whether it was read."""
    return label_names(row.values.get(label), names) == [] and row.values.get(LABELLED) is not True


def _draft(row: TableRow, text: str, label: str, names: TopicNames, options: Options) -> Draft:
    """Return one row as a draft."""
    value = row.values.get(label)
    spans = isinstance(value, list) and any(isinstance(one, list) for one in value)
    found = None if spans else label_names(value, names)
    if found == [] and _is_doubtful(row, label, names) and options.empty != "none":
        found = None
    faults = (Fault("labels of parts of the text, expected labels of the whole text", label, value),) if spans else ()
    rest = row.values.get(REST)
    further = {key: one for key, one in row.values.items() if key not in (text, label, LABELLED, REST)}
    return Draft(
        row=row.number,
        text=row.values.get(text),
        text_column=text,
        answers=() if found is None else (tuple(Label(label, name) for name in found),),
        further=further | (dict(rest) if isinstance(rest, Mapping) else {}),
        faults=faults,
        original=row.values,
    )
