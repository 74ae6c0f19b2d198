"""Means of word vectors, with a vocabulary of four words."""

import sys
from math import log
from types import SimpleNamespace

import numpy as np
import pytest

from svodka.errors import ModelFilesError
from svodka.evaluation.peers import navec
from svodka.evaluation.peers.navec import WeightedMean, find_vectors_file, inverse_frequencies

VECTORS = {
    "дождь": np.array([1.0, 0.0], dtype=np.float32),
    "льет": np.array([0.0, 1.0], dtype=np.float32),
    "жара": np.array([-1.0, 0.0], dtype=np.float32),
    "ветер": np.array([0.0, -1.0], dtype=np.float32),
}


class Vectors(dict):
    """Stands in for `navec.Navec`."""

    pq = SimpleNamespace(dim=2)

    @classmethod
    def load(cls, path):  # noqa: ARG003
        return cls(VECTORS)


@pytest.fixture
def packages(monkeypatch, tmp_path):
    """Put packages `navec` and `natasha` where they are looked for; return natasha's folder."""
    folder = tmp_path / "natasha"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ImportError('natasha must not be imported')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "natasha", raising=False)
    monkeypatch.setitem(sys.modules, "navec", SimpleNamespace(Navec=Vectors))
    return folder


def test_frequent_words_weigh_less():
    # n = 3. "дождь" stands in two texts: ln(4/3) + 1; "льет" in one, though twice there: ln(4/2) + 1; unknown words not
    # at all; a word met in none would have ln(4/1) + 1.
    weights, rarest = inverse_frequencies(["Дождь льёт и льёт.", "Дождь.", "Морось."], VECTORS)
    assert weights == pytest.approx({"дождь": log(4 / 3) + 1, "льет": log(2) + 1})
    assert rarest == pytest.approx(log(4) + 1)


def test_the_mean_is_weighted_by_frequency_in_the_text_and_rarity_in_training():
    encode = WeightedMean(VECTORS, 2, {"дождь": 1.0, "льет": 2.0}, rarest=4.0)
    rows = encode(["Дождь льёт.", "дождь, дождь, дождь; льёт", "Дождь и ветер", "Морось", ""])
    expected = [
        [1 / 3, 2 / 3],  # (1 * [1, 0] + 2 * [0, 1]) / 3
        [3 / 5, 2 / 5],  # three times 1, once 2
        [1 / 5, -4 / 5],  # "ветер" was not met in training: 4
        [0, 0],
        [0, 0],
    ]
    assert rows == pytest.approx(np.array(expected))
    assert rows.dtype == np.float32
    assert encode([]).shape == (0, 2)


def test_a_compound_without_a_vector_is_read_by_its_parts():
    encode = WeightedMean(VECTORS, 2, {}, rarest=1.0)
    assert encode(["дождь-ветер"]) == pytest.approx(np.array([[0.5, -0.5]]))


def test_the_file_is_found_without_importing_natasha(packages):
    (packages / navec.VECTORS).parent.mkdir(parents=True)
    (packages / navec.VECTORS).write_bytes(b"")
    assert find_vectors_file() == packages / navec.VECTORS


def test_a_natasha_without_the_file(packages):
    assert packages.is_dir()
    with pytest.raises(ModelFilesError, match="natasha has no file data/emb/navec_news"):
        find_vectors_file()


def test_it_learns_which_words_speak_for_a_topic(packages):
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    (packages / navec.VECTORS).parent.mkdir(parents=True)
    (packages / navec.VECTORS).write_bytes(b"")
    texts = ["Дождь льёт.", "Льёт дождь в Орле.", "Жара.", "Ветер и жара в Орле."] * 4
    peer = navec.fit(texts, np.array([[1.0], [1.0], [0.0], [0.0]] * 4), ["rain"], 3)
    wet, dry = peer.predict_proba(["Дождь.", "Жара."])[:, 0] >= peer.thresholds["rain"]
    assert (wet, dry) == (True, False)
    assert peer.settings["words_met"] == 4
