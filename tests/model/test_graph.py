"""The ONNX graph: in float32 it is the network, in 8 bits it is close to it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import BertConfig, BertModel  # noqa: E402

from svodka.engine import closed_exits  # noqa: E402
from svodka.errors import ConfigError  # noqa: E402
from svodka.graph import Exit, build_graph  # noqa: E402
from svodka.providers import new_session  # noqa: E402
from svodka.rounding import Range  # noqa: E402
from svodka.training.classifier import SentenceClassifier, load_encoder  # noqa: E402
from svodka.training.export import classifier_network, torch_logits  # noqa: E402
from svodka.training.ranges import measure_ranges  # noqa: E402

IDS = [[0, 5, 7, 9, 2], [0, 11, 2], [0, 4, 8, 15, 16, 23, 42, 2]]


@pytest.fixture(params=[("gelu", "mean"), ("relu", "mean"), ("gelu", "first")])
def classifier(request):
    """A small random classifier with two topics."""
    activation, pooling = request.param
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=60,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=16,
        hidden_act=activation,
    )
    return SentenceClassifier(BertModel(config, add_pooling_layer=False), 2, pooling=pooling).eval()


def run(graph, rows):
    """Return the logits of rows of the same length."""
    return new_session(graph.SerializeToString()).run(["logits"], {"input_ids": np.array(rows, dtype=np.int64)})[0]


def test_the_float_graph_is_the_network(classifier):
    graph = build_graph(*classifier_network(classifier))
    logits = np.concatenate([run(graph, [row]) for row in IDS])
    np.testing.assert_allclose(logits, torch_logits(classifier, IDS), atol=1e-5)


@pytest.mark.parametrize("smooth", [False, True])
def test_the_int8_graph_is_close_to_the_network(classifier, smooth):
    network = classifier_network(classifier)
    ranges = measure_ranges(build_graph(*network, probes=True), IDS)
    graph = build_graph(*network, ranges=ranges, smooth=smooth)
    logits = np.concatenate([run(graph, [row]) for row in IDS])
    exact = torch_logits(classifier, IDS)
    assert np.abs(logits - exact).max() < 0.1 * np.abs(exact).max() + 0.02


def test_ranges_cover_every_product_and_all_that_was_seen(classifier):
    probed = build_graph(*classifier_network(classifier), probes=True)
    some, more = (measure_ranges(probed, ids) for ids in (IDS[:1], IDS))
    assert len(some) == 2 * 4
    for name, seen in some.items():
        assert (more[name].low <= seen.low).all()
        assert (more[name].high >= seen.high).all()
        assert isinstance(seen, Range)


def test_inputs_that_were_never_anything_but_zero_do_not_divide_by_zero(classifier):
    network = classifier_network(classifier)
    ranges = {
        name: Range(np.zeros_like(seen.low), np.zeros_like(seen.high))
        for name, seen in measure_ranges(build_graph(*network, probes=True), IDS).items()
    }
    for smooth in (False, True):
        assert np.isfinite(run(build_graph(*network, ranges=ranges, smooth=smooth), IDS[:1])).all()


CUT = np.array([0.5, -1.0], np.float32)


def random_exit(bar, layer=1):
    """An exit whose head has learned nothing."""
    draw = np.random.default_rng(5 * layer)

    def matrix(*shape):
        return draw.normal(size=shape).astype(np.float32)

    center, scale = np.zeros(64, np.float32), np.ones(64, np.float32)
    return Exit(layer, center, scale, (matrix(8, 64), matrix(8)), (matrix(2, 8), matrix(2)), CUT, bar)


@pytest.fixture
def eight_bit(classifier):
    """Build the 8-bit graph with an exit of a given bar; None leaves the exit out."""
    network = classifier_network(classifier)
    ranges = measure_ranges(build_graph(*network, probes=True), IDS)
    return lambda bar: build_graph(*network, ranges=ranges, exits=[] if bar is None else [random_exit(bar)])


ALIKE = np.random.default_rng(3).integers(3, 60, size=(40, 6)).tolist()


def test_where_no_sentence_is_sure_enough_the_whole_network_answers(eight_bit):
    np.testing.assert_array_equal(run(eight_bit(np.inf), ALIKE), run(eight_bit(None), ALIKE))


def test_where_all_leave_no_sentence_reaches_the_last_layer(eight_bit):
    left, whole = run(eight_bit(-1), ALIKE), run(eight_bit(None), ALIKE)
    assert (left != whole).all()
    assert np.isfinite(left).all()


def test_sure_sentences_leave_with_the_logits_of_the_exit_and_the_others_go_on(eight_bit):
    early, whole = run(eight_bit(-1), ALIKE), run(eight_bit(None), ALIKE)
    bar = float(np.median(np.abs(early - CUT).min(axis=1)))
    sure = np.abs(early - CUT).min(axis=1, keepdims=True) > bar
    assert sure.mean() == pytest.approx(0.5, abs=0.05)
    np.testing.assert_array_equal(run(eight_bit(bar), ALIKE), np.where(sure, early, whole))


def test_whether_a_sentence_leaves_depends_on_it_alone(eight_bit):
    early = run(eight_bit(-1), ALIKE)
    graph = eight_bit(float(np.median(np.abs(early - CUT).min(axis=1))))
    together = run(graph, ALIKE)
    np.testing.assert_array_equal(np.concatenate([run(graph, [row]) for row in ALIKE]), together)
    np.testing.assert_array_equal(run(graph, ALIKE[::-1])[::-1], together)
    np.testing.assert_array_equal(np.concatenate([run(graph, ALIKE[i : i + 3]) for i in range(0, 40, 3)]), together)


def test_several_exits_let_go_one_after_the_other():
    torch.manual_seed(7)
    config = BertConfig(vocab_size=60, hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=48)
    network = classifier_network(SentenceClassifier(BertModel(config, add_pooling_layer=False), 2).eval())
    ranges = measure_ranges(build_graph(*network, probes=True), IDS)

    def answers(*bars):
        exits = [random_exit(bar, layer) for layer, bar in enumerate(bars, start=1)]
        return run(build_graph(*network, ranges=ranges, exits=exits), ALIKE)

    whole, *early = answers(), answers(-1), answers(np.inf, -1), answers(np.inf, np.inf, -1)
    bars = [float(np.quantile(np.abs(logits - CUT).min(axis=1), 0.7)) for logits in early]
    expected = whole
    for logits, bar in reversed(list(zip(early, bars, strict=True))):
        expected = np.where(np.abs(logits - CUT).min(axis=1, keepdims=True) > bar, logits, expected)
    np.testing.assert_array_equal(answers(*bars), expected)
    np.testing.assert_array_equal(answers(-1, -1, -1), early[0])  # nobody is left for the second


def test_a_session_can_close_the_exits(eight_bit):
    session = new_session(eight_bit(-1).SerializeToString())
    closed = session.run(["logits"], {"input_ids": np.array(ALIKE)} | closed_exits(session))[0]
    np.testing.assert_array_equal(closed, run(eight_bit(None), ALIKE))


@pytest.mark.parametrize("layers", [[0], [2], [1, 1]])
def test_exits_in_wrong_places_are_refused(classifier, layers):
    network = classifier_network(classifier)
    ranges = measure_ranges(build_graph(*network, probes=True), IDS)
    with pytest.raises(ValueError, match="exits behind layers"):
        build_graph(*network, ranges=ranges, exits=[random_exit(1.0, layer) for layer in layers])


def test_the_float_graph_has_no_exits(classifier):
    with pytest.raises(ValueError, match="8-bit networks only"):
        build_graph(*classifier_network(classifier), exits=[random_exit(1.0)])


def test_an_activation_that_cannot_be_exported_is_refused_before_training(tmp_path):
    config = BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    config.hidden_act = "silu"
    BertModel(config, add_pooling_layer=False).save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="has the activation 'silu'; svodka exports gelu and relu"):
        load_encoder(str(tmp_path))
