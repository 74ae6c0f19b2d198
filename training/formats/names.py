"""From what people write in a file to the id of a topic."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

from svodka.topics import Topic, load_topics
from svodka.training.records import NONE_MARKS

__all__ = ["TopicNames", "fold"]

CLOSE = 0.6  # as in `did_you_mean`
SPACES = re.compile(r"[\s_\-–—]+")
# What people write for "I read it, and it has no topic".
NONE_WORDS = ("none", "no topic", "no topics", "нет", "нет темы", "нет тем", "без темы", "без тем", "ни одной")
DASHES = ("—", "–")
# `label_threats`, `topic: threats`: what tools put before a topic to name its column.
PREFIX = re.compile(r"^(?:labels?|topics?|tags?|is|has|тема|метка)[\s_.:\-]+", re.IGNORECASE)


def fold(name: str) -> str:
    """Return a name as it is compared: no case, ё like е, one space for spaces, underscores and dashes."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    return SPACES.sub(" ", plain).strip(" .:;,*\"'«»")


class TopicNames:
    """The names of the topics: ids, Russian and English titles, whatever their case.

    Attributes:
        ids: the topics in their order.
    """

    def __init__(self, topics: Sequence[Topic], none: Sequence[str] = ()) -> None:
        """Take the topics, and further names that mean "has no topic"."""
        self.ids = tuple(topic.id for topic in topics)
        spellings = [(name, topic.id) for topic in topics for name in (topic.id, topic.title_ru, topic.title_en)]
        meanings: dict[str, set[str]] = {}
        for name, topic_id in spellings:
            meanings.setdefault(fold(name), set()).add(topic_id)
        self._ids = {name: min(ids) for name, ids in meanings.items() if len(ids) == 1 and name}
        self._spellings = {fold(name): name for name, _ in reversed(spellings)}  # the earlier spelling stays
        self._none = {fold(word) for word in (*NONE_WORDS, *none)}

    @classmethod
    def of_ids(cls, ids: Sequence[str]) -> TopicNames:
        """Return the names of topics of which only the ids are known; for svodka's own, the titles as well."""
        shipped = load_topics()
        if tuple(ids) == tuple(topic.id for topic in shipped):
            return cls(shipped)
        return cls([Topic(one, one, one, "", "") for one in ids])

    def find(self, name: str) -> str | None:
        """Return the id of the topic with this name, or None; a title that two topics share names neither."""
        return name if name in self.ids else self._ids.get(fold(name))

    def of_column(self, name: str) -> str | None:
        """Return the id of the topic that a column is named after, also as `label_threats` or `topic: threats`."""
        return self.find(name) or self.find(PREFIX.sub("", name))

    def is_none(self, name: str) -> bool:
        """Tell whether a name means that a sentence has no topic."""
        return name in NONE_MARKS or name in DASHES or (not self.find(name) and fold(name) in self._none)

    def knows(self, name: str) -> bool:
        """Tell whether a name is that of a topic or means "no topic"."""
        return self.find(name) is not None or self.is_none(name)

    def unknown(self, name: str) -> str:
        """Return the message for a name that is none of a topic, with the likely slip."""
        close = self.like(name)
        hint = f"; did you mean {close!r}?" if close else f" (the topics are {', '.join(self.ids)})"
        return f"unknown topic {name!r}{hint}"

    def like(self, name: str, cutoff: float = CLOSE) -> str | None:
        """Return the name of a topic that is most like a name; None if none is as like as `cutoff`, 0 to 1."""
        close = difflib.get_close_matches(fold(name), list(self._spellings), n=1, cutoff=cutoff)
        return self._spellings[close[0]] if close else None

    def like_column(self, name: str, cutoff: float) -> str | None:
        """Return the name of a topic that is most like that of a column, also of `label_threats`; None if none is."""
        return self.like(name, cutoff) or self.like(PREFIX.sub("", name), cutoff)
