"""From texts to logits: tokenising, batches of equal length, ONNX Runtime on several cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from svodka.errors import ModelFilesError, SvodkaError
from svodka.model_folder import MODEL_FILE, TOKENIZER_FILE
from svodka.normalise import normalise
from svodka.providers import DEVICE_VARIABLE, file_session, on_cuda, one_line, session

__all__ = [
    "PRECISIONS",
    "Encoded",
    "Engine",
    "Precision",
    "Scorer",
    "batches_of_equal_length",
    "closed_exits",
    "processors",
]

FloatArray = npt.NDArray[np.float32]
Precision = Literal["int8", "float32"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
# No piece of a vocabulary is longer, so what lies behind `max_tokens` times as many characters need not be tokenised.
LONGEST_PIECE = 32
# As many tokens as a batch may have: enough to read the weights from memory seldom, few enough to stay in the cache.
BATCH_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as token ids, cut to the model's limit if `truncated`; `blank` if there is nothing to read in it."""

    ids: Sequence[int]
    truncated: bool
    blank: bool


class Scorer(Protocol):
    """What turns texts into logits: an engine, or two in a row (`svodka.cascade`).

    Attributes:
        device: "cpu" or "cuda".
        precision: how it computes.
    """

    device: str
    precision: Precision

    def encode(self, texts: Sequence[str]) -> Sequence[Any]:
        """Normalise and tokenise texts; each result has `ids`, `truncated` and `blank`, as `Encoded`."""

    def logits(self, encoded: Sequence[Any], n_topics: int) -> FloatArray:
        """Return float32 logits `(len(encoded), n_topics)` of what `encode` returned, in the order given."""


class Engine:
    """An ONNX model and its tokenizer.

    Every call into ONNX Runtime uses one thread, and several calls run side by side: quicker for a small network than
    to cut each product in pieces, and the number of threads changes no answer.

    Its `device`, "cpu" or "cuda", and its `precision` are those that it has got, whatever was asked for.

    Args:
        folder: a verified model folder.
        max_tokens: the model's limit.
        threads: number of processor threads; None takes as many as this process may use.
        device: see `svodka.providers.session`.
        precision: `int8` is the file `model.onnx`; `float32` is built from the weights beside it.
        early_exits: let easy sentences leave the 8-bit network early, where it has exits.
        part: what the names of its files begin with, for another model in the folder than its own; such a one is 8-bit
            and for the processor.

    Raises:
        ModelFilesError: a file cannot be loaded.
        ConfigError: the device cannot be used.
        MissingExtraError: the packages that `float32` needs are not installed.
    """

    def __init__(
        self,
        folder: Path,
        max_tokens: int,
        threads: int | None = None,
        precision: Precision = "int8",
        device: str | None = None,
        *,
        early_exits: bool = True,
        part: str = "",
    ) -> None:
        self._max_tokens = max_tokens
        self._threads = threads or processors()
        self._tokenizer = _load_tokenizer(folder / f"{part}{TOKENIZER_FILE}")
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()
        self._session = file_session(folder / f"{part}{MODEL_FILE}") if part else session(folder, device, precision)
        self.device = "cuda" if on_cuda(self._session) else "cpu"
        self.precision: Precision = "float32" if self.device == "cuda" else precision
        # Folders of format 1 that older versions wrote have a mask; without padding it is all ones.
        self._has_mask = any(given.name == "attention_mask" for given in self._session.get_inputs())
        self._bars = {} if early_exits else closed_exits(self._session)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Normalise and tokenise texts; the order is kept."""
        limit = self._max_tokens * LONGEST_PIECE
        normalised = [normalise(text) for text in texts]
        # The quick way leaves out where in the text a piece stands.
        encodings = self._tokenizer.encode_batch_fast([text[:limit] for text in normalised])
        return [
            Encoded(encoding.ids, bool(encoding.overflowing) or len(text) > limit, not text)
            for encoding, text in zip(encodings, normalised, strict=True)
        ]

    def logits(self, encoded: Sequence[Encoded], n_topics: int) -> FloatArray:
        """Return float32 logits `(len(encoded), n_topics)` in the order given.

        Raises:
            SvodkaError: the graphics card failed. The processor does not take over: it may round to 8 bits, and a
                result would be computed in one way to here and in another from here on.
        """
        logits = np.zeros((len(encoded), n_topics), dtype=np.float32)
        batches = list(batches_of_equal_length([len(e.ids) for e in encoded]))

        def fill(indices: list[int]) -> None:
            logits[indices] = self._run([encoded[i].ids for i in indices])

        if min(self._threads, len(batches)) < 2:
            for batch in batches:
                fill(batch)
            return logits
        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(fill, reversed(batches)))  # the longest first, so that no thread waits for a late long one
        return logits

    def _run(self, rows: Sequence[Sequence[int]]) -> FloatArray:
        inputs = {"input_ids": np.array(rows, dtype=np.int64)} | self._bars
        if self._has_mask:
            inputs["attention_mask"] = np.ones_like(inputs["input_ids"])
        try:
            result: FloatArray = self._session.run(["logits"], inputs)[0]
        except Exception as error:  # ONNX Runtime's exceptions share no public base class
            if self.device == "cpu":
                raise
            raise SvodkaError(
                f"the graphics card failed: {one_line(error)}; see whether other programs leave it memory, or begin "
                f"again on the processor: --device cpu, {DEVICE_VARIABLE}=cpu or Tagger.load(device='cpu')"
            ) from error
        return result


def closed_exits(session: Any) -> dict[str, npt.NDArray[Any]]:
    """Return what a session must be given for no sentence to leave its network early."""
    return {bar.name: np.array(np.inf, np.float32) for bar in session.get_overridable_initializers()}


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def batches_of_equal_length(lengths: Sequence[int], batch_tokens: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield the indices of texts in batches of the same length, from short to long, each of at most `batch_tokens`.

    A single text longer than that makes a batch of its own. Nothing is ever padded.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (lengths[i] != lengths[batch[0]] or lengths[i] * (len(batch) + 1) > batch_tokens):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _load_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception on a file that it cannot read
        raise ModelFilesError(f"{path} cannot be loaded: {error}") from error
