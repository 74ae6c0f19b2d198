"""The float32 network, built in memory from the weights that lie beside `model.onnx`; it needs no torch.

Tagging uses 8-bit products. Who wants the numbers without that rounding asks for float32. It is slower; by how much
depends on the processor's instructions for 8-bit products, and `svodka bench` measures it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.errors import MissingExtraError, ModelFilesError
from svodka.graph import EncoderShape, build_graph
from svodka.model_folder import verify_files

__all__ = ["POOLER_SCALE", "POOLINGS", "POOLING_KEY", "WEIGHT_FILES", "Network", "float32_model", "read_network"]

Array = npt.NDArray[np.float32]
Network = tuple[dict[str, Array], EncoderShape, tuple[Array, Array]]  # what `build_graph` takes

WEIGHT_FILES = ("config.json", "model.safetensors")
# What `svodka.training.classifier.to_stock` does to a classifier and is taken back here: it appends a layer that
# averages the tokens, or only normalises each, and multiplies the head's weights by 1 / POOLER_SCALE. This key of
# config.json tells which layer it is.
POOLING_KEY = "svodka_pooling"
# The layers by what the head reads.
POOLINGS = {"mean": "averaging_layer", "first": "passing_layer"}
# The stock pooler is tanh; so small an input passes it unchanged (relative error under 1e-5).
POOLER_SCALE = 1 / 1024
ENCODER = "bert."


def float32_model(folder: Path) -> bytes:
    """Return the network of a model folder as an ONNX model in float32, from `input_ids` to `logits`.

    Raises:
        MissingExtraError: onnx or safetensors is not installed.
        ModelFilesError: the weights are missing, damaged or none of svodka's.
    """
    try:
        serialized: bytes = build_graph(*read_network(folder)).SerializeToString()
    except ModuleNotFoundError as error:
        if error.name not in ("onnx", "safetensors"):
            raise
        raise MissingExtraError("float32", "float32") from error
    return serialized


def read_network(folder: Path) -> Network:
    """Return encoder weights, shape and topic head of a model folder, without the appended layer.

    Raises:
        ModuleNotFoundError: safetensors is not installed.
        ModelFilesError: as `float32_model`.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    verify_files(folder, WEIGHT_FILES)
    try:
        config = json.loads((folder / WEIGHT_FILES[0]).read_text(encoding="utf-8"))
        stored = {name: value.astype(np.float32) for name, value in load_file(folder / WEIGHT_FILES[1]).items()}
        return _network(config, stored)
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise ModelFilesError(f"the weights in {folder} are no classifier of svodka: {error!r}") from error


def _network(config: Mapping[str, Any], stored: Mapping[str, Array]) -> Network:
    """Take the appended layer and the scale of the pooler off the stock model."""
    appended = config[POOLING_KEY]
    if appended not in POOLINGS.values():
        raise ValueError(f"{POOLING_KEY} is {appended!r}, none of {', '.join(POOLINGS.values())}")
    first_token = appended == POOLINGS["first"]
    shape = EncoderShape.from_config(config, config["num_hidden_layers"] - 1, first_token=first_token)
    weights = {name.removeprefix(ENCODER): value for name, value in stored.items() if name.startswith(ENCODER)}
    head = stored["classifier.weight"] * np.float32(POOLER_SCALE), stored["classifier.bias"]
    return weights, shape, head
