"""Word vectors in 4 bits: what rounding does, and that the int8 file holds what was trained."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

import onnx  # noqa: E402

from svodka.errors import ConfigError  # noqa: E402
from svodka.graph import COARSE_KEY, build_graph  # noqa: E402
from svodka.providers import new_session  # noqa: E402
from svodka.rounding import coarse  # noqa: E402
from svodka.training.classifier import SentenceClassifier, load_encoder  # noqa: E402
from svodka.training.coarse_words import settle_words  # noqa: E402
from svodka.training.export import classifier_network  # noqa: E402
from svodka.training.ranges import measure_ranges  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402
from svodka.training.run import train  # noqa: E402

IDS = [[0, 5, 7, 9, 2], [0, 11, 8, 9, 2]]


def test_rounding_is_near_and_done_once_for_all():
    table = np.random.default_rng(1).normal(0, 0.3, (500, 64)).astype(np.float32)
    table[7] = 0
    steps, scales = coarse(table)
    assert set(np.unique(steps)) == set(range(-7, 8))
    assert ((steps * scales - table) ** 2).sum() < 0.02 * (table**2).sum()
    again, same = coarse(steps * scales)
    assert np.array_equal(again * same, steps * scales)
    assert not (steps * scales)[7].any()


def test_half_precision_changes_no_step():
    table = np.random.default_rng(2).normal(0, 0.3, (500, 64)).astype(np.float32)
    steps, scales = coarse(table)
    again, _ = coarse((steps * scales).astype(np.float16).astype(np.float32))
    assert np.array_equal(again, steps)


@pytest.fixture
def classifier(tiny_backbone):
    model = SentenceClassifier(load_encoder(str(tiny_backbone)), 3)
    settle_words(model.bert, 4)
    return model.eval()


def test_the_file_holds_the_word_vectors_to_the_bit(classifier):
    weights, shape, head = classifier_network(classifier)
    ranges = measure_ranges(build_graph(weights, shape, head, probes=True), IDS)
    graph = build_graph(weights, shape, head, ranges=ranges)
    embedded = next(node.input[0] for node in graph.graph.node if node.op_type == "Add")
    graph.graph.output[0].CopyFrom(type(graph.graph.output[0])(name=embedded))
    found = new_session(graph.SerializeToString()).run([embedded], {"input_ids": np.array(IDS)})[0]
    table = weights["embeddings.word_embeddings.weight"]
    np.testing.assert_allclose(found, table[np.array(IDS)], rtol=0, atol=1e-6)


def test_the_file_is_smaller(classifier):
    weights, shape, head = classifier_network(classifier)
    ranges = measure_ranges(build_graph(weights, shape, head, probes=True), IDS)
    small = build_graph(weights, shape, head, ranges=ranges).ByteSize()
    settle_words(classifier.bert, 8)
    large = build_graph(*classifier_network(classifier), ranges=ranges).ByteSize()
    words = weights["embeddings.word_embeddings.weight"].size
    assert small < large - 0.4 * words


@pytest.mark.usefixtures("any_export_will_do")
def test_training_leaves_them_as_they_were_rounded(tiny_settings, topics_file, tmp_path):
    from svodka.topics import load_topics

    settings = tiny_settings | {"epochs": 1, "word_bits": 4}
    train(make_recipe(settings), load_topics(topics_file), tmp_path / "coarse", quiet=True)
    saved = load_encoder(str(tmp_path / "coarse"))
    assert getattr(saved.config, COARSE_KEY) is True
    assert "BitShift" in {node.op_type for node in onnx.load(tmp_path / "coarse" / "model.onnx").graph.node}
    table = saved.embeddings.word_embeddings.weight.detach().numpy()
    steps, scales = coarse(table)
    np.testing.assert_allclose(steps * scales, table, atol=1e-3)
    backbone = settings | {"word_bits": 8, "backbone": str(tmp_path / "coarse")}
    train(make_recipe(backbone), load_topics(topics_file), tmp_path / "fine", quiet=True)
    fine = load_encoder(str(tmp_path / "fine"))
    assert not hasattr(fine.config, COARSE_KEY)
    steps, scales = coarse(fine.embeddings.word_embeddings.weight.detach().numpy())
    assert np.abs(steps * scales - fine.embeddings.word_embeddings.weight.detach().numpy()).max() > 1e-3


@pytest.mark.parametrize(
    ("settings", "told"), [({"word_bits": 5}, "must be 4 or 8, got 5"), ({"word_bits": 4, "adversarial": 1}, "moves")]
)
def test_what_cannot_be_is_refused(settings, told):
    with pytest.raises(ConfigError, match=told):
        make_recipe(settings)
