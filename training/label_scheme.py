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
    """

    topics: tuple[str, ...]
    accepted: tuple[str, ...]
    renamed: Mapping[str, str]
    judged: frozenset[str]

    def translate(self, row: Row) -> Row:
        """Return a row with the run's ids; what the file was not judged for is added to `unknown`."""
        beyond = [topic for topic in self.topics if topic not in self.judged]
        return replace(
            row,
            topics=None if row.topics is None else self._known(row.topics),
            unknown=self._known([*row.unknown, *beyond]),
        )

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
    """
    ids = tuple(topic.id for topic in topics)
    if is_own_file(path):
        own = tuple(topic.id for topic in load_topics())
        sources = {topic.id: earlier_id(topic, own) for topic in topics}
        renamed = {was: topic for topic, was in sources.items() if was is not None}
        return LabelScheme(ids, own, renamed, frozenset(renamed.values()))
    renamed = {topic.was: topic.id for topic in topics if topic.was is not None}
    return LabelScheme(ids, tuple(dict.fromkeys([*ids, *renamed, *known])), renamed, frozenset(ids))


def files_without(topics: Collection[str], schemes: Mapping[Path, LabelScheme]) -> list[tuple[Path, list[str]]]:
    """Return the labelled files in which some topics could stand, but no row carries or lists them as `unknown`.

    Such a file was perhaps labelled before the topic was thought of.
    """
    found = []
    for path, scheme in schemes.items():
        rows = [scheme.translate(row) for row in read_rows(path, scheme.accepted)]
        named = {topic for row in rows for topic in (*(row.topics or ()), *row.unknown)}
        if absent := [topic for topic in topics if topic not in named]:
            found.append((path, absent))
    return found
