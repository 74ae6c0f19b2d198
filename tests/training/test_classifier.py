"""The classifier, and that plain transformers computes the same from its folder."""

import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import BertConfig, BertForSequenceClassification, BertModel  # noqa: E402

from svodka.errors import ConfigError  # noqa: E402
from svodka.training.classifier import (  # noqa: E402
    SentenceClassifier,
    from_stock,
    load_encoder,
    to_stock,
)
from svodka.training.losses import masked_loss  # noqa: E402

IDS = torch.tensor([[0, 5, 6, 7, 2], [0, 8, 2, 1, 1]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


@pytest.fixture(params=["mean", "first"])
def classifier(request):
    torch.manual_seed(3)
    config = BertConfig(vocab_size=20, hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32)
    model = SentenceClassifier(BertModel(config, add_pooling_layer=False), 3, pooling=request.param).eval()
    with torch.no_grad():
        model.head.weight.normal_()
        model.head.bias.normal_()
    return model


def logits(model):
    with torch.inference_mode():
        result = model(input_ids=IDS, attention_mask=MASK)
    return result["logits"]


def test_the_stock_class_gives_the_same_calibrated_logits(classifier):
    scale, shift = torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0.0, -1.0, 0.25])
    stock = to_stock(classifier, {"a": "А", "b": "Б", "c": "В"}, scale, shift)
    assert type(stock) is BertForSequenceClassification
    torch.testing.assert_close(logits(stock), logits(classifier) * scale + shift, atol=2e-4, rtol=1e-4)


def test_saving_and_loading_brings_the_classifier_back(classifier, tmp_path):
    to_stock(classifier, {"a": "А", "b": "Б", "c": "В"}, torch.ones(3), torch.zeros(3)).save_pretrained(tmp_path)
    again = from_stock(str(tmp_path)).eval()
    torch.testing.assert_close(logits(again), logits(classifier), atol=1e-5, rtol=1e-5)
    assert (again.bert.config.num_hidden_layers, again.pooling) == (4, classifier.pooling)


@pytest.mark.parametrize("classifier", ["first"], indirect=True)
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_the_first_token_s_vector_is_that_of_a_network_that_computes_all(classifier, attention, tmp_path):
    classifier.bert.save_pretrained(tmp_path)
    whole = load_encoder(str(tmp_path)).eval()
    for bert in (whole, classifier.bert):
        bert.set_attn_implementation(attention)
    for ids, mask in ((IDS, MASK), (IDS[:1], MASK[:1])):  # with padding and without
        first, own = (bert(ids, attention_mask=mask).last_hidden_state[:, 0] for bert in (whole, classifier.bert))
        torch.testing.assert_close(own, first)
        for vector in (first, own):
            (vector**2).sum().backward()
    learned = dict(classifier.bert.named_parameters())
    for name, weight in whole.named_parameters():
        torch.testing.assert_close(learned[name].grad, weight.grad)


@pytest.mark.parametrize("classifier", ["first"], indirect=True)
def test_padding_is_not_attended_to_in_half_precision_either(classifier):
    classifier.bert.set_attn_implementation("eager")  # whose mask is the least number of float32
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        padded, alone = (classifier.vectors(IDS[1:, :n], MASK[1:, :n]) for n in (5, 3))
    torch.testing.assert_close(padded, alone, atol=0.05, rtol=0.05)


def test_a_layer_for_the_first_token_saves_the_others(classifier):
    with torch.inference_mode():
        computed = classifier.bert(IDS, attention_mask=MASK).last_hidden_state
    assert computed.shape == (2, {"mean": 5, "first": 1}[classifier.pooling], 16)


@pytest.mark.parametrize("classifier", ["mean"], indirect=True)
def test_pooling_is_the_mean_of_the_tokens_that_are_no_padding(classifier):
    # Four equal numbers more on a padding place change nothing.
    hidden = torch.randn(1, 3, 16)
    padded = torch.cat([hidden, torch.full((1, 1, 16), 9.0)], dim=1)
    torch.testing.assert_close(
        classifier.pool(hidden, torch.ones(1, 3)), classifier.pool(padded, torch.tensor([[1, 1, 1, 0]]))
    )


def test_loss_leaves_out_what_nobody_judged():
    # Judged: logit 0 with label 1 and weight 3 -> 3 ln 2; logit 0 with label 0 -> ln 2; the mean is 2 ln 2.
    loss = masked_loss(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, -1.0]]), positive_weight=3.0)
    assert loss.item() == pytest.approx(2 * 0.693147, abs=1e-5)


def test_loss_without_any_judged_decision_is_zero():
    assert masked_loss(torch.zeros(2, 3), torch.full((2, 3), -1.0), positive_weight=3.0).item() == 0


def test_fewer_layers_are_taken_evenly_with_the_last(classifier, tmp_path):
    classifier.bert.save_pretrained(tmp_path)
    half = load_encoder(str(tmp_path), layers=2)
    assert half.config.num_hidden_layers == 2
    expected = [classifier.bert.encoder.layer[i].output.dense.weight for i in (1, 3)]
    for layer, weight in zip(half.encoder.layer, expected, strict=True):
        torch.testing.assert_close(layer.output.dense.weight, weight)


def test_more_layers_than_there_are_is_refused(classifier, tmp_path):
    classifier.bert.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=r"layers: 9, but the backbone .* has 1 to 4"):
        load_encoder(str(tmp_path), layers=9)


def test_another_architecture_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}', encoding="utf-8")
    with pytest.raises(ConfigError, match="is of type 'roberta'"):
        load_encoder(str(tmp_path))


def test_a_layer_that_this_version_does_not_know_is_refused(classifier, tmp_path):
    classifier.bert.config.svodka_pooling = "pyramid"
    classifier.bert.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="is of a later svodka: its svodka_pooling is 'pyramid'"):
        load_encoder(str(tmp_path))


def test_a_stock_model_that_is_not_ours_is_refused(tmp_path):
    config = BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="no model folder of svodka"):
        from_stock(str(tmp_path))
