"""Tables whose columns say what they hold: topics as lists in a cell, or one column of yes and no for each topic.

svodka's own JSON Lines and CSV are tables of the first kind. In a list, `[]`, `-` and words such as "нет" mean that the
sentence was read and has no topic; an empty cell or null means that nobody labelled it. Of columns of yes and no:

- where "no" is written (0, нет, …), a topic left empty in a row with other answers was not judged there, and a row
  without any answer was not labelled;
- where only "yes" is ever written (x, +, …), empty means no; whether a row without any mark was read, nobody can tell;
- topics of which the table has no column were judged for no row.

Where a table has both, the lists count, and rows in which the columns contradict them are set aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from svodka.training.formats.cells import label_names, mark
from svodka.training.formats.doccano import ambiguity
from svodka.training.formats.example import Draft, Drafts, Fault, Label, Options, Table, TableRow
from svodka.training.formats.names import TopicNames
from svodka.training.formats.roles import Roles, find_roles
from svodka.training.formats.unused import contradictions, unused_warnings

__all__ = ["claims", "drafts"]

MACHINE = frozenset(("truncated", "start", "end"))  # with them, `topics` are answers of `svodka tag`


def claims(table: Table) -> bool:
    """Accept every table."""
    return bool(table.columns)


def drafts(table: Table, names: TopicNames, options: Options) -> Drafts:
    """Return the rows as drafts.

    Raises:
        DataError: no column can be taken for the sentences, or a column that is needed stands twice in the header.
    """
    roles = find_roles(table, names, options)
    made = _marked(table, roles, names, options) if roles.marks else _lists(table, roles, names, options)
    return replace(made, warnings=(*made.warnings, *unused_warnings(table, roles, names, options)))


def _lists(table: Table, roles: Roles, names: TopicNames, options: Options) -> Drafts:
    """Return the rows of a table with lists of topics, or without any labels."""
    machine = set(table.columns) >= MACHINE and not options.label_columns
    found = [_listed(row, replace(roles, labels=(), compared={}) if machine else roles, names) for row in table.rows]
    warnings: tuple[str, ...] = ()
    if not roles.labels:
        others = ", ".join(repr(column) for column in table.columns if column not in roles.used) or "none"
        warnings = (f"no column of topics found: no row is labelled; name it with --label-column (columns: {others})",)
    elif machine:
        warnings = (
            "these look like answers of `svodka tag`: taken as not labelled; if somebody has read and corrected them, "
            f"say --label-column {roles.labels[0]}",
        )
    understood = [_understood(roles, f"topics from {_shown(roles.labels)}")]
    if roles.compared:
        understood.append(f"compared with the columns of yes and no: {_shown(tuple(roles.compared))}")
    return Drafts(found, tuple(understood), warnings)


def _understood(roles: Roles, topics: str) -> str:
    """Return how the columns were taken."""
    parts = [f"text from {roles.text!r}", topics]
    parts += [f"{what} from {column!r}" for what, column in (("id", roles.id), ("genre", roles.genre)) if column]
    return ", ".join(parts)


def _shown(columns: tuple[str, ...]) -> str:
    """Return the names of columns for a line of text."""
    return ", ".join(map(repr, columns)) or "nowhere"


def _listed(row: TableRow, roles: Roles, names: TopicNames) -> Draft:
    """Return a row whose topics stand as lists in cells."""
    cells = {column: label_names(row.values.get(column), names) for column in roles.labels}
    labels = tuple(Label(column, name) for column, found in cells.items() for name in found or ())
    read = any(found is not None for found in cells.values())
    return _draft(row, roles, (labels,) if read else (), tuple(contradictions(row, roles, names)))


def _marked(table: Table, roles: Roles, names: TopicNames, options: Options) -> Drafts:
    """Return the rows of a table with a column for each topic."""
    says_no = any(_state(value) is False for column in roles.marks for value in table.values(column))
    found = [_row_of_marks(row, roles, says_no, names, options) for row in table.rows]
    without = [topic for topic in names.ids if topic not in roles.marks.values()]
    columns = ", ".join(f"{column!r}" for column in roles.marks)
    lines = [_understood(roles, f"yes or no for {len(roles.marks)} topics from {columns}")]
    if without:
        lines.append(f"topics without a column, which nobody judged: {', '.join(without)}")
    if not says_no:
        lines.append("only yes is written, so an empty cell means no")
    doubtful = (
        0 if says_no else sum(all(_state(row.values.get(one)) is None for one in roles.marks) for row in table.rows)
    )
    return Drafts(
        found, tuple(lines), ambiguity(doubtful, "no mark at all, in a table where only yes is written", options)
    )


def _state(value: object) -> bool | None:
    """Return yes, no, or None for a cell that is blank or says neither."""
    try:
        return mark(value)
    except ValueError:
        return None


def _row_of_marks(row: TableRow, roles: Roles, says_no: bool, names: TopicNames, options: Options) -> Draft:
    """Return a row with a cell for each topic."""
    states: dict[str, bool | None] = {}
    faults: list[Fault] = []
    for column in roles.marks:
        try:
            states[column] = mark(row.values.get(column))
        except ValueError as error:
            faults.append(Fault(str(error), column, row.values.get(column)))
    labels = tuple(Label(column, roles.marks[column]) for column, state in states.items() if state)
    blank = {roles.marks[column] for column, state in states.items() if state is None}
    read = any(state is not None for state in states.values()) or (not says_no and options.empty == "none")
    unjudged = {topic for topic in names.ids if topic not in roles.marks.values()} | (blank if says_no else set())
    draft = _draft(row, roles, (labels,) if read else (), tuple(faults))
    return replace(draft, unjudged=tuple(topic for topic in names.ids if topic in unjudged) if read else ())


def _draft(
    row: TableRow, roles: Roles, answers: tuple[tuple[Label, ...], ...], faults: tuple[Fault, ...] = ()
) -> Draft:
    """Return a row with its labels, and what stands in other columns."""
    further: Mapping[str, object] = {key: value for key, value in row.values.items() if key not in roles.used}
    known = {"id": roles.id, "genre": roles.genre}
    return Draft(
        row=row.number,
        text=row.values.get(roles.text),
        text_column=roles.text,
        answers=answers,
        further={**further, **{key: row.values.get(column) for key, column in known.items() if column}},
        faults=faults,
        original=row.values,
    )
