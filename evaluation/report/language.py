"""Words and numbers in the language of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from svodka.evaluation.report.texts import texts
from svodka.output.palette import clean, colour

__all__ = ["DASH", "Language"]

DASH = "–"
MINUS = "−"
THIN = "\u202f"


class Language:
    """Says things in the language of one report."""

    def __init__(self, content: Mapping[str, Any], lang: str | None = None) -> None:
        """Take the titles of the topics from the content; `lang` is "ru", "en" or None for the content's own."""
        self.lang: str = lang or content["lang"]
        self._texts = texts(self.lang)
        self._titles = {topic["id"]: clean(topic[f"title_{self.lang}"]) for topic in content["topics"]}
        self._places = {topic: place for place, topic in enumerate(self._titles)}

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its places filled."""
        return self._texts[key].format(**values)

    def if_known(self, key: str, otherwise: str, **values: object) -> str:
        """Return a text with its places filled, or `otherwise` if there is no such text."""
        return self(key, **values) if key in self._texts else otherwise

    def knows_topic(self, topic: str) -> bool:
        """Return whether the model has a topic with this id."""
        return topic in self._titles

    def topic(self, topic: str) -> str:
        """Return the title of a topic."""
        return self._titles[topic]

    def topics(self, topics: Iterable[str]) -> str:
        """Return the titles of topics in a row, or the word for none."""
        return ", ".join(map(self.topic, topics)) or self("none")

    def quoted(self, topics: Iterable[str]) -> str:
        """Return the titles of topics in a row, each in quotation marks."""
        return ", ".join(self("quoted", topic=self.topic(topic)) for topic in topics)

    def colour(self, topic: str) -> str:
        """Return the colour that the topic has in the tagger's pages, too."""
        return colour(self._places[topic])

    def number(self, value: float | None, places: int = 3) -> str:
        """Return a figure with its decimal mark; a dash for None."""
        if value is None:
            return DASH
        text = f"{value:.{places}f}".replace("-", MINUS)
        return text.replace(".", ",") if self.lang == "ru" else text

    def signed(self, value: float | None) -> str:
        """Return a difference with its sign."""
        return self.number(value) if value is None or value < 0 else f"+{self.number(value)}"

    def count(self, value: int | None) -> str:
        """Return a count with thin spaces between thousands; a dash for None."""
        return DASH if value is None else f"{value:,}".replace(",", THIN)

    def counted(self, key: str, value: float) -> str:
        """Return a count with its noun; the text of `key` has the noun's forms, parted by a bar.

        English has two forms, for 1 and for others; Russian three: for 1, for 2 (and for fractions), and for 5.
        """
        whole = value == int(value)
        number = self.count(int(value)) if whole else self.number(value, 1)
        return f"{number} {self(key).split('|')[self._form(int(value)) if whole else 1]}"

    def _form(self, value: int) -> int:
        """Return which form of a noun goes with a number."""
        if self.lang == "en":
            return int(value != 1)
        if value % 10 == 1 and value % 100 != 11:
            return 0
        return 1 if value % 10 in (2, 3, 4) and value % 100 not in (12, 13, 14) else 2

    def share(self, value: float | None) -> str:
        """Return a share as a percentage."""
        return DASH if value is None else f"{self.number(100 * value, 1)}{THIN}%"

    def range(self, low: float | None, high: float | None) -> str:
        """Return an interval in brackets; nothing for None, nor without any width, which would feign certainty."""
        if low is None or high is None or low == high:
            return ""
        return f"[{self.number(low)}{'; ' if self.lang == 'ru' else ', '}{self.number(high)}]"

    def estimate(self, figure: Mapping[str, float | None]) -> str:
        """Return a figure with its interval."""
        return f"{self.number(figure['value'])} {self.range(figure['low'], figure['high'])}".strip()
