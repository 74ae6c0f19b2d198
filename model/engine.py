"""From texts to logits: tokenising, length-sorted batches, ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.errors import ModelFilesError
from svodka.normalise import normalise

__all__ = ["Encoded", "Engine", "batches_by_length"]

FloatArray = npt.NDArray[np.float32]
# No piece of a vocabulary is longer, so what lies behind `max_tokens` times as many characters need not be tokenised.
LONGEST_PIECE = 32
BATCH_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as token ids, cut to the model's limit if `truncated`; `blank` if there is nothing to read in it."""

    ids: Sequence[int]
    truncated: bool
    blank: bool


class Engine:
    """An ONNX model and its tokenizer.

    Args:
        folder: a verified model folder.
        max_tokens: the model's limit.
        threads: number of processor threads; None lets ONNX Runtime choose.

    Raises:
        ModelFilesError: a file cannot be loaded.
    """

    def __init__(self, folder: Path, max_tokens: int, threads: int | None = None) -> None:
        self._max_tokens = max_tokens
        self._tokenizer = _load_tokenizer(folder / "tokenizer.json")
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()
        self._session = _load_session(folder / "model.onnx", threads)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Normalise and tokenise texts; the order is kept."""
        limit = self._max_tokens * LONGEST_PIECE
        normalised = [normalise(text) for text in texts]
        encodings = self._tokenizer.encode_batch([text[:limit] for text in normalised])
        return [
            Encoded(encoding.ids, bool(encoding.overflowing) or len(text) > limit, not text)
            for encoding, text in zip(encodings, normalised, strict=True)
        ]

    def logits(self, encoded: Sequence[Encoded], n_topics: int) -> FloatArray:
        """Return float32 logits `(len(encoded), n_topics)` in the order given."""
        logits = np.zeros((len(encoded), n_topics), dtype=np.float32)
        for indices in batches_by_length([len(e.ids) for e in encoded]):
            logits[indices] = self._run([encoded[i].ids for i in indices])
        return logits

    def _run(self, rows: Sequence[Sequence[int]]) -> FloatArray:
        width = max(map(len, rows))
        ids = np.zeros((len(rows), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        result: FloatArray = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]
        return result


def batches_by_length(lengths: Sequence[int], batch_tokens: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield the indices of texts in batches of similar length, each of at most `batch_tokens` with its padding.

    A single text longer than that makes a batch of its own.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[i] * (len(batch) + 1) > batch_tokens:
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


def _load_session(path: Path, threads: int | None) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions share no public base class
        raise ModelFilesError(f"{path} cannot be loaded: {error}") from error
