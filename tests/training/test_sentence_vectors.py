"""Vectors of sentences, and the file that keeps them."""

import numpy as np
import pytest

from svodka.errors import DataError
from svodka.training.sentence_vectors import Encoder, model_encoder, vectors_of


class Lengths:
    """Gives each text its length and its number of spaces, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        self.asked += texts
        return np.array([[len(text), text.count(" ")] for text in texts], dtype=np.float32)


def test_each_text_is_encoded_once():
    lengths = Lengths()
    assert vectors_of(["да", "и нет", "да"], Encoder("lengths", lengths)).tolist() == [[2, 0], [5, 1], [2, 0]]
    assert lengths.asked == ["да", "и нет"]


def test_what_is_kept_is_not_encoded_again(tmp_path):
    lengths, cache, said = Lengths(), tmp_path / "vectors.npz", []
    vectors_of(["да"], Encoder("lengths", lengths), cache)
    found = vectors_of(["нет", "да"], Encoder("lengths", lengths), cache, lambda done, of: said.append((done, of)))
    assert found.tolist() == [[3, 0], [2, 0]]
    assert lengths.asked == ["да", "нет"]
    assert said == [(1, 1)]


def test_a_file_of_another_encoder_is_refused(tmp_path):
    cache = tmp_path / "vectors.npz"
    vectors_of(["да"], Encoder("lengths", Lengths()), cache)
    with pytest.raises(DataError, match=r"vectors\.npz: has vectors of 'lengths', not of 'others'"):
        vectors_of(["да"], Encoder("others", Lengths()), cache)


def test_a_damaged_file_is_refused(tmp_path):
    cache = tmp_path / "vectors.npz"
    cache.write_text("нет", encoding="utf-8")
    with pytest.raises(DataError, match="expected a file of sentence vectors; delete it"):
        vectors_of(["да"], Encoder("lengths", Lengths()), cache)


def test_nothing_to_encode():
    with pytest.raises(DataError, match="at least one text"):
        vectors_of([], Encoder("lengths", Lengths()))


def test_the_vectors_of_a_model_are_what_its_last_layer_reads(trained_folder):
    onnx = pytest.importorskip("onnx", reason="needs svodka[train]")
    from svodka.tagger import Tagger

    texts = ["Ночью выпал снег.", "Гол!", "Хор пел без дирижёра, а команда проиграла матч в гостях."]
    vectors = model_encoder(trained_folder).encode(texts)
    assert (vectors.shape, vectors.dtype) == ((3, 32), np.float32)
    network = onnx.load(str(trained_folder / "model.onnx")).graph
    made_by = {output: node for node in network.node for output in node.output}
    last = made_by["logits"]
    product = made_by[made_by[last.input[0]].input[0]]
    held = {one.name: onnx.numpy_helper.to_array(one) for one in network.initializer}
    logits = vectors @ held[product.input[1]].T + held[last.input[1]]
    assert 1 / (1 + np.exp(-logits)) == pytest.approx(Tagger.load(trained_folder).predict_proba(texts), abs=1e-4)


def test_a_wish_for_a_card_changes_no_vector(trained_folder, monkeypatch):
    pytest.importorskip("onnx", reason="needs svodka[train]")
    expected = model_encoder(trained_folder).encode(["Гол!"])
    monkeypatch.setenv("SVODKA_DEVICE", "cuda")  # where there is none, an engine that heeds this fails
    assert model_encoder(trained_folder).encode(["Гол!"]).tolist() == expected.tolist()
