"""Argilla: records with the responses of readers to questions, and a model's suggestions beside them.

Three shapes are known: flat columns such as `topics.responses` and `topics.responses.status` (`to_datasets`), nested
records with `fields` and `responses` (`to_json`, `to_disk`), and the lists of `{user_id, value, status}` that version 1
wrote. Only submitted responses are labels; drafts and discarded records are not, and suggestions never are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from svodka.training.formats.cells import label_names
from svodka.training.formats.example import Draft, Drafts, Label, Options, Table, TableRow
from svodka.training.formats.names import TopicNames
from svodka.training.formats.roles import LABEL_WORDS, find_text_column, given_column, named

__all__ = ["claims", "drafts"]

RESPONSES = ".responses"
SUBMITTED = ("submitted", None)  # records without a status are exported by ways that know none

Json = Mapping[str, object]
Responses = list[tuple[object, object]]  # value and status


@dataclass(frozen=True, slots=True)
class _Record:
    """A record with its responses by question, and everything else by name."""

    row: TableRow
    fields: Json
    responses: Mapping[str, Responses]
    further: Json


def claims(table: Table) -> bool:
    """Tell whether a table is an export of Argilla."""
    return _reader(table) is not None


def drafts(table: Table, names: TopicNames, options: Options) -> Drafts:
    """Return the records as drafts.

    Raises:
        DataError: no field can be taken for the sentences, or there is no such question as the user named.
    """
    reader = _reader(table) or _flat
    records = [reader(row) for row in table.rows]
    fields = tuple(dict.fromkeys(key for record in records for key in record.fields))
    as_table = replace(table, columns=fields, rows=tuple(TableRow(one.row.number, one.fields) for one in records))
    text = find_text_column(as_table, fields, names, options)
    question = _question(table, records, names, options)
    found = [_draft(record, text, question, names) for record in records]
    unsent = sum(
        not one.answers and bool(record.responses.get(question)) for one, record in zip(found, records, strict=True)
    )
    understood = [f"text from {text!r}, topics from the responses to {question!r}"]
    if unsent:
        understood.append(f"{unsent} records have only drafts or discarded responses: taken as not labelled")
    return Drafts(found, tuple(understood))


def _reader(table: Table) -> Callable[[TableRow], _Record] | None:
    """Return what reads the shape of this table; None if it has no shape of Argilla."""
    if any(column.endswith(RESPONSES) for column in table.columns):
        return _flat
    if "fields" in table.columns and {"responses", "suggestions"} & set(table.columns):
        return _nested
    if any(_is_version_1(value) for column in table.columns for value in table.values(column)[:50]):
        return _version_1
    return None


def _flat(row: TableRow) -> _Record:
    """Read a record of flat columns."""
    responses: dict[str, Responses] = {}
    used: set[str] = set()
    for column in row.values:
        if column.endswith(RESPONSES):
            given, statuses = _list(row.values[column]), _list(row.values.get(f"{column}.status"))
            padded = [*statuses, *[None] * len(given)]
            responses[column.removesuffix(RESPONSES)] = list(zip(given, padded, strict=False))
            used |= {column, f"{column}.status"}
    further = {key: value for key, value in row.values.items() if key not in used}
    return _Record(row, further, responses, further)


def _nested(row: TableRow) -> _Record:
    """Read a record of nested objects."""
    values = row.values
    fields, questions = _mapping(values.get("fields")), _mapping(values.get("responses"))
    responses = {
        name: [(one.get("value"), one.get("status")) for one in _list(given) if isinstance(one, Mapping)]
        for name, given in questions.items()
    }
    rest = {key: one for key, one in values.items() if key not in ("fields", "responses", "metadata") and one}
    return _Record(row, fields, responses, {**_mapping(values.get("metadata")), **fields, **rest})


def _version_1(row: TableRow) -> _Record:
    """Read a record in which each question is a list of responses, or a mapping of lists."""
    responses: dict[str, Responses] = {}
    for column, value in row.values.items():
        if _is_version_1(value):
            many = value if isinstance(value, list) else _transposed(_mapping(value))
            responses[column] = [(one.get("value"), one.get("status")) for one in many]
    further = {key: value for key, value in row.values.items() if key not in responses}
    return _Record(row, further, responses, further)


def _is_version_1(value: object) -> bool:
    """Tell whether a value is a list of responses as version 1 wrote them."""
    one = value[0] if isinstance(value, list) and value else value
    return isinstance(one, Mapping) and {"user_id", "value", "status"} <= set(one)


def _transposed(lists: Json) -> list[dict[str, object]]:
    """Return `{"value": [a, b], …}` as `[{"value": a, …}, {"value": b, …}]`."""
    columns = {key: _list(value) for key, value in lists.items()}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=False)]


def _question(table: Table, records: Sequence[_Record], names: TopicNames, options: Options) -> str:
    """Return the question about topics: the user's, the one whose responses name topics, one with a telling name."""
    questions = tuple(dict.fromkeys(question for record in records for question in record.responses))
    if options.label_columns:
        return given_column(table, questions, options.label_columns[0].removesuffix(RESPONSES), "--label-column")
    known: dict[str, int] = {}
    for record in records:
        for question, given in record.responses.items():
            found = [label_names(value, names) for value, _ in given]
            # At least one topic: a question that is only ever answered with "нет" is another one.
            good = sum(any(map(names.find, one)) and all(map(names.knows, one)) for one in found if one is not None)
            known[question] = known.get(question, 0) + good
    if any(known.values()):
        return max(known, key=lambda question: known[question])
    return named(known, LABEL_WORDS) or next(iter(known), "topics")


def _draft(record: _Record, text: str, question: str, names: TopicNames) -> Draft:
    """Return one record as a draft; the responses to other questions go along."""
    sent = [value for value, status in record.responses.get(question, []) if status in SUBMITTED]
    others = {
        f"{name}{RESPONSES}": [value for value, _ in given]
        for name, given in record.responses.items()
        if name != question and given
    }
    return Draft(
        row=record.row.number,
        text=record.fields.get(text),
        text_column=text,
        answers=tuple(tuple(Label(question, name) for name in label_names(value, names) or ()) for value in sent),
        further={key: value for key, value in record.further.items() if key != text} | others,
        original=record.row.values,
    )


def _list(value: object) -> list[object]:
    """Return a value if it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Json:
    """Return a value if it is a mapping, otherwise an empty one."""
    return value if isinstance(value, Mapping) else {}
