"""Which device is taken, and what is said if it cannot be; ONNX Runtime with CUDA is a stand-in."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

from svodka import float32
from svodka.errors import ConfigError, ModelFilesError
from svodka.providers import CPU, CUDA, choose_device, on_cuda, session

FOLDER = Path("m")


@pytest.fixture(autouse=True)
def no_wish(monkeypatch):
    monkeypatch.delenv("SVODKA_DEVICE", raising=False)


@pytest.fixture
def runtime(monkeypatch):
    """Stand in for ONNX Runtime with CUDA.

    `broken` are the providers that cannot load, `ignored` those passed over, `weak` those that load and cannot run.
    """
    fake = SimpleNamespace(available=[CUDA, CPU], broken={}, ignored=[], weak={}, asked=[])

    class Session:
        def __init__(self, model, options, providers, enable_fallback):
            assert not enable_fallback
            assert options.intra_op_num_threads == 1
            names = [one if isinstance(one, str) else one[0] for one in providers]
            fake.asked.append((model, providers))
            for provider in names:
                if provider in fake.broken:
                    raise RuntimeError(fake.broken[provider])
            self.providers = [one for one in names if one not in fake.ignored]

        def get_providers(self):
            return self.providers

        def run(self, outputs, inputs):
            assert outputs == ["logits"]
            for provider in self.providers:
                if provider in fake.weak:
                    raise RuntimeError(fake.weak[provider])
            return [np.zeros((*inputs["input_ids"].shape[:1], 3), dtype=np.float32)]

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(float32, "float32_model", lambda _path: b"float32")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: fake.available)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: print("Failed to load libcudart"))  # noqa: T201
    return fake


def logged(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("device", [None, "auto", "cuda"])
def test_cuda_is_taken_where_it_is(runtime, caplog, capsys, device):
    assert session(FOLDER, device).get_providers() == [CUDA, CPU]
    assert runtime.asked == [(b"float32", [(CUDA, {"use_tf32": "0"}), CPU])]
    assert logged(caplog) == []
    assert capsys.readouterr().out == ""  # results go there


def test_an_onnx_runtime_that_preloads_nothing_is_used_as_it_is(runtime, monkeypatch, caplog):
    monkeypatch.delattr(onnxruntime, "preload_dlls")
    assert session(FOLDER).get_providers() == [CUDA, CPU]
    runtime.ignored = [CUDA]
    assert session(FOLDER).get_providers() == [CPU]
    assert logged(caplog) == ["CUDA cannot be used, the processor is: ONNX Runtime could not load its libraries"]


@pytest.mark.parametrize(("device", "found"), [("cpu", False), ("cuda", True)])
@pytest.mark.usefixtures("runtime")
def test_a_session_tells_where_it_works(device, found):
    assert on_cuda(session(FOLDER, device)) is found


def test_the_processor_is_taken_if_it_is_asked_for(runtime, monkeypatch):
    assert session(FOLDER, "cpu").get_providers() == [CPU]
    monkeypatch.setenv("SVODKA_DEVICE", "cpu")
    assert session(FOLDER).get_providers() == [CPU]
    assert [providers for _, providers in runtime.asked] == [[CPU], [CPU]]


def test_without_cuda_the_processor_is_taken_and_nothing_said(runtime, caplog):
    runtime.available = ["AzureExecutionProvider", CPU]
    assert session(FOLDER, "auto").get_providers() == [CPU]
    assert logged(caplog) == []


def test_if_no_session_can_be_made_on_cuda_one_line_says_so(runtime, caplog):
    runtime.broken = {CUDA: "CUDA failure 100:\n no CUDA-capable device is detected"}
    assert session(FOLDER).get_providers() == [CPU]
    assert logged(caplog) == [
        "CUDA cannot be used, the processor is: the float32 network of m cannot be loaded: "
        "CUDA failure 100: no CUDA-capable device is detected"
    ]


def test_if_cuda_is_passed_over_one_line_says_so(runtime, caplog):
    runtime.ignored = [CUDA]  # what ONNX Runtime does if it does not find the libraries of CUDA
    assert session(FOLDER).get_providers() == [CPU]
    assert logged(caplog) == ["CUDA cannot be used, the processor is: ONNX Runtime could not load its libraries"]


def test_a_card_that_takes_the_network_and_cannot_run_it_is_not_taken(runtime, caplog):
    runtime.weak = {CUDA: "CUDA error 209:\n no kernel image is available"}
    assert session(FOLDER).get_providers() == [CPU]
    assert logged(caplog) == [
        "CUDA cannot be used, the processor is: the card cannot run the network: CUDA error 209: no kernel image is "
        "available"
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"available": [CPU]}, "this ONNX Runtime is built without CUDA"),
        ({"broken": {CUDA: "no device"}}, "the float32 network of m cannot be loaded: no device"),
        ({"ignored": [CUDA]}, "ONNX Runtime could not load its libraries"),
        ({"weak": {CUDA: "out of memory"}}, "the card cannot run the network: out of memory"),
    ],
)
def test_cuda_that_was_asked_for_and_is_not_there_is_an_error(runtime, change, reason):
    vars(runtime).update(change)
    with pytest.raises(ConfigError, match=rf"device 'cuda' cannot be used: {reason}; .*`pip install onnxruntime-gpu`"):
        session(FOLDER, "cuda")


def test_a_broken_file_is_no_matter_of_the_device(runtime):
    runtime.broken = {CUDA: "bad protobuf", CPU: "bad protobuf"}
    for device in ("auto", "cuda", "cpu"):
        with pytest.raises(ModelFilesError, match=r"m.model\.onnx cannot be loaded: bad protobuf"):
            session(FOLDER, device)


def test_the_environment_is_asked_if_the_caller_says_nothing(monkeypatch):
    assert choose_device() == "auto"
    monkeypatch.setenv("SVODKA_DEVICE", "cuda")
    assert choose_device() == "cuda"
    assert choose_device("cpu") == "cpu"
    monkeypatch.setenv("SVODKA_DEVICE", "")
    assert choose_device() == "auto"


def test_a_device_that_there_is_not(monkeypatch):
    with pytest.raises(ConfigError, match="device must be one of auto, cpu, cuda, got 'coda'; did you mean 'cuda'"):
        choose_device("coda")
    monkeypatch.setenv("SVODKA_DEVICE", "gpu")
    with pytest.raises(ConfigError, match="SVODKA_DEVICE must be one of auto, cpu, cuda, got 'gpu'"):
        choose_device()


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_a_real_model_runs(trained_folder, device):
    made = session(trained_folder, device)
    assert [one.name for one in made.get_outputs()] == ["logits"]
