"""Narrower feed-forward parts: what adds nothing goes first."""

import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.errors import ConfigError  # noqa: E402
from svodka.training.classifier import load_encoder  # noqa: E402
from svodka.training.narrow import narrow_feed_forward  # noqa: E402

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
