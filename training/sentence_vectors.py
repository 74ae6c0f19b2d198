"""Vectors of sentences from encoders that are not trained any further, and a file that keeps them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.engine import Engine, batches_of_equal_length, closed_exits, processors
from svodka.errors import DataError, MissingExtraError, ModelFilesError
from svodka.files import atomic_write
from svodka.model_folder import read_model_info
from svodka.providers import new_session
from svodka.training.backbone import OFFLINE_BACKBONE, backbone_folder

__all__ = ["Encoder", "backbone_encoder", "model_encoder", "model_views", "vectors_of"]

Vectors = NDArray[np.float32]
CHUNK = 1024
HEAD = ("Add", "ReduceSum", "Mul", "Unsqueeze")  # the last operators of `svodka.graph`, backwards


@dataclass(frozen=True, slots=True)
class Encoder:
    """Something that gives each sentence a vector.

    Attributes:
        name: tells whose vectors they are; two encoders with the same name give the same vectors.
        encode: texts to float32 (n_texts, width).
    """

    name: str
    encode: Callable[[Sequence[str]], Vectors]


def backbone_encoder(backbone: str = OFFLINE_BACKBONE) -> Encoder:
    """Return the encoder that fine-tuning starts from, which has learned no topic: the mean of its last layer.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        ConfigError: there is no such backbone.
    """
    try:
        from svodka.evaluation.peers.frozen_e5 import load_encoder

        return Encoder(f"backbone {backbone}", load_encoder(backbone_folder(backbone)))
    except ModuleNotFoundError as error:
        raise MissingExtraError("the encoder of sentences", "train") from error


def model_encoder(folder: Path) -> Encoder:
    """Return the encoder of a trained model: what its last layer reads, by ONNX Runtime and without torch.

    Raises:
        MissingExtraError: the library `onnx` is not installed.
        ModelFilesError: the folder is no model, or its network ends otherwise than svodka's.
    """
    name, views = read_model_info(folder).digest[:12], model_views(folder, threads=1)
    return Encoder(f"model {name}", lambda texts: views(texts)[1])


def model_views(folder: Path, threads: int | None = None) -> Callable[[Sequence[str]], tuple[Vectors, Vectors]]:
    """Return what tells a model's logits `(n_texts, n_topics)` and the vectors `(n_texts, width)` they are made from.

    No sentence leaves its network early.

    Args:
        folder: the model folder.
        threads: number of processor threads; None takes as many as this process may use.

    Raises:
        MissingExtraError: the library `onnx` is not installed.
        ModelFilesError: the folder is no model, or its network ends otherwise than svodka's.
    """
    info = read_model_info(folder)
    engine = Engine(folder, info.max_tokens, device="cpu")  # it only tokenises; the session below gives the vectors
    session, vectors = _session(folder / "model.onnx")
    bars = closed_exits(session)  # every sentence has a vector, also those that would leave

    def views(texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        rows = [one.ids for one in engine.encode(texts or [""])]
        batches = list(batches_of_equal_length([len(row) for row in rows]))

        def run(places: list[int]) -> list[Vectors]:
            given = bars | {"input_ids": np.array([rows[place] for place in places])}
            seen: list[Vectors] = session.run(["logits", vectors], given)
            return seen

        with ThreadPoolExecutor(threads or processors()) as pool:
            parts = list(pool.map(run, batches))
        order = np.argsort(np.concatenate(batches))
        logits, made = (np.concatenate([part[i] for part in parts])[order] for i in (0, 1))
        return logits[: len(texts)], made[: len(texts)]

    return views


def _session(path: Path) -> tuple[Any, str]:
    """Return a session that also gives what the layer of the logits reads, and the name of that output."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("reading the vectors of a model", "train") from error
    network = onnx.load(str(path))
    by_output = {output: node for node in network.graph.node for output in node.output}
    name = "logits"
    while name in by_output and by_output[name].op_type == "ScatterND":  # what goes past an exit
        name = str(by_output[name].input[2])
    for operator in HEAD:  # from the logits back to what the topic head reads
        node = by_output.get(name)
        if node is None or node.op_type != operator:
            raise ModelFilesError(
                f"{path}: expected a network that ends as svodka builds it; write it anew with "
                "`python -m svodka.training.reexport`"
            )
        name = str(node.input[0])
    network.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return new_session(network.SerializeToString()), name


def vectors_of(
    texts: Sequence[str],
    encoder: Encoder,
    cache: Path | None = None,
    say: Callable[[int, int], None] = lambda _done, _of: None,
) -> Vectors:
    """Return the vectors of the texts, float32 (n_texts, width), each different text encoded once.

    Args:
        texts: the sentences.
        encoder: gives the vectors that the cache lacks.
        cache: a file (.npz) that keeps them between runs; made if it is not there.
        say: called after every 1,024 texts with how many are encoded, and of how many.

    Raises:
        DataError: there are no texts, or the cache is damaged or of another encoder.
    """
    if not texts:
        raise DataError("expected at least one text to encode, got none")
    known = _read(cache, encoder.name)
    keys = [hashlib.sha256(text.encode("utf-8")).hexdigest() for text in texts]
    missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
    for begin in range(0, len(missing), CHUNK):
        part = missing[begin : begin + CHUNK]
        found = encoder.encode([text for _, text in part])
        known.update(zip((key for key, _ in part), found, strict=True))
        say(begin + len(part), len(missing))
        if cache is not None:
            _write(cache, encoder.name, known)
    return np.array([known[key] for key in keys], dtype=np.float32)


def _read(cache: Path | None, name: str) -> dict[str, Vectors]:
    """Return the vectors in a cache by the digests of their texts; none if there is no such file."""
    if cache is None or not cache.exists():
        return {}
    try:
        with np.load(cache, allow_pickle=False) as held:
            encoder, keys, vectors = str(held["encoder"]), held["keys"].tolist(), held["vectors"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{cache}: expected a file of sentence vectors; delete it, it can be made again") from error
    if encoder != name:
        raise DataError(f"{cache}: has vectors of {encoder!r}, not of {name!r}; name another file")
    return dict(zip(keys, vectors, strict=True))


def _write(cache: Path, name: str, known: dict[str, Vectors]) -> None:
    held = io.BytesIO()
    np.savez(held, encoder=name, keys=np.array(list(known)), vectors=np.array(list(known.values()), dtype=np.float32))
    with atomic_write(cache, "wb") as out:
        out.write(held.getvalue())
