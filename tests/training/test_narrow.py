"""Narrower feed-forward parts and vectors: what adds nothing goes first."""

from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.errors import ConfigError  # noqa: E402
from svodka.training import narrow  # noqa: E402
from svodka.training.classifier import load_encoder  # noqa: E402
from svodka.training.narrow import narrow_feed_forward, narrow_vectors  # noqa: E402

SENTENCES = [[0, 7, 8, 9, 2], [0, 11, 2], [0, 12, 13, 14, 15, 2]]


def vectors(bert):
    with torch.inference_mode():
        return bert.eval()(input_ids=torch.tensor([SENTENCES[0]])).last_hidden_state


def test_neurons_that_add_nothing_go_first(tiny_backbone):
    bert = load_encoder(str(tiny_backbone))
    idle = torch.arange(0, 64, 4)
    for layer in bert.encoder.layer:
        layer.output.dense.weight.data[:, idle] = 0
    before = vectors(bert)
    narrow_feed_forward(bert, SENTENCES, 48)
    assert bert.config.intermediate_size == 48
    assert [layer.intermediate.dense.weight.shape[0] for layer in bert.encoder.layer] == [48, 48]
    assert (vectors(bert) - before).abs().max() < 1e-5


def test_the_narrower_encoder_is_an_ordinary_one(tiny_backbone, tmp_path):
    bert = load_encoder(str(tiny_backbone))
    narrow_feed_forward(bert, SENTENCES, 20)
    bert.save_pretrained(tmp_path)
    assert (vectors(load_encoder(str(tmp_path))) == vectors(bert)).all()


def test_no_encoder_grows_wider(tiny_backbone):
    with pytest.raises(ConfigError, match="feed_forward: 65, but the backbone has only 64"):
        narrow_feed_forward(load_encoder(str(tiny_backbone)), SENTENCES, 65)


def test_the_encoder_of_a_trained_model_can_be_saved_and_read_again(trained_folder, tmp_path):
    bert = load_encoder(str(trained_folder))  # its averaging layer is taken off, once
    bert.save_pretrained(tmp_path)
    assert len(load_encoder(str(tmp_path)).encoder.layer) == len(bert.encoder.layer)


def test_channels_that_never_move_go_first(tiny_backbone):
    bert = load_encoder(str(tiny_backbone))
    idle = torch.arange(0, 32, 4)  # four of sixteen channels in each of two heads
    norms = [bert.embeddings.LayerNorm]
    norms += [
        norm for layer in bert.encoder.layer for norm in (layer.attention.output.LayerNorm, layer.output.LayerNorm)
    ]
    for norm in norms:
        norm.weight.data[idle] = norm.bias.data[idle] = 0
    for layer in bert.encoder.layer:
        own = layer.attention.self
        for linear in (own.query, own.key, own.value):
            linear.weight.data[idle] = 0
            linear.bias.data[idle] = 0
        layer.attention.output.dense.weight.data[:, idle] = 0
    narrow_vectors(bert, SENTENCES, 24)
    assert (bert.config.hidden_size, bert.encoder.layer[0].attention.self.query.weight.shape) == (24, (24, 24))
    kept = torch.tensor([channel for channel in range(32) if channel % 4])
    assert torch.equal(bert.embeddings.LayerNorm.weight, norms[0].weight)
    whole = load_encoder(str(tiny_backbone)).embeddings.word_embeddings.weight
    assert torch.equal(bert.embeddings.word_embeddings.weight, whole[:, kept])


def test_attention_goes_on_as_before_without_its_idle_channels(tiny_backbone):
    attention = load_encoder(str(tiny_backbone)).encoder.layer[0].attention.eval()
    own = attention.self
    heads, each = own.num_attention_heads, own.attention_head_size
    idle = torch.arange(heads)[:, None] * each + torch.arange(each - 2, each)
    for linear in (own.query, own.key, own.value):
        linear.weight.data[idle.flatten()] = 0
        linear.bias.data[idle.flatten()] = 0
    hidden = torch.randn(1, 5, heads * each)
    with torch.inference_mode():
        before = attention(hidden)[0]
    sizes = [(linear.weight @ hidden[0].T).abs().mean(dim=1).detach() for linear in (own.query, own.key, own.value)]
    layer = SimpleNamespace(attention=attention)
    narrow._keep_attention(layer, torch.arange(heads * each), sizes, heads, heads * (each - 2))
    with torch.inference_mode():
        after = attention(hidden)[0]
    assert (after - before).abs().max() < 1e-5


def test_the_encoder_with_narrower_vectors_is_an_ordinary_one(tiny_backbone, tmp_path):
    bert = load_encoder(str(tiny_backbone))
    narrow_vectors(bert, SENTENCES, 24)
    bert.save_pretrained(tmp_path)
    assert (vectors(load_encoder(str(tmp_path))) == vectors(bert)).all()
    assert vectors(bert).shape[-1] == 24


@pytest.mark.parametrize(
    ("width", "message"),
    [(36, "hidden: 36, but the backbone has only 32"), (31, "hidden: 31 is no multiple of the backbone's 2 attention")],
)
def test_vectors_grow_no_wider_and_heads_share_them_out(tiny_backbone, width, message):
    with pytest.raises(ConfigError, match=message):
        narrow_vectors(load_encoder(str(tiny_backbone)), SENTENCES, width)
