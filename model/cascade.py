"""Two models in a row: a quick one reads every sentence, and the shipped one reads those that left it in doubt.

Model cascades are often more accurate than the first of their models and much quicker than the last (Varshney and Baral
2022, arXiv:2210.05528). What counts as doubt is a distance of logits: a sentence goes on if any topic's logit is that
near to the topic's threshold. Whether it does depends on it alone, so an answer never depends on the texts beside it.

`model.json` of the quick model has the key `cascade`; `svodka.training.make_cascade` puts it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import numpy.typing as npt

from svodka.engine import Encoded, Engine, Precision, Scorer
from svodka.errors import ModelFilesError
from svodka.model_folder import INFO_FILE, ModelInfo, read_model_info
from svodka.source import SHIPPED, shipped_folder

__all__ = ["KEY", "Cascade", "Read", "cut_logits", "open_engine", "sureness"]

FloatArray = npt.NDArray[np.float32]
KEY = "cascade"
LEAST = 1e-6  # of a threshold, as 0 and 1 have no logit


@dataclass(frozen=True, slots=True)
class Read(Encoded):
    """A text as token ids of the first model, and as it was given, for the last one."""

    text: str


class Cascade:
    """Does what `svodka.engine.Engine` does, with two of them.

    Args:
        first: reads every text.
        last: reads those in doubt.
        cut: logit of the first model's threshold of each topic `(n_topics,)`.
        shift: is added to the last model's logits `(n_topics,)`, so that the first's thresholds serve both.
        doubt: a text goes on if any of its logits is no further from the threshold's than that; infinity for all.
    """

    def __init__(self, first: Scorer, last: Scorer, cut: FloatArray, shift: FloatArray, doubt: float) -> None:
        self._first, self._last = first, last
        self._cut, self._shift, self._doubt = cut, shift, doubt
        self.device = first.device
        self.precision: Precision = first.precision

    def encode(self, texts: Sequence[str]) -> list[Read]:
        """Normalise and tokenise texts for the first model; the order is kept."""
        encoded = zip(self._first.encode(texts), texts, strict=True)
        return [Read(one.ids, one.truncated, one.blank, text) for one, text in encoded]

    def logits(self, encoded: Sequence[Read], n_topics: int) -> FloatArray:
        """Return float32 logits `(len(encoded), n_topics)` in the order given.

        Raises:
            SvodkaError: the graphics card failed.
        """
        logits = self._first.logits(encoded, n_topics)
        doubtful = np.flatnonzero(sureness(logits, self._cut) <= self._doubt)
        if len(doubtful):
            again = self._last.encode([encoded[i].text for i in doubtful.tolist()])
            logits[doubtful] = self._last.logits(again, n_topics) + self._shift
        return logits


def sureness(logits: FloatArray, cut: FloatArray) -> FloatArray:
    """Return how far the topic nearest to its threshold is from it, in logits `(n_texts,)`."""
    nearest: FloatArray = np.abs(logits - cut).min(axis=1)
    return nearest


def cut_logits(thresholds: Mapping[str, float]) -> FloatArray:
    """Return the logit of each threshold `(n_topics,)`, in their order."""
    limits = np.clip(np.array(list(thresholds.values()), dtype=np.float64), LEAST, 1 - LEAST)
    cut: FloatArray = np.log(limits / (1 - limits)).astype(np.float32)
    return cut


def open_engine(
    folder: Path,
    info: ModelInfo,
    threads: int | None,
    precision: Precision,
    device: str | None,
    *,
    early_exits: bool = True,
) -> Scorer:
    """Return the engine of a model folder, or the cascade that it is the first model of.

    Args:
        folder: a verified model folder.
        info: its description.
        threads: as of `Engine`.
        precision: as of `Engine`.
        device: as of `Engine`.
        early_exits: as of `Engine`; without them the last model of a cascade reads every text.

    Raises:
        ModelFilesError: a file cannot be loaded, or the shipped model is not the one that the folder belongs to.
        ConfigError: the device cannot be used.
        MissingExtraError: the packages that `float32` needs are not installed.
    """
    first = Engine(folder, info.max_tokens, threads, precision, device, early_exits=early_exits)
    if not (told := info.details.get(KEY)):
        return first
    doubt, digest = _told(told, folder)
    last = read_model_info(shipped_folder())
    if last.digest != digest or list(last.thresholds) != list(info.thresholds):
        raise ModelFilesError(
            f"{folder} hands sentences in doubt on to the {SHIPPED} model with the digest "
            f"{digest[:12]}…, but that of this svodka has {last.digest[:12]}…; take the svodka that "
            "it came with"
        )
    second = Engine(shipped_folder(), last.max_tokens, threads, precision, device, early_exits=early_exits)
    cut = cut_logits(info.thresholds)
    return Cascade(first, second, cut, cut - cut_logits(last.thresholds), doubt if early_exits else inf)


def _told(told: object, folder: Path) -> tuple[float, str]:
    """Return the distance of logits that counts as doubt, and the digest of the last model."""
    doubt, digest = (told.get(key) if isinstance(told, Mapping) else None for key in ("doubt", "digest"))
    if isinstance(doubt, bool) or not isinstance(doubt, int | float) or not doubt >= 0 or not isinstance(digest, str):
        raise ModelFilesError(f"{folder / INFO_FILE} is not a description of a model: {KEY!r} is {told!r}")
    return float(doubt), digest
