"""float32: the trained weights without the rounding to 8 bits, and without torch."""

import json
import subprocess
import sys

import numpy as np
import pytest

from svodka import ConfigError, ModelFilesError, Tagger
from svodka.cli import main
from svodka.engine import Engine
from svodka.errors import MissingExtraError
from svodka.float32 import read_network
from svodka.model_folder import write_manifest

pytest.importorskip("onnx", reason="needs svodka[float32]")
pytest.importorskip("safetensors", reason="needs svodka[float32]")

TEXTS = ["Снег.", "Вратарь отбил мяч, и команда вышла в финал.", "Дождь и ветер весь день, к ночи мороз."]


def test_the_logits_are_those_of_torch(trained_folder):
    from svodka.training.classifier import from_stock
    from svodka.training.export import torch_logits

    engine = Engine(trained_folder, max_tokens=32, precision="float32")
    encoded = engine.encode(TEXTS)
    exact = torch_logits(from_stock(str(trained_folder)).eval(), [one.ids for one in encoded])
    np.testing.assert_allclose(engine.logits(encoded, 3), exact, atol=1e-4)


def test_the_averaging_layer_is_taken_off(trained_folder):
    weights, shape, (matrix, bias) = read_network(trained_folder)
    assert shape.layers == 2
    assert (matrix.shape, bias.shape) == ((3, 32), (3,))
    assert all(value.dtype == np.float32 for value in weights.values())


def test_the_tagger_says_how_it_computes(trained_folder):
    exact, rounded = (Tagger.load(trained_folder, precision=name) for name in ("float32", "int8"))
    assert (exact.precision, rounded.precision) == ("float32", "int8")
    assert exact.predict_proba(TEXTS) == pytest.approx(rounded.predict_proba(TEXTS), abs=0.1)
    assert (exact.predict_proba(TEXTS) != rounded.predict_proba(TEXTS)).any()


def test_a_slip_in_the_name(trained_folder):
    with pytest.raises(ConfigError, match="precision must be int8 or float32, got 'float23'; did you mean 'float32'"):
        Tagger.load(trained_folder, precision="float23")


def test_the_command_line(trained_folder, tmp_path, capsys):
    article = tmp_path / "article.txt"
    article.write_text("Вратарь отбил мяч. Хор пел.", encoding="utf-8")
    words = ["tag", str(article), "--model", str(trained_folder), "--format", "jsonl", "--quiet"]
    assert main([*words, "--precision", "float32"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = Tagger.load(trained_folder, precision="float32").predict([line["text"] for line in lines])
    assert [line["scores"] for line in lines] == [pytest.approx(one.scores, abs=1e-3) for one in expected]


def test_no_torch_is_needed(trained_folder):
    code = f"import sys; sys.modules['torch'] = None; from svodka import Tagger; from pathlib import Path; \
Tagger.load({str(trained_folder)!r}, precision='float32').predict('Снег.')"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("package", ["onnx", "safetensors"])
def test_without_the_packages(trained_folder, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"{package}.numpy", raising=False)
    with pytest.raises(MissingExtraError, match=r"float32 needs: pip install 'svodka\[float32\]'"):
        Tagger.load(trained_folder, precision="float32")


def test_a_folder_without_weights(model_copy):
    (model_copy / "model.safetensors").unlink()
    Tagger.load(model_copy)  # 8 bits do without
    with pytest.raises(ModelFilesError, match=r"model\.safetensors is missing"):
        Tagger.load(model_copy, precision="float32")


def test_weights_of_another_kind(model_copy):
    path = model_copy / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {"svodka_pooling": None}), encoding="utf-8")
    write_manifest(model_copy)
    with pytest.raises(ModelFilesError, match=r"no classifier of svodka: .*svodka_pooling is None"):
        Tagger.load(model_copy, precision="float32")
