"""Which column holds the sentences, which the topics, which the ids: by the names of columns, then by their content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from svodka.errors import DataError, did_you_mean
from svodka.training.formats.cells import is_missing, label_names, mark
from svodka.training.formats.example import Options, Table
from svodka.training.formats.names import TopicNames, fold

__all__ = [
    "LABEL_WORDS",
    "OWN_WORDS",
    "Roles",
    "family",
    "find_roles",
    "find_text_column",
    "given_column",
    "holds_marks",
    "holds_topics",
    "is_number",
    "known_share",
    "named",
    "topic_share",
]

# Usual names of columns, folded, the surest first.
# fmt: off
SURE_TEXT_WORDS = (
    "text", "текст", "sentence", "предложение", "sentences", "предложения", "текст предложения", "фраза",
    "высказывание", "texts", "тексты",
)
# Names that other things have as well, such as dates and numbers of documents: their content decides.
WEAK_TEXT_WORDS = ("content", "body", "message", "сообщение", "document", "data")
LABEL_WORDS = (
    "topics", "темы", "topic", "тема", "labels", "метки", "label", "метка", "tags", "теги", "tag", "тег",
    "categories", "категории", "category", "категория", "rubrics", "рубрики", "rubric", "рубрика",
    "classes", "классы", "class", "класс", "choices", "choice", "cats", "разметка",
)
# fmt: on
TEXT_WORDS = (*SURE_TEXT_WORDS, *WEAK_TEXT_WORDS)
ID_WORDS = ("id", "ид", "идентификатор", "external id", "no", "no п/п", "номер", "n п/п", "n")  # № is folded to no
GENRE_WORDS = ("genre", "жанр")
# They name topics as well, and are no labels: what nobody judged, what a model thinks, what else is known.
OWN_WORDS = ("unknown", "scores", "meta")
NUMBERED = re.compile(r"\s*\(?\d{1,2}\)?$")  # `тема 1`, `topic_2`, `Тема (2)`
# `Основная тема`, `вторая тема`: of one sentence. `Вторая разметка` is a second reader's, and only warned of.
FAMILY_WORDS = ("topics", "темы", "topic", "тема")
ORDINAL = re.compile(
    r"^(?:основн|главн|дополнительн|перв|втор|трет|main|primary|secondary|additional|first|second|third)\w*\s+"
)
TWO_WORDS = re.compile(r"[^\W\d_]\W*\s\W*[^\W\d_]")  # not `2026-03-01T12:00:00+00:00`, not an address
SAMPLE = 500
MOSTLY = 0.6
LONG_TEXT = 25  # characters, on average, from which a column without a telling name may hold sentences


@dataclass(frozen=True, slots=True)
class Roles:
    """What the columns of a table are.

    Attributes:
        text: holds the sentences.
        labels: hold topics, one or several in a cell; empty if the table has no such column.
        marks: hold yes or no for one topic: its id by the name of the column.
        compared: hold yes or no for one topic as well, but the topics are taken from `labels`; rows in which the two
            contradict each other are of no use.
        id: holds the names of rows, if one does.
        genre: holds the genre, if one does.
    """

    text: str
    labels: tuple[str, ...] = ()
    marks: dict[str, str] = field(default_factory=dict)
    compared: dict[str, str] = field(default_factory=dict)
    id: str | None = None
    genre: str | None = None

    @property
    def used(self) -> frozenset[str]:
        """Return the columns that have a role."""
        return frozenset((self.text, *self.labels, *self.marks, self.id or self.text, self.genre or self.text))


def find_roles(table: Table, names: TopicNames, options: Options) -> Roles:
    """Find out what the columns of a table are.

    Raises:
        DataError: no column can be taken for the sentences, a column that the user named is not there, a column that is
            needed stands twice in the header, or the columns of sentences and topics are swapped.
    """
    text = find_text_column(table, table.columns, names, options)
    others = [column for column in table.columns if column != text]
    marks = {
        column: topic for column in others if (topic := names.of_column(column)) and _is_mark_column(table, column)
    }
    labels = _label_columns(table, [column for column in others if column not in marks], names, options)
    compared: dict[str, str] = {}
    if options.label_columns:
        marks = {column: marks[column] for column in options.label_columns if column in marks}
    elif labels and len(marks) > 1 and known_share(table, labels, names) < MOSTLY:
        labels = ()
    elif labels:
        marks, compared = {}, marks
    _refuse_swapped(table, text, labels, names, options)
    roles = Roles(text, labels, marks, compared, named(others, ID_WORDS), named(others, GENRE_WORDS))
    if clash := sorted((table.twice & roles.used) | _same_topic(marks)):
        raise DataError(
            f"{table.path}: the header has {clash[0]!r} twice, and it is needed; rename or delete one column"
        )
    return roles


def _refuse_swapped(table: Table, text: str, labels: Sequence[str], names: TopicNames, options: Options) -> None:
    """Complain if the column that is named like one of sentences holds topics, and that of topics does not."""
    if options.text_column is not None or options.label_columns or len(labels) != 1:
        return
    empty = all(label_names(value, names) is None for value in table.values(labels[0])[:SAMPLE])
    if not empty and known_share(table, [text], names) >= MOSTLY and known_share(table, labels, names) < 1 - MOSTLY:
        sentences, topics = (one if re.fullmatch(r"\w+", one) else f'"{one}"' for one in (labels[0], text))
        raise DataError(
            f"{table.path}: {text!r} holds topics and {labels[0]!r} does not: the columns look swapped; say "
            f"--text-column {sentences} --label-column {topics}"
        )


def named(columns: Iterable[str], words: Sequence[str]) -> str | None:
    """Return the column whose folded name is one of `words`, the earliest word first; None if there is none."""
    by_name = {fold(column): column for column in reversed(list(columns))}
    return next((by_name[word] for word in words if word in by_name), None)


def find_text_column(table: Table, columns: Sequence[str], names: TopicNames, options: Options) -> str:
    """Return the column of the sentences: the one that the user named, one with a telling name, or the one long text.

    A name that other things have as well tells only if no other column is the one with long texts.

    Raises:
        DataError: there is no such column.
    """
    if options.text_column is not None:
        return given_column(table, columns, options.text_column, "--text-column")
    if (column := named(columns, SURE_TEXT_WORDS)) is not None:
        return column
    weak = named(columns, WEAK_TEXT_WORDS)
    long = [column for column in columns if _mean_length(table.values(column)) >= LONG_TEXT]
    long = [column for column in long if known_share(table, [column], names) < MOSTLY]
    if weak in long or (weak is not None and not long):
        return weak
    if len(long) == 1:
        return long[0]
    what = "several columns may hold the sentences" if long else "no column of sentences found"
    shown = ", ".join(map(repr, long or columns)) or "none"
    raise DataError(f"{table.path}: {what} ({shown}); name it with --text-column, and the topics with --label-column")


def known_share(table: Table, columns: Sequence[str], names: TopicNames) -> float:
    """Return the share of the cells with content in which all names are those of topics; 0 if all are blank."""
    return _share(table, columns, names, lambda cell: all(map(names.knows, cell)))


def topic_share(table: Table, columns: Sequence[str], names: TopicNames) -> float:
    """Return the share of the cells with content that name topics and nothing else; 0 if all are blank.

    Other than in `known_share`, a cell that means "no topic" does not count: any column of "нет" or `[]` has those.
    """
    return _share(table, columns, names, lambda cell: bool(cell) and all(map(names.find, cell)))


def _share(table: Table, columns: Sequence[str], names: TopicNames, fits: Callable[[list[str]], bool]) -> float:
    """Return the share of the cells with content whose names fit; 0 if all are blank."""
    cells = [label_names(value, names) for column in columns for value in table.values(column)[:SAMPLE]]
    fitting = [fits(cell) for cell in cells if cell is not None]
    return fmean(fitting) if fitting else 0.0


def holds_topics(table: Table, columns: Sequence[str], names: TopicNames) -> bool:
    """Tell whether most cells with content name topics or mean "no topic", and at least one names a topic."""
    return known_share(table, columns, names) >= MOSTLY and topic_share(table, columns, names) > 0


def _label_columns(table: Table, others: Sequence[str], names: TopicNames, options: Options) -> tuple[str, ...]:
    """Return the columns with topics in their cells: those that the user named, or the most promising."""
    if options.label_columns:
        given = [given_column(table, table.columns, one, "--label-column") for one in options.label_columns]
        return tuple(column for column in given if column in others)
    groups: dict[str, list[str]] = {}
    for column in others:
        groups.setdefault(fold(NUMBERED.sub("", column)), []).append(column)
    told = [tuple(groups[word]) for word in LABEL_WORDS if word in groups]
    if told:
        # Where all was read and nothing found, the name alone tells the column; beside another, one with topics wins.
        best = max(told, key=lambda one: (holds_topics(table, one, names), known_share(table, one, names)))
        return _with_kin(table, best, others, names)
    fitting = [one for one in others if fold(one) not in OWN_WORDS and holds_topics(table, [one], names)]
    if not fitting:
        return ()
    return _with_kin(table, (max(fitting, key=lambda one: topic_share(table, [one], names)),), fitting, names)


def _with_kin(table: Table, labels: Sequence[str], others: Sequence[str], names: TopicNames) -> tuple[str, ...]:
    """Return columns of topics with those that go on with them, in the order of the file.

    Taken are columns that hold topics and are called alike, such as `Вторая тема`, or have no name of their own and
    stand to the right of a column of topics that has one.
    """
    families = {family(one) for one in labels} & set(FAMILY_WORDS)
    found = {one for one in others if family(one) in families and holds_topics(table, [one], names)} | set(labels)
    goes_on = False
    for place, column in enumerate(table.columns):
        nameless = table.is_sheet and column == f"column {place + 1}"
        goes_on = (column in found and not nameless) or (
            goes_on and nameless and column in others and holds_topics(table, [column], names)
        )
        found |= {column} if goes_on else set()
    return tuple(column for column in table.columns if column in found)


def family(column: str) -> str:
    """Return the folded name of a column without what tells it from others of its kind, such as a number behind it."""
    return ORDINAL.sub("", fold(NUMBERED.sub("", column)))


def given_column(table: Table, columns: Sequence[str], column: str, option: str) -> str:
    """Return the column that the user named with an option, in the file's own spelling.

    Raises:
        DataError: there is no such column.
    """
    found = column if column in columns else named(columns, (fold(column),))
    if found is None:
        shown = ", ".join(map(repr, columns)) or "none"
        raise DataError(
            f"{table.path}: no column {column!r} for {option}{did_you_mean(column, columns)} (its columns: {shown})"
        )
    return found


def holds_marks(table: Table, column: str, least: float = MOSTLY) -> bool:
    """Tell whether a share of at least `least`, 0 to 1, of the cells with content in a column say yes or no."""
    cells = [value for value in table.values(column) if not is_missing(value)][:SAMPLE]
    return not cells or fmean(_is_mark(value) for value in cells) >= least


def _is_mark_column(table: Table, column: str) -> bool:
    """Tell whether a column that is named after a topic says yes or no, though perhaps with odd cells between.

    Where few cells say so, the others must be no numbers, as those of probabilities are.
    """
    cells = [value for value in table.values(column) if not is_missing(value)][:SAMPLE]
    odd = [value for value in cells if not _is_mark(value)]
    return holds_marks(table, column) or (len(odd) < len(cells) and not any(map(is_number, odd)))


def is_number(value: object) -> bool:
    """Tell whether a cell holds a number, be it written with a comma."""
    try:
        float(value.replace(",", ".") if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _is_mark(value: object) -> bool:
    """Tell whether a cell says yes or no."""
    try:
        return mark(value) is not None
    except ValueError:
        return False


def _same_topic(marks: dict[str, str]) -> frozenset[str]:
    """Return the columns that are named after the topic of an earlier column."""
    topics = list(marks.values())
    return frozenset(column for place, column in enumerate(marks) if marks[column] in topics[:place])


def _mean_length(values: Sequence[object]) -> float:
    """Return the mean length of some values, of which those without two words, such as dates, count nothing."""
    cells = [value for value in values if not is_missing(value)][:SAMPLE]
    texts = (isinstance(cell, str) and TWO_WORDS.search(cell) is not None for cell in cells)
    return fmean(len(str(cell)) * is_text for cell, is_text in zip(cells, texts, strict=True)) if cells else 0.0
