"""What a contender is: something that is prepared once and then tags texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Answers", "Contender", "Job", "Prepare", "chosen"]

Answers = list[tuple[str, ...]]  # for each sentence the ids of its topics


@dataclass(frozen=True, slots=True)
class Job:
    """What a contender is told before it begins; plain values, as they go to another process.

    Attributes:
        model: the model folder.
        topics: ids of the topics that are asked for.
        threads: how many threads it may use.
        train: labelled files for those that learn.
        seed: of whatever is drawn.
        options: of this contender alone.
        device: where svodka itself computes, "cpu" or "cuda"; all others take the processor.
    """

    model: str
    topics: tuple[str, ...]
    threads: int
    train: tuple[str, ...] = ()
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Job:
        """Return the job that `to_dict` wrote."""
        return cls(**{**values, "topics": tuple(values["topics"]), "train": tuple(values["train"])})


class Contender(ABC):
    """Something that tags texts."""

    @abstractmethod
    def tag(self, texts: Sequence[str]) -> Answers:
        """Do the work that is timed, and return the topics of every sentence.

        Each text is a sentence; only a contender that the registry calls `raw` gets whole texts and splits them.
        """

    def answers(self, sentences: Sequence[str]) -> Answers:
        """Return the topics of each sentence; nobody measures how long that takes, and nothing is split."""
        return self.tag(sentences)


class Prepare(Protocol):
    """How a contender is made: loaded, or trained."""

    def __call__(self, job: Job) -> Contender:
        """Return the contender, ready to answer."""


def chosen(scores: ArrayLike, limits: NDArray[np.float64], topics: Sequence[str]) -> Answers:
    """Return for each row of scores (n, topics) the topics at or above their thresholds."""
    return [
        tuple(topic for topic, over in zip(topics, row, strict=True) if over)
        for row in (np.asarray(scores) >= limits).tolist()
    ]
