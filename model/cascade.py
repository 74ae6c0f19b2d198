"""Two models in one folder: a quick one reads every sentence, and the folder's own reads again what it may have wrong.

Model cascades are often more accurate than the first of their models and much quicker than the last (Varshney and Baral
2022, arXiv:2210.05528). How likely the quick model decides a topic otherwise than the other one is told by how far its
logit is from the topic's threshold, for each topic in its own way; a sentence goes on if these chances together, each
the heavier the rarer its topic is, reach a bar. That depends on the sentence alone, so an answer never depends on the
texts beside it.

`model.json` has the key `cascade` then, and `quick_model.onnx` and `quick_tokenizer.json` stand beside `model.onnx`;
`svodka.training.make_cascade` puts them there. Without rounding, on a graphics card, or without early exits the
folder's own model reads everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from svodka.engine import Encoded, Engine, Precision, Scorer
from svodka.errors import ModelFilesError
from svodka.model_folder import CASCADE_KEY, FEWEST_TOKENS, INFO_FILE, QUICK, ModelInfo

__all__ = ["Cascade", "Doubt", "Read", "cut_logits", "open_engine"]

FloatArray = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
LEAST = 1e-6  # of a threshold, as 0 and 1 have no logit
MOST_PIECES = 2  # of the last model for each of the first, in any text that is long
FARTHEST = 80.0  # of a logit's chance, beyond which it is 0 or 1


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much is at stake if the quick model's answer is kept, and from where on it is not.

    Attributes:
        cut: logit of the quick model's threshold of each topic `(n_topics,)`.
        above: of each topic whose logit is at its threshold or above, intercept and slope of the logit of the chance
            that the other model decides otherwise, by the distance from the threshold `(n_topics, 2)`.
        below: the same of those below.
        weight: of each topic's chance `(n_topics,)`.
        bar: a text goes on if its weighted chances add up to that; infinity for none.
    """

    cut: Numbers
    above: Numbers
    below: Numbers
    weight: Numbers
    bar: float

    def stake(self, logits: FloatArray) -> Numbers:
        """Return the weighted chances of texts `(n_texts,)` by the quick model's logits `(n_texts, n_topics)`.

        Topic after topic, so that the order of the sum does not depend on the number of texts.
        """
        stake = np.zeros(len(logits))
        for topic, cut in enumerate(self.cut):
            beyond = logits[:, topic].astype(np.float64) - cut
            intercept, slope = np.where(beyond[:, None] >= 0, self.above[topic], self.below[topic]).T
            line = intercept + slope * abs(beyond)
            stake += self.weight[topic] / (1 + np.exp(-line.clip(-FARTHEST, FARTHEST)))
        return stake

    def to_dict(self, topics: Sequence[str]) -> dict[str, Any]:
        """Return what `model.json` holds."""
        columns = zip(topics, self.cut, self.above, self.below, self.weight, strict=True)
        told = {
            topic: {"cut": float(cut), "above": above.tolist(), "below": below.tolist(), "weight": float(weight)}
            for topic, cut, above, below, weight in columns
        }
        return {"bar": self.bar, "topics": told}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], topics: Sequence[str]) -> Self:
        """Read what `to_dict` wrote.

        Raises:
            KeyError: a topic or a value is missing.
            TypeError: a value is of a wrong kind.
            ValueError: a value is no number, or there are too many or too few of them.
        """
        bar = float(told["bar"])
        columns = {
            key: np.array([told["topics"][topic][key] for topic in topics], dtype=np.float64)
            for key in ("cut", "above", "below", "weight")
        }
        for key, column in columns.items():
            size = (len(topics), 2) if key in ("above", "below") else (len(topics),)
            if column.shape != size or not np.isfinite(column).all():
                raise ValueError(f"{key} of the topics is {column.tolist()}, not finite numbers of the shape {size}")
        if (columns["weight"] < 0).any() or not bar > 0:
            raise ValueError(
                f"weights are {columns['weight'].tolist()} and the bar is {bar}; expected 0 or more, and more"
            )
        return cls(**columns, bar=bar)


