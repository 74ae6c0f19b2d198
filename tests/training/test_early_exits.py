"""Exits on the way: what they learn, whom they let go, and when there are none."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import BertConfig, BertModel  # noqa: E402

from svodka.cascade import cut_logits  # noqa: E402
from svodka.graph import build_graph  # noqa: E402
from svodka.providers import new_session  # noqa: E402
from svodka.training import early_exits  # noqa: E402
from svodka.training.classifier import SentenceClassifier  # noqa: E402
from svodka.training.early_exits import ExitPlan, fit_exits, sureness, thinned  # noqa: E402
from svodka.training.export import classifier_network  # noqa: E402
from svodka.training.ranges import measure_ranges  # noqa: E402

WEATHER, SPORT = range(3, 20), range(20, 37)


@pytest.fixture(scope="module", params=["mean", "first"])
def classifier(request):
    """A small network of four layers that has learned which of two topics a sentence's words belong to."""
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=60,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=16,
        hidden_dropout_prob=0.0,
    )
    bert = BertModel(config, add_pooling_layer=False)
    model = SentenceClassifier(bert, 2, dropout=0.0, pooling=request.param)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    ids = torch.tensor(sentences(600, seed=1))
    labels = torch.stack([torch.isin(ids, torch.tensor(list(topic))).any(dim=1) for topic in (WEATHER, SPORT)], dim=1)
    for _ in range(15):
        for rows in torch.randperm(len(ids)).split(32):
            batch = ids[rows]
            optimizer.zero_grad()
            model(batch, torch.ones_like(batch), labels[rows].float())["loss"].backward()
            optimizer.step()
    return model.eval()


def sentences(n, seed):
    """Token ids of sentences of eight words: about the weather, about sport, both, or neither."""
    draw = np.random.default_rng(seed)
    rows = draw.integers(37, 60, size=(n, 8))
    for i, row in enumerate(rows):
        if i % 4 in (0, 2):
            row[draw.integers(0, 4)] = draw.choice(WEATHER)
        if i % 4 in (1, 2):
            row[draw.integers(4, 8)] = draw.choice(SPORT)
    return [[0, *row.tolist(), 2] for row in rows]


def written(ids):
    """Write token ids as text."""
    return [" ".join(map(str, row)) for row in ids]


def read(texts):
    return [[int(one) for one in text.split()] for text in texts]


LESSONS, HELD = sentences(400, seed=2), sentences(500, seed=3)
CUT = cut_logits({"weather": 0.4, "sport": 0.5})


def fitted(classifier, most_turned=0.01, held=HELD):
    return fit_exits(classifier, ExitPlan(written(LESSONS), written(held), most_turned), read, CUT)


def test_most_of_what_is_easy_leaves_and_hardly_a_decision_turns(classifier):
    exits = fitted(classifier)
    assert exits
    assert sum(one.leaving for one in exits) > 0.5
    assert all(one.turned <= 0.01 for one in exits)
    assert [one.exit.layer for one in exits] == sorted({one.exit.layer for one in exits})


def test_the_exported_network_lets_go_whom_the_fit_said(classifier):
    exits = fitted(classifier)
    network = classifier_network(classifier)
    ranges = measure_ranges(build_graph(*network, probes=True), HELD[:50])

    def answers(ways_out):
        graph = build_graph(*network, ranges=ranges, exits=ways_out)
        return new_session(graph.SerializeToString()).run(["logits"], {"input_ids": np.array(HELD)})[0]

    whole, early = answers([]), answers([one.exit for one in exits])
    left = (whole != early).any(axis=1)
    assert left.mean() == pytest.approx(sum(one.leaving for one in exits), abs=0.05)  # 8 bits against float32
    assert ((whole >= CUT) != (early >= CUT)).mean() <= 0.02


def test_the_same_seed_gives_the_same_exits(classifier):
    once, again = fitted(classifier), fitted(classifier)
    assert [one.to_dict() for one in once] == [one.to_dict() for one in again]
    np.testing.assert_array_equal(once[0].exit.inner[0], again[0].exit.inner[0])


def test_who_wants_no_decision_turned_gets_no_exits(classifier):
    assert fitted(classifier, 0.0) == []


def test_too_few_held_out_sentences_to_tell_give_no_exits_and_cost_nothing(classifier):
    def never(_texts):
        raise AssertionError("sentences were read")

    plan = ExitPlan(written(LESSONS), written(HELD[:200]), 0.01)  # 4 of 400 decisions might turn
    assert fit_exits(classifier, plan, never, CUT) == []


def test_an_exit_by_which_hardly_anybody_leaves_stays_out(classifier, monkeypatch):
    monkeypatch.setattr(early_exits, "LEAST_LEAVING", 1.0)
    assert fitted(classifier) == []


def test_of_many_sentences_some_from_everywhere_are_taken(classifier, monkeypatch):
    assert list(thinned(range(10), 4)) == [0, 3, 6, 9]
    assert list(thinned(range(4), 4)) == [0, 1, 2, 3]
    monkeypatch.setattr(early_exits, "MOST_LESSONS", 100)
    read_so_far = []
    fit_exits(
        classifier,
        ExitPlan(written(LESSONS), written(HELD), 0.01),
        lambda texts: read_so_far.append(len(texts)) or read(texts),
        CUT,
    )
    assert read_so_far == [500, 100]


def test_a_network_of_one_layer_has_no_way_out(classifier, monkeypatch):
    monkeypatch.setattr(classifier.config, "num_hidden_layers", 1)
    assert fitted(classifier) == []


def test_a_text_is_as_sure_as_its_topic_nearest_to_its_threshold():
    assert sureness(np.array([[1.0, -3.0]]), np.array([0.5, 0])).tolist() == [0.5]


def test_the_bar_is_the_lowest_that_turns_no_more_than_is_allowed():
    early = np.array([[4.0, -4], [3, -3], [2, -2], [1, -1]], dtype=np.float32)
    late = np.array([[4.0, -4], [-3, -3], [2, -2], [-1, 1]], dtype=np.float32)
    cut = np.zeros(2)
    assert early_exits._bar(early, late, cut, allowed=0) == (3.0, 0)  # the first leaves, the second would be turned
    assert early_exits._bar(early, late, cut, allowed=1) == (1.0, 1)
    assert early_exits._bar(-early[:1], late[:1], cut, allowed=1) == (float("inf"), 0)


def test_who_is_less_sure_than_anybody_seen_stays():
    early = np.array([[4.0, -4], [3, -3]], dtype=np.float32)
    assert early_exits._bar(early, early, np.zeros(2), allowed=9) == (3.0, 0)
