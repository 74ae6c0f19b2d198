"""The model that a run goes on from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError
from svodka.model_folder import ModelInfo, read_model_info, verify_files
from svodka.source import choose_model
from svodka.topics import Topic
from svodka.trained_on import files_used
from svodka.training.topic_changes import earlier_id

__all__ = ["Start", "load_start"]

CURRENT = "current"
WEIGHTS_FILE = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Start:
    """A trained model as a starting point.

    Attributes:
        name: of its folder, or `shipped` or `installed`.
        folder: where it lies.
        info: what its `model.json` says.
    """

    name: str
    folder: Path
    info: ModelInfo

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the ids of its topics in the order of its outputs."""
        return tuple(topic.id for topic in self.info.topics)

    @property
    def pooling(self) -> str:
        """Return what its head reads: `mean`, of the token vectors, or `first`, the first of them."""
        return str(self.info.details["recipe"].get("pooling", "mean"))

    def head_rows(self, topics: Sequence[Topic]) -> list[int | None]:
        """Return for each topic of the new model the row of this model's head that knows it; None for a new topic.

        Raises:
            ConfigError: two earlier topics would become one.
        """
        known = self.topics
        earlier = [earlier_id(topic, known) for topic in topics]
        return [None if topic is None else known.index(topic) for topic in earlier]

    def thresholds(self, topics: Sequence[Topic]) -> npt.NDArray[np.float64]:
        """Return for each topic of the new model the threshold that this one has for it; NaN for a new topic."""
        values = [math.nan if row is None else self._limits()[row] for row in self.head_rows(topics)]
        return np.array(values, dtype=np.float64)

    def _limits(self) -> list[float]:
        return [self.info.thresholds[topic] for topic in self.topics]

    def files_used(self) -> dict[str, list[Any]]:
        """Return what this model, and those it went on from itself, learnt from and were tuned on, by split."""
        used = files_used(self.info.details)
        return {split: [one for kind, one in used if kind == split] for split in ("train", "validation")}


def load_start(name: str, out: Path | None = None) -> Start:
    """Check every file of the model `name` and return it as a starting point.

    Args:
        name: `shipped`, `current` for the model in force, or the path of a model folder.
        out: the folder that the run writes, if it writes one.

    Raises:
        ConfigError: the model is the one that the run would replace, or comes without weights to train.
        ModelFilesError: the folder is missing, incomplete or damaged.
    """
    source = choose_model(None if name == CURRENT else name)
    folder = source.folder
    verify_files(folder)
    if not (folder / WEIGHTS_FILE).is_file():
        raise ConfigError(f"{folder} has no {WEIGHTS_FILE}: it can tag, but training cannot go on from it")
    if out is not None and folder.resolve() == out.resolve():
        raise ConfigError(f"the new model would replace {folder}, which it goes on from; give another --out")
    return Start(folder.resolve().name if source.name else source.kind, folder, read_model_info(folder))
