"""SetFit: which sentences make pairs, and, where the library is installed, a training of a few steps."""

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
    assert peers[0].settings["budget"] == {"sentences": 12, "steps": 2, "pairs": 4, "learning_rate": 1e-3}
    assert capsys.readouterr().out == ""