@dataclass(frozen=True, slots=True)
class Read(Encoded):
    """A text as token ids of the quick model, and as it was given, for the other one."""

    text: str


class Cascade:
    """Does what `svodka.engine.Engine` does, with two of them.

    Args:
        first: reads every text.
        last: reads those that go on.
        doubt: which these are.
        shift: is added to the first model's logits `(n_topics,)`, so that the last one's thresholds serve both.
        long: a text of so many tokens of the first model may have too many for the last one.
    """

    def __init__(self, first: Scorer, last: Scorer, doubt: Doubt, shift: FloatArray, long: int) -> None:
        self._first, self._last, self._long = first, last, long
        self._doubt, self._shift = doubt, shift
        self.device = last.device
        self.precision: Precision = last.precision

    def encode(self, texts: Sequence[str]) -> list[Read]:
        """Normalise and tokenise texts for the first model; truncated is what either would cut. The order is kept."""
        encoded = self._first.encode(texts)
        long = [i for i, one in enumerate(encoded) if len(one.ids) >= self._long]
        cut = {i for i, one in zip(long, self._last.encode([texts[i] for i in long]), strict=True) if one.truncated}
        return [
            Read(one.ids, one.truncated or i in cut, one.blank, text)
            for i, (one, text) in enumerate(zip(encoded, texts, strict=True))
        ]

    def logits(self, encoded: Sequence[Read], n_topics: int) -> FloatArray:
        """Return float32 logits `(len(encoded), n_topics)` in the order given."""
        quick = self._first.logits(encoded, n_topics)
        logits = quick + self._shift
        going_on = np.flatnonzero(self._doubt.stake(quick) >= self._doubt.bar)
        if len(going_on):
            again = self._last.encode([encoded[i].text for i in going_on.tolist()])
            logits[going_on] = self._last.logits(again, n_topics)
        return logits


def cut_logits(thresholds: Mapping[str, float]) -> Numbers:
    """Return the logit of each threshold `(n_topics,)`, in their order; those of 0 and 1 are finite."""
    limits = np.clip(np.array(list(thresholds.values()), dtype=np.float64), LEAST, 1 - LEAST)
    cut: Numbers = np.log(limits / (1 - limits))
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
    """Return the engine of a model folder, behind the quick one if there is one and it may answer.

    Args:
        folder: a verified model folder.
        info: its description.
        threads: as of `Engine`.
        precision: as of `Engine`; the quick model is 8-bit only.
        device: as of `Engine`; the quick model is for the processor only.
        early_exits: as of `Engine`; without them nothing is left to the quick model.

    Raises:
        ModelFilesError: a file cannot be loaded, or the description of the quick model is damaged.
        ConfigError: the device cannot be used.
        MissingExtraError: the packages that `float32` needs are not installed.
    """
    if CASCADE_KEY not in info.details or not early_exits or precision != "int8":
        return Engine(folder, info.max_tokens, threads, precision, device, early_exits=early_exits)
    doubt, max_tokens = _described(info.details[CASCADE_KEY], folder, list(info.thresholds))
    with ThreadPoolExecutor(1) as pool:  # both at once: a first answer waits for the slower one only
        loading = pool.submit(Engine, folder, max_tokens, threads, part=QUICK)
        last = Engine(folder, info.max_tokens, threads, precision, device)
        first = loading.result()
    if last.device != "cpu":
        return last
    shift = (cut_logits(info.thresholds) - doubt.cut).astype(np.float32)
    return Cascade(first, last, doubt, shift, info.max_tokens // MOST_PIECES)


def _described(told: Any, folder: Path, topics: Sequence[str]) -> tuple[Doubt, int]:
    """Return what `model.json` says of the quick model: when it is not trusted, and how many tokens it reads."""
    try:
        if (max_tokens := int(told["max_tokens"])) < FEWEST_TOKENS:
            raise ValueError(f"max_tokens is {max_tokens}, below {FEWEST_TOKENS}")
        return Doubt.from_dict(told["doubt"], topics), max_tokens
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelFilesError(
            f"{folder / INFO_FILE} is not a description of a model: {CASCADE_KEY!r} cannot be read: {error!r}"
        ) from error
