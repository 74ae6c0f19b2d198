"""Which topics the labels of a file speak of, so that files labelled for different lists of topics go together.

svodka's own sentences were judged for svodka's own topics and for no other: for a topic that only the owner has, their
rows count as not judged. A file of the owner was judged for all topics of the run but those that a row lists in
`unknown`. Labels of renamed topics count for the new id; labels of dropped topics are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svodka.topics import Topic, load_topics
from svodka.training.formats.bridge import is_foreign
from svodka.training.formats.containers import open_table
from svodka.training.formats.example import Options
from svodka.training.formats.names import TopicNames
from svodka.training.recipe import is_own_file
from svodka.training.rows import Row, read_rows
from svodka.training.topic_changes import earlier_id

__all__ = ["LabelScheme", "files_without", "label_scheme"]


@dataclass(frozen=True, slots=True)
class LabelScheme:
    """How the labels of a file are read.

    Attributes:
        topics: ids of the run's topics.
        accepted: ids that may stand in the file.
        renamed: the run's id for an id of the file.
        judged: those of the run's topics that its rows were judged for.
        by_column: whether the file has a column of yes and no for a topic. The reader of such tables takes every
            accepted id without a column for unknown, among them the other id of a renamed topic.
    """

    topics: tuple[str, ...]
    accepted: tuple[str, ...]
    renamed: Mapping[str, str]
    judged: frozenset[str]
    by_column: bool = False

    def read(self, path: Path) -> list[Row]:
        """Return the rows of the file with the run's ids.

        Raises:
            DataError: the file is missing or unusable, or a row is wrong or has a topic that is not accepted.
        """
        return [self.translate(row) for row in read_rows(path, self.accepted)]

    def translate(self, row: Row) -> Row:
        """Return a row with the run's ids; what the file was not judged for is added to `unknown`."""
        beyond = [topic for topic in self.topics if topic not in self.judged]
        topics = None if row.topics is None else self._known(row.topics)
        unknown = self._known([*self._unknown(row), *beyond])
        # A topic may be given under one of its ids and listed as unknown under the other: then it was judged.
        return replace(row, topics=topics, unknown=tuple(one for one in unknown if one not in (topics or ())))

    def _unknown(self, row: Row) -> list[str]:
        """Return what a row lists as unknown; of a table with columns, what is unknown under all its ids."""
        if not self.by_column:
            return list(row.unknown)
        judged = {self.renamed.get(one, one) for one in self.accepted if one not in row.unknown}
        return [one for one in row.unknown if self.renamed.get(one, one) not in judged]

    def _known(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return the run's ids of these, each once."""
        current = dict.fromkeys(self.renamed.get(one, one) for one in ids)
        return tuple(one for one in current if one in self.topics)


def label_scheme(path: Path, topics: Sequence[Topic], known: Sequence[str] = ()) -> LabelScheme:
    """Return how the labels of a file are read in a run with these topics.

    Args:
        path: one of svodka's own files, or one of the owner's.
        topics: the run's topics.
        known: ids of the model that the run goes on from; they may still stand in the owner's files.

    Raises:
        ConfigError: two earlier topics would become one.
        DataError: a topic was renamed, and the file, which may be a table with columns for topics, cannot be read.
        MissingExtraError: likewise, and the library that reads the format is not installed.
    """
    ids = tuple(topic.id for topic in topics)
    if is_own_file(path):
        own = tuple(topic.id for topic in load_topics())
        sources = {topic.id: earlier_id(topic, own) for topic in topics}
        renamed = {was: topic for topic, was in sources.items() if was is not None}
        return LabelScheme(ids, own, renamed, frozenset(renamed.values()))
    renamed = {topic.was: topic.id for topic in topics if topic.was is not None}
    accepted = tuple(dict.fromkeys([*ids, *renamed, *known]))
    return LabelScheme(ids, accepted, renamed, frozenset(ids), bool(renamed) and _has_topic_columns(path, accepted))


def _has_topic_columns(path: Path, ids: Sequence[str]) -> bool:
    """Tell whether a file is a table of another format with a column named after a topic."""
    if not is_foreign(path, ids):
        return False
    names = TopicNames.of_ids(ids)
    return any(map(names.of_column, open_table(path, names, Options()).columns))


def files_without(topics: Collection[str], schemes: Mapping[Path, LabelScheme]) -> list[tuple[Path, list[str]]]:
    """Return the labelled files in which some topics could stand, but no row carries or lists them as `unknown`.

    Such a file was perhaps labelled before the topic was thought of.
    """
    found = []
    for path, scheme in schemes.items():
        rows = scheme.read(path)
        named = {topic for row in rows for topic in (*(row.topics or ()), *row.unknown)}
        if absent := [topic for topic in topics if topic not in named]:
            found.append((path, absent))
    return found
