"""On which device the model runs: the processor, or an NVIDIA graphics card where ONNX Runtime can use one."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svodka.errors import ConfigError, MissingExtraError, ModelFilesError, did_you_mean
from svodka.model_folder import MODEL_FILE

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = [
    "DEVICES",
    "DEVICE_VARIABLE",
    "choose_device",
    "file_session",
    "new_session",
    "on_cuda",
    "one_line",
    "session",
]

DEVICES = ("auto", "cpu", "cuda")
DEVICE_VARIABLE = "SVODKA_DEVICE"
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
# Cards since Ampere multiply float32 with 10 bits of mantissa instead of 23 (TF32) unless they are told not to:
# https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#use_tf32
OPTIONS = {CUDA: {"use_tf32": "0"}}
NOT_BUILT_IN = "this ONNX Runtime is built without CUDA"
QUIET = 3  # errors and worse
TRIAL = np.array([[0, 1]], dtype=np.int64)  # ids that every vocabulary has
_LOG = logging.getLogger("svodka")


def choose_device(device: str | None = None) -> str:
    """Return which of `DEVICES` to use; None asks the environment variable SVODKA_DEVICE, and then it is "auto".

    Raises:
        ConfigError: there is no such device.
    """
    name = device if device is not None else os.environ.get(DEVICE_VARIABLE) or "auto"
    if name not in DEVICES:
        where = DEVICE_VARIABLE if device is None else "device"
        raise ConfigError(
            f"{where} must be one of {', '.join(DEVICES)}, got {name!r}{did_you_mean(str(name), DEVICES)}"
        )
    return name


def session(path: Path, device: str | None = None, precision: str = "int8") -> InferenceSession:
    """Load the network of a model folder, ready to run.

    With "auto" the graphics card is taken if ONNX Runtime has CUDA and can load the network with it and run it once;
    otherwise the processor, and if it was CUDA that failed one warning is logged (to the logger `svodka`). On a card it
    is always the float32 network, in true float32 without TF32, as ONNX Runtime has no 8-bit products for CUDA.

    Args:
        path: the model folder.
        device: see `choose_device`.
        precision: on the processor, `int8` loads `model.onnx`, `float32` builds the network from the weights.

    Raises:
        ModelFilesError: a file cannot be loaded.
        ConfigError: there is no such device, or "cuda" was asked for and cannot be had.
        MissingExtraError: the packages that `float32` needs are not installed.
    """
    wanted = choose_device(device)
    made = None if wanted == "cpu" else _cuda_session(path)
    if made is not None and not isinstance(made, str):
        return made
    # Before complaints about CUDA: perhaps the file is what is broken.
    on_processor = _float32(path, [CPU]) if precision == "float32" else file_session(path / MODEL_FILE)
    if wanted == "cuda":
        raise ConfigError(
            f"device 'cuda' cannot be used: {made}; it needs an NVIDIA driver and `pip install onnxruntime-gpu` in "
            "place of onnxruntime (with its libraries: 'onnxruntime-gpu[cuda,cudnn]'), or take the device 'cpu'"
        )
    if made == NOT_BUILT_IN:
        _LOG.debug("%s; using the processor", made)
    elif made is not None:
        _LOG.warning("CUDA cannot be used, the processor is: %s", made)
    return on_processor


def on_cuda(made: InferenceSession) -> bool:
    """Tell whether a session works on a graphics card."""
    return CUDA in made.get_providers()


def one_line(error: Exception) -> str:
    """Return what an error says without its line breaks, of which those of CUDA have many."""
    return " ".join(str(error).split())


def new_session(model: str | bytes, providers: Sequence[str] = (CPU,)) -> InferenceSession:
    """Return a session of one thread for a file's path or a model's bytes, on the first provider that takes it.

    The graph is taken as it is written. It has the fused operators that are quick; further fusing would put slower ones
    in their place, take a while at every start, and add numbers in another order for one text than for several.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Without a fallback of its own, which is announced on standard output.
    given = [(name, OPTIONS[name]) if name in OPTIONS else name for name in providers]
    return onnxruntime.InferenceSession(model, options, providers=given, enable_fallback=0)


def _cuda_session(path: Path) -> InferenceSession | str:
    """Return a session on the graphics card, or why there is none."""
    import onnxruntime

    if CUDA not in onnxruntime.get_available_providers():
        return NOT_BUILT_IN
    if hasattr(onnxruntime, "preload_dlls"):  # of 1.21 and later; without it the libraries may be found all the same
        with redirect_stdout(io.StringIO()):  # where it prints what it does not find
            onnxruntime.preload_dlls()
    try:
        made = _float32(path, [CUDA, CPU])
    except (ModelFilesError, MissingExtraError) as error:
        return one_line(error)
    if not on_cuda(made):  # libraries of CUDA that are missing raise no error
        return "ONNX Runtime could not load its libraries"
    return _trial(made) or made


def _trial(made: InferenceSession) -> str | None:
    """Run the network once; return why that fails, as on a card that is full or too old for these libraries."""
    try:
        made.run(["logits"], {"input_ids": TRIAL})
    except Exception as error:  # noqa: BLE001  # ONNX Runtime's exceptions share no public base class
        return f"the card cannot run the network: {one_line(error)}"
    return None


def _float32(path: Path, providers: Sequence[str]) -> InferenceSession:
    from svodka.float32 import float32_model  # seldom needed

    return _loaded(float32_model(path), f"the float32 network of {path}", providers)


def file_session(path: Path) -> InferenceSession:
    """Load a network from its file, for the processor.

    Raises:
        ModelFilesError: it cannot be loaded.
    """
    return _loaded(str(path), str(path), [CPU])


def _loaded(model: str | bytes, name: str, providers: Sequence[str]) -> InferenceSession:
    try:
        return new_session(model, providers)
    except Exception as error:  # ONNX Runtime's exceptions share no public base class
        raise ModelFilesError(f"{name} cannot be loaded: {error}") from error
