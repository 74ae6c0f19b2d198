"""SetFit: which sentences make pairs, and, where the library is installed, a training of a few steps."""

from dataclasses import asdict

import numpy as np
import pytest

from svodka.errors import DataError
from svodka.evaluation.peers import setfit
from svodka.evaluation.peers.setfit import Budget, sample_for_pairs

# 6 sentences of a, 2 of b, 4 without any topic, and two that are not judged for all topics
GOLD = np.array([[1, 0]] * 6 + [[0, 1]] * 2 + [[0, 0]] * 4 + [[1, -1], [-1, -1]], dtype=float)


def test_a_sample_takes_from_each_topic_in_turn():
    chosen = sample_for_pairs(GOLD, 6, seed=1)
    assert GOLD[chosen].tolist() == [[1, 0]] * 2 + [[0, 1]] * 2 + [[0, 0]] * 2
    # b has no third: the others fill up
    assert GOLD[sample_for_pairs(GOLD, 8, seed=1)].tolist() == [[1, 0]] * 3 + [[0, 1]] * 2 + [[0, 0]] * 3


@pytest.mark.parametrize(("size", "expected"), [(0, 0), (1, 1), (12, 12), (100, 12)])
def test_a_sample_holds_each_fully_judged_sentence_once_at_most(size, expected):
    chosen = sample_for_pairs(GOLD, size, seed=1).tolist()
    assert len(chosen) == len(set(chosen)) == expected
    assert set(chosen) <= set(range(12))


def test_a_seed_gives_the_same_sample():
    assert sample_for_pairs(GOLD, 3, seed=1).tolist() == sample_for_pairs(GOLD, 3, seed=1).tolist()
    assert len({tuple(sample_for_pairs(GOLD, 3, seed=seed)) for seed in range(9)}) > 1


@pytest.mark.parametrize("gold", [np.zeros((8, 2)), np.full((8, 2), -1.0), np.zeros((0, 2))])
def test_without_a_pair_that_shares_a_topic_nothing_can_be_trained(gold):
    pytest.importorskip("torch", reason="needs svodka[train]")
    with pytest.raises(DataError, match="needs pairs of sentences that share a topic"):
        setfit.fit(["Дождь."] * len(gold), gold, ["a", "b"], 1)


def test_a_few_steps(tiny_backbone, capsys):
    pytest.importorskip("setfit", reason="needs svodka[peers]")
    texts = ["Ночью снег и мороз.", "Дождь и ветер.", "Снег растаял.", "Хор пел вальс.", "Скрипка на бис.", "Пирог."]
    gold = np.array([[1, 0]] * 3 + [[0, 1]] * 2 + [[0, 0]], dtype=float)
    budget = Budget(sentences=12, steps=2, pairs=4, learning_rate=1e-3)
    peers = [
        setfit.fit(texts * 4, np.tile(gold, (4, 1)), ["weather", "music"], 3, budget, str(tiny_backbone))
        for _ in range(2)
    ]
    scores = [peer.predict_proba(["Снег и ветер.", "Хор."]) for peer in peers]
    assert (scores[0] == scores[1]).all()
    assert peers[0].settings["in_pairs"] == 12
    assert peers[0].settings["budget"] == asdict(budget)
    assert capsys.readouterr().out == ""


def test_where_labels_are_few_all_sentences_are_in_pairs(tiny_backbone, monkeypatch):
    pytest.importorskip("setfit", reason="needs svodka[peers]")
    paired = []
    monkeypatch.setattr(setfit, "_train_on_pairs", lambda _body, texts, *_more: paired.extend(texts))
    monkeypatch.setattr(setfit, "_encoder", lambda _body: lambda texts: np.array([[len(text)] for text in texts]))
    texts, gold = ["Снег."] * 4 + ["Пирог остыл."] * 4, np.repeat([[1.0], [0.0]], 4, axis=0)
    peer = setfit.fit(texts, gold, ["weather"], 3, Budget(share=1.0), str(tiny_backbone))
    assert len(paired) == 8
    rain, pie = peer.predict_proba(["Снег.", "Пирог остыл."])[:, 0]
    assert rain >= peer.thresholds["weather"] > pie
