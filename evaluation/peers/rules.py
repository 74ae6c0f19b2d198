"""Keyword rules, written by hand from the definitions of svodka's own topics (`configs/keyword_rules.yaml`).

Nothing is learned but how many patterns a sentence must have: the threshold of each topic is chosen on the training
sentences, as for all peers. For other topics there are no rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from svodka.errors import ConfigError
from svodka.evaluation.peers.linear import DEFAULT_THRESHOLD, best_threshold
from svodka.evaluation.peers.protocol import Floats
from svodka.normalise import normalise

__all__ = ["Pattern", "RulesPeer", "TopicRules", "fit", "load_rules", "make_pattern"]

FILE = "keyword_rules.yaml"
Pattern = tuple[re.Pattern[str], ...]  # all parts must be found


@dataclass(frozen=True, slots=True)
class TopicRules:
    """The rules of one topic.

    Attributes:
        find: patterns that speak for it.
        exclude: patterns of which one is enough to rule it out.
    """

    find: tuple[Pattern, ...]
    exclude: tuple[Pattern, ...]

    def score(self, text: str) -> float:
        """Return 1 - 2^-k for k found patterns: 0, 0.5, 0.75 and so on; the text is normalised, in small letters."""
        if any(_found(pattern, text) for pattern in self.exclude):
            return 0.0
        return float(1 - 0.5 ** sum(_found(pattern, text) for pattern in self.find))


@dataclass(frozen=True, slots=True)
class RulesPeer:
    """The rules with thresholds; see `FittedPeer`."""

    thresholds: dict[str, float]
    settings: dict[str, Any]
    _rules: Mapping[str, TopicRules]

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the score of each topic, float64 (n_texts, n_topics)."""
        return _scores(texts, [self._rules[topic] for topic in self.thresholds])


def fit(texts: Sequence[str], gold: Floats, topics: Sequence[str], seed: int = 0) -> RulesPeer:  # noqa: ARG001
    """Choose the threshold of each topic on the sentences judged for it; 0.5, one pattern, if none can be chosen.

    Raises:
        ConfigError: there are no rules for one of the topics.
    """
    rules = load_rules()
    if missing := [topic for topic in topics if topic not in rules]:
        raise ConfigError(f"there are no keyword rules for the topic {missing[0]!r}; leave the peer 'rules' out")
    scores = _scores(texts, [rules[topic] for topic in topics])
    thresholds = {
        topic: _threshold(np.asarray(labels), column)
        for topic, labels, column in zip(topics, np.asarray(gold).T, scores.T, strict=True)
    }
    settings = {
        "file": FILE,
        "patterns": {topic: len(rules[topic].find) for topic in topics},
        "chosen_by": "training_f1",
    }
    return RulesPeer(thresholds, settings, rules)


def load_rules(text: str | None = None) -> dict[str, TopicRules]:
    """Read the rules of each topic from YAML; None is the file shipped with svodka.

    Raises:
        ConfigError: a pattern is no regular expression, or names words that are not listed.
    """
    import yaml

    source = text or resources.files("svodka.configs").joinpath(FILE).read_text(encoding="utf-8")
    content = yaml.safe_load(source)
    words = content.get("words") or {}
    never = [make_pattern(pattern, words) for pattern in content.get("never") or {}]
    return {
        topic: TopicRules(
            find=tuple(make_pattern(pattern, words) for pattern in rules["find"]),
            exclude=(*never, *(make_pattern(pattern, words) for pattern in rules.get("exclude") or {})),
        )
        for topic, rules in content["topics"].items()
    }


def make_pattern(written: str, words: Mapping[str, str]) -> Pattern:
    """Return the parts of a pattern: " & " parts them, `<name>` stands for listed words, each begins a word.

    Raises:
        ConfigError: a part is no regular expression, or the words are not listed.
    """
    return tuple(_part(part, written, words) for part in written.split(" & "))


def _part(part: str, written: str, words: Mapping[str, str]) -> re.Pattern[str]:
    """Compile one part of a pattern."""
    try:
        return re.compile(rf"(?<!\w)(?:{re.sub('<([a-z]+)>', lambda name: words[name[1]], part)})")
    except KeyError as error:
        raise ConfigError(f"{FILE}: {written!r}: no words are listed as {error.args[0]!r}") from error
    except re.error as error:
        raise ConfigError(f"{FILE}: {written!r} is no regular expression: {error}") from error


def _found(pattern: Pattern, text: str) -> bool:
    """Return whether all parts stand in the text."""
    return all(part.search(text) for part in pattern)


def _scores(texts: Sequence[str], rules: Sequence[TopicRules]) -> Floats:
    """Return the score of each topic, float64 (n_texts, n_topics)."""
    ready = [normalise(text).lower() for text in texts]
    rows = [[one.score(text) for one in rules] for text in ready]
    return np.array(rows, dtype=np.float64).reshape(len(texts), len(rules))


def _threshold(labels: Floats, scores: Floats) -> float:
    """Return the best threshold; 0.5 if no sentence with the topic has a pattern, so that nothing can be chosen."""
    judged = labels >= 0
    gold = labels[judged] == 1
    if not scores[judged][gold].any():
        return DEFAULT_THRESHOLD
    return best_threshold(gold, scores[judged])
