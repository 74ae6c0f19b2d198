"""On which device the model runs: the processor, or an NVIDIA graphics card where ONNX Runtime can use one."""

from __future__ import annotations

import io
import logging
import os
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import ConfigError, ModelFilesError, did_you_mean

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["DEVICES", "DEVICE_VARIABLE", "choose_device", "session"]

DEVICES = ("auto", "cpu", "cuda")
DEVICE_VARIABLE = "SVODKA_DEVICE"
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
NOT_BUILT_IN = "this ONNX Runtime is built without CUDA"
QUIET = 3  # errors and worse
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


def session(path: Path, threads: int | None = None, device: str | None = None) -> InferenceSession:
    """Load an ONNX file, ready to run.

    With "auto" the graphics card is taken if ONNX Runtime has CUDA and can load the file with it; otherwise the
    processor, and if it was CUDA that failed one warning is logged (to the logger `svodka`).

    Args:
        path: the ONNX file.
        threads: number of processor threads for one run, at least 1; None lets ONNX Runtime choose.
        device: see `choose_device`.

    Raises:
        ModelFilesError: the file cannot be loaded.
        ConfigError: there is no such device, or "cuda" was asked for and cannot be had.
    """
    wanted = choose_device(device)
    made = None if wanted == "cpu" else _cuda_session(path, threads)
    if made is not None and not isinstance(made, str):
        return made
    on_processor = _session(path, threads, [CPU])  # before complaints about CUDA: perhaps the file is what is broken
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


def _cuda_session(path: Path, threads: int | None) -> InferenceSession | str:
    """Return a session on the graphics card, or why there is none."""
    import onnxruntime

    if CUDA not in onnxruntime.get_available_providers():
        return NOT_BUILT_IN
    with redirect_stdout(io.StringIO()):  # where it prints what it does not find
        onnxruntime.preload_dlls()
    try:
        made = _session(path, threads, [CUDA, CPU])
    except ModelFilesError as error:
        return " ".join(str(error).split())
    if CUDA not in made.get_providers():  # libraries of CUDA that are missing raise no error
        return "ONNX Runtime could not load its libraries"
    return made


def _session(path: Path, threads: int | None, providers: list[str]) -> InferenceSession:
    """Return a session on the first provider that takes the model; never on one that is not named."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        # Without a fallback of its own, which is announced on standard output.
        return onnxruntime.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's exceptions share no public base class
        raise ModelFilesError(f"{path} cannot be loaded: {error}") from error
