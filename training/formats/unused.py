"""Columns about topics that are not used: said, so that no misspelt name costs a topic its labels."""

from __future__ import annotations

from collections.abc import Iterator

from svodka.training.formats.cells import is_missing, label_names, mark
from svodka.training.formats.example import Fault, Options, Table, TableRow
from svodka.training.formats.names import TopicNames, fold
from svodka.training.formats.roles import OWN_WORDS, Roles, holds_marks, holds_topics, is_number

__all__ = ["contradictions", "unused_warnings"]

NEARLY = 0.8  # likeness from which on a name is one of a topic with a slip in it


def unused_warnings(table: Table, roles: Roles, names: TopicNames, options: Options) -> Iterator[str]:
    """Yield a warning for each column that holds topics, or is (nearly) named after one, and is not used.

    Columns of numbers, such as probabilities, are no labels; and whoever names the columns of topics knows the others.
    """
    if options.label_columns:
        return
    for column in table.columns:
        cells = [value for value in table.values(column) if not is_missing(value)]
        if column in roles.used | roles.compared.keys() or not cells:
            continue
        if names.of_column(column) is not None:
            if not all(map(is_number, cells)):
                yield f"the column {column!r} is named after a topic, but does not say yes or no: not used"
        elif _is_further_list(table, column, names):
            yield (
                f"the column {column!r} names topics as well, and is not used: rows may lack topics; give all columns "
                "of topics with --label-column, or only the right one"
            )
        elif holds_marks(table, column) and (meant := names.like_column(column, NEARLY)):
            yield f"the column {column!r} of yes and no is named after no topic: not used; did you mean {meant!r}?"


def _is_further_list(table: Table, column: str, names: TopicNames) -> bool:
    """Tell whether a column holds topics, and not because svodka wrote there what is no label."""
    return fold(column) not in OWN_WORDS and not column.startswith("meta.") and holds_topics(table, [column], names)


def contradictions(row: TableRow, roles: Roles, names: TopicNames) -> Iterator[Fault]:
    """Yield a fault for each column of yes and no that contradicts the lists of topics in its row.

    Where no list is filled, a "no" is none: tables are often filled with it beforehand.
    """
    lists = [label_names(row.values.get(column), names) for column in roles.labels]
    given = {names.find(name) for one in lists for name in one or ()}
    where = " and ".join(map(repr, roles.labels))
    for column, topic in roles.compared.items():
        value = row.values.get(column)
        try:
            state = mark(value)
        except ValueError:
            continue
        if state and topic not in given:
            yield Fault(f"says yes ({value!r}), but {where} does not name the topic", column, value)
        elif state is False and topic in given:
            yield Fault(f"says no ({value!r}), but {where} names the topic", column, value)
