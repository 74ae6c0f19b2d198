"""Training of the encoder before it is fine-tuned, and topic heads that begin with definitions."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import AutoTokenizer  # noqa: E402

from svodka.errors import ConfigError  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training.classifier import SentenceClassifier, define_head, load_encoder  # noqa: E402
from svodka.training.contrastive import contrastive_loss  # noqa: E402
from svodka.training.pretraining import PretrainingSettings, pretrain_contrastive, pretrain_masked  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402
from svodka.training.run import train  # noqa: E402
from svodka.training.run_backbone import run_backbone  # noqa: E402
from svodka.training.run_rows import fit_rows, gather_rows  # noqa: E402

SENTENCES = [[0, 7, 8, 9, 2], [0, 11, 7, 2], [0, 12, 13, 14, 15, 2], [0, 12, 14, 2]]
LABELS = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)


def settings(steps):
    return PretrainingSettings(steps=steps, batch_size=4, learning_rate=0.004, seed=13)


def test_two_sentences_with_one_topic_by_hand():
    # Sentences 1 and 2 share a topic and are alike; 3 has none, and its vector stands at right angles to theirs.
    vectors = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    labels = torch.tensor([[1, 0], [1, 0], [0, 0]])
    expected = np.log(1 + np.exp(-1 / 0.1))
    assert contrastive_loss(vectors, labels).item() == pytest.approx(expected, rel=1e-2)


def test_half_of_the_topics_in_common_count_half():
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], requires_grad=True)
    # Sentence 1 has all of sentence 2's topics and half of those of sentence 3: weights 1 and 1/2, likeness 1 and 0.
    labels = torch.tensor([[1, 1, 0], [1, 1, 0], [1, 0, 0]])
    near, far = -np.log(1 / (1 + np.exp(-10))), 10 + np.log1p(np.exp(-10))
    first = (near + far / 2) / 1.5
    third = np.log(2)  # equally far from both
    loss = contrastive_loss(vectors, labels)
    assert loss.item() == pytest.approx((2 * first + third) / 3, rel=1e-4)
    loss.backward()
    assert torch.isfinite(vectors.grad).all()


def test_a_batch_without_a_common_topic_costs_nothing():
    vectors = torch.ones(2, 3, requires_grad=True)
    loss = contrastive_loss(vectors, torch.tensor([[1, 0], [0, 1]]))
    loss.backward()
    assert loss.item() == 0
    assert not vectors.grad.any()


def test_hidden_words_are_guessed_better_with_time(tiny_backbone):
    tokenizer = AutoTokenizer.from_pretrained(tiny_backbone)
    losses = []
    for steps in (2, 80):
        bert = load_encoder(str(tiny_backbone))
        before = bert.embeddings.word_embeddings.weight.detach().clone()
        losses.append(pretrain_masked(bert, tokenizer, SENTENCES, settings(steps)))
        assert not torch.equal(bert.embeddings.word_embeddings.weight, before)
    assert losses[1] < losses[0] / 2


def test_no_words_are_hidden_without_a_token_for_them(tiny_backbone):
    tokenizer = AutoTokenizer.from_pretrained(tiny_backbone)
    tokenizer.unk_token = None
    with pytest.raises(ConfigError, match="'masked' needs a backbone whose tokenizer has a mask token"):
        pretrain_masked(load_encoder(str(tiny_backbone)), tokenizer, SENTENCES, settings(1))


def test_sentences_of_one_topic_become_alike(tiny_backbone):
    model = SentenceClassifier(load_encoder(str(tiny_backbone)), 2)
    first = pretrain_contrastive(model, SENTENCES, LABELS, 1, settings(1))
    assert pretrain_contrastive(model, SENTENCES, LABELS, 1, settings(40)) < first / 2


@pytest.mark.parametrize("labels", [np.eye(2, dtype=np.float32), np.full((2, 2), -1, dtype=np.float32)])
def test_topics_are_told_apart_only_where_two_rows_share_one(tiny_backbone, labels):
    with pytest.raises(ConfigError, match="'contrastive' needs rows with a topic in common"):
        pretrain_contrastive(
            SentenceClassifier(load_encoder(str(tiny_backbone)), 2), SENTENCES[:2], labels, 1, settings(1)
        )


@pytest.mark.parametrize(("kind", "pooling"), [("masked", "mean"), ("masked", "first"), ("contrastive", "first")])
def test_a_run_begins_with_what_was_learned_before_and_the_same_each_time(tiny_settings, topics_file, kind, pooling):
    changes = {"pretraining": kind, "pretraining_steps": 3, "layers": 1, "pooling": pooling}
    recipe = make_recipe(tiny_settings | changes)
    rows = gather_rows(recipe, load_topics(topics_file), None, ())
    found = []
    for _ in range(2):
        with run_backbone(recipe, rows) as folder:
            found.append(load_encoder(folder).state_dict())
    plain = load_encoder(recipe.backbone, layers=1).state_dict()
    assert plain.keys() == found[0].keys()
    assert all(torch.equal(found[0][key], found[1][key]) for key in plain)
    assert any(not torch.equal(found[0][key], plain[key]) for key in plain)


def test_hidden_words_may_be_those_of_unlabelled_text(tiny_settings, topics_file, tmp_path, monkeypatch):
    news = tmp_path / "news.jsonl"
    texts = [
        "Ночью над городом прошёл сильный дождь. Утром небо стало ясным и чистым.",
        "Мост через реку открыли в мае.",
    ]
    news.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    read = []
    monkeypatch.setattr(
        "svodka.training.pretraining.pretrain_masked", lambda _bert, _tokenizer, ids, _settings: read.extend(ids)
    )
    changes = {"pretraining": "masked", "pretraining_steps": 1, "pretraining_texts": [str(news)]}
    recipe = make_recipe(tiny_settings | changes)
    with run_backbone(recipe, gather_rows(recipe, load_topics(topics_file), None, ()), measured=texts[1:]):
        assert len(read) == 2  # the sentence about the bridge is measured


def test_special_tokens_are_never_hidden_and_the_tokenizer_stays_as_it_was(tiny_backbone, monkeypatch):
    tokenizer, seen = AutoTokenizer.from_pretrained(tiny_backbone), []
    bert = load_encoder(str(tiny_backbone))
    bert.register_forward_pre_hook(lambda _bert, _given, named: seen.extend(named["input_ids"]), with_kwargs=True)
    monkeypatch.setattr("svodka.training.pretraining.MASK_PROBABILITY", 0.99)
    pretrain_masked(bert, tokenizer, SENTENCES, settings(20))
    rows = [row.tolist() for row in seen]
    assert {row[0] for row in rows} == {0}
    assert all(row.index(2) + 1 + row.count(1) == len(row) for row in rows)
    assert any(3 in row for row in rows)
    assert tokenizer.mask_token is None


def test_a_model_to_go_on_from_is_not_trained_beforehand(tiny_settings, topics_file, trained_folder):
    recipe = make_recipe(tiny_settings | {"start": str(trained_folder), "pretraining": "masked"})
    rows = gather_rows(recipe, load_topics(topics_file), None, ())
    with pytest.raises(ConfigError, match="pretraining: a model that a run goes on from"), run_backbone(recipe, rows):
        pass


def test_a_head_begins_with_the_definitions(tiny_backbone):
    torch.manual_seed(3)
    model = SentenceClassifier(load_encoder(str(tiny_backbone)), 3, dropout=0.5)
    lengths = model.head.weight.norm(dim=1)
    define_head(model, SENTENCES[:3])
    torch.testing.assert_close(model.head.weight.norm(dim=1), lengths)
    assert model.training
    model.eval()
    with torch.inference_mode():
        for topic, ids in enumerate(SENTENCES[:3]):
            given = torch.tensor([ids])
            logits = model(given, torch.ones_like(given))["logits"][0]
            assert logits.argmax() == topic


def test_one_topic_alone_keeps_its_random_row(tiny_backbone):
    model = SentenceClassifier(load_encoder(str(tiny_backbone)), 1)
    before = model.head.weight.detach().clone()
    define_head(model, SENTENCES[:1])
    assert torch.equal(model.head.weight, before)


def test_a_recipe_asks_for_definitions(tiny_settings, topics_file, tmp_path):
    logits = []
    for start in ("random", "definitions"):
        recipe = make_recipe(tiny_settings | {"epochs": 1, "head_start": start})
        rows = gather_rows(recipe, load_topics(topics_file), None, ())
        _, fitted = fit_rows(recipe, rows, recipe.backbone, tmp_path / start, quiet=True)
        logits.append(fitted.validation_logits)
    assert not np.array_equal(*logits)


def test_no_model_to_be_kept_is_trained_beforehand(tiny_settings, topics_file, tmp_path):
    recipe = make_recipe(tiny_settings | {"pretraining": "masked"})
    with pytest.raises(ConfigError, match="pretraining: 'masked' is for trials only"):
        train(recipe, load_topics(topics_file), tmp_path / "out")
