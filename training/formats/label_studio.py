"""Label Studio's JSON: a list of tasks, each with its `data` and the annotations of one reader or several.

What is taken: `annotations` (of old versions `completions`) that were not cancelled, and in them the results of type
`choices` of one control. An annotation without a choice says that its reader found no topic. What the tool keeps for
its own use (drafts, file names, update times) is left out. The key `svodka_id` of `data` is the id of a sentence that
`svodka data export` wrote: under `id` the flat exports of the tool put the number of the task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from svodka.errors import DataError
from svodka.training.formats.example import Draft, Drafts, Label, Options, Table, TableRow
from svodka.training.formats.names import TopicNames
from svodka.training.formats.roles import find_text_column, given_column

__all__ = ["ID_KEY", "claims", "drafts"]

ID_KEY = "svodka_id"
ANNOTATIONS = ("annotations", "completions")
KEPT = ("id", "completed_by", "created_at", "lead_time")

Json = Mapping[str, object]


def claims(table: Table) -> bool:
    """Tell whether a table holds tasks of Label Studio."""
    return table.kind == "json" and bool(table.rows) and all(isinstance(one, dict) for one in table.values("data"))


def drafts(table: Table, names: TopicNames, options: Options) -> Drafts:
    """Return the tasks as drafts.

    Raises:
        DataError: no key of `data` can be taken for the sentences, or there are results but no choices.
    """
    data = [TableRow(row.number, _mapping(row.values["data"])) for row in table.rows]
    keys = tuple(dict.fromkeys(key for row in data for key in row.values))
    text = find_text_column(replace(table, columns=keys, rows=tuple(data)), keys, names, options)
    control = _control(table, names, options)
    found = [_draft(row, text, control) for row in table.rows]
    skipped = sum(not one.answers and bool(_annotations(row)) for one, row in zip(found, table.rows, strict=True))
    understood = [f"text from data.{text}, topics from the choices of {control!r}"]
    if skipped:
        understood.append(f"{skipped} tasks were skipped (cancelled) by their readers: taken as not labelled")
    return Drafts(found, tuple(understood))


def _mapping(value: object) -> Json:
    """Return a value if it is a mapping, otherwise an empty one."""
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Json]:
    """Return the mappings in a list; anything else has none."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _annotations(row: TableRow) -> list[Json]:
    """Return all annotations of a task."""
    return [one for key in ANNOTATIONS for one in _mappings(row.values.get(key))]


def _valid(row: TableRow) -> list[Json]:
    """Return the annotations of a task that were not cancelled."""
    return [one for one in _annotations(row) if not (one.get("was_cancelled") or one.get("skipped"))]


def _choices(annotation: Json, control: str | None) -> Iterator[str]:
    """Yield what was chosen in one control; None: in any."""
    for result in _mappings(annotation.get("result")):
        if result.get("type") == "choices" and control in (None, result.get("from_name")):
            chosen = _mapping(result.get("value")).get("choices")
            yield from (str(one) for one in chosen) if isinstance(chosen, list) else ()


def _control(table: Table, names: TopicNames, options: Options) -> str:
    """Return the control with the topics: the user's, the one whose choices most often name topics, the most used."""
    results = [one for row in table.rows for each in _valid(row) for one in _mappings(each.get("result"))]
    chosen = [one for one in results if one.get("type") == "choices"]
    if results and not chosen:
        types = ", ".join(sorted({str(one.get("type")) for one in results}))
        raise DataError(f"{table.path}: its annotations have no choices, which topics should be (they have: {types})")
    used = Counter(str(one.get("from_name")) for one in chosen)
    if options.label_columns:
        return given_column(table, tuple(used), options.label_columns[0], "--label-column")
    known = Counter(str(one.get("from_name")) for one in chosen if _all_known(one, names))
    # A control whose only known choice is "нет" asks another question, such as whether the text is a repeat.
    topical = {str(one.get("from_name")) for one in chosen if any(map(names.find, _chosen(one)))}
    return max(
        used, key=lambda control: (control in topical, known[control] / used[control], used[control]), default="topics"
    )


def _chosen(result: Json) -> list[str]:
    """Return the choices of a result of type `choices`."""
    return list(_choices({"result": [result]}, None))


def _all_known(result: Json, names: TopicNames) -> bool:
    """Tell whether a result of type `choices` has choices, and all are topics or mean "no topic"."""
    found = _chosen(result)
    return bool(found) and all(map(names.knows, found))


def _draft(row: TableRow, text: str, control: str) -> Draft:
    """Return one task as a draft."""
    data = _mapping(row.values["data"])
    valid = _valid(row)
    further = {key: value for key, value in data.items() if key not in (text, ID_KEY)}
    tool = _kept(row, valid, control, with_predictions="scores" not in further)
    if ID_KEY in data or "id" not in further:
        further["id"] = data.get(ID_KEY, row.values.get("id"))
    return Draft(
        row=row.number,
        text=data.get(text),
        text_column=text,
        answers=tuple(tuple(Label(control, name) for name in _choices(one, control)) for one in valid),
        further=further | ({"label_studio": tool} if tool else {}),
        original=row.values,
    )


def _kept(row: TableRow, valid: Sequence[Json], control: str, *, with_predictions: bool) -> dict[str, object]:
    """Return what is worth keeping of a task besides data and labels: who labelled it when, other answers, predictions.

    Predictions are a model's and no labels; those made from `scores` are not kept beside them.
    """
    kept: dict[str, object] = {}
    if valid and (row.values.get("id") is not None or any(key in one for one in valid for key in KEPT)):
        kept["task"] = row.values.get("id")
        kept["annotations"] = [{key: one[key] for key in KEPT if one.get(key) is not None} for one in valid]
    others = [one for each in valid for one in _mappings(each.get("result")) if one.get("from_name") != control]
    if others:
        kept["other_results"] = others
    if with_predictions and (predictions := _mappings(row.values.get("predictions"))):
        kept["predictions"] = predictions
    return kept
