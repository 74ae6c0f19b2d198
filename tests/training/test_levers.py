"""Ways of learning that a recipe can ask for."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from safetensors.torch import load_file  # noqa: E402
from torch import nn  # noqa: E402
from transformers import AutoTokenizer, BertConfig, BertModel, TrainerCallback  # noqa: E402

from svodka.errors import ConfigError  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training import checkpoints, fit, rhythm  # noqa: E402
from svodka.training.adversarial import moved, perturbed  # noqa: E402
from svodka.training.averaging import WeightAverage  # noqa: E402
from svodka.training.classifier import SentenceClassifier  # noqa: E402
from svodka.training.head_start import HeadStart  # noqa: E402
from svodka.training.layer_rates import parameter_groups  # noqa: E402
from svodka.training.loading import load_dataset_dict  # noqa: E402
from svodka.training.losses import Objective  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402

BATCH = {
    "input_ids": torch.tensor([[0, 5, 6, 2], [0, 8, 2, 1]]),
    "attention_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]),
    "labels": torch.tensor([[1.0, 0.0], [-1.0, 1.0]]),
}


def classifier(dropout=0.5, **settings):
    """A classifier of three layers with the same weights each time, and no dropout but that before its head."""
    torch.manual_seed(3)
    size = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=20, hidden_dropout_prob=0, attention_probs_dropout_prob=0, **size)
    return SentenceClassifier(BertModel(config, add_pooling_layer=False), 2, dropout=dropout, **settings).train()


def loss_of(model):
    torch.manual_seed(5)
    return model(**BATCH)["loss"].item()


def test_without_dropout_two_passes_agree():
    one, two = classifier(dropout=0), classifier(dropout=0, objective=Objective(r_drop=9.0))
    assert loss_of(two) == pytest.approx(loss_of(one), rel=1e-6)


def test_two_passes_that_disagree_cost_more():
    weak, strong = (loss_of(classifier(objective=Objective(r_drop=weight))) for weight in (1e-6, 1000.0))
    assert strong > weak
    model = classifier(objective=Objective(r_drop=1000.0)).eval()
    assert loss_of(model) == loss_of(classifier().eval())


def test_several_dropouts_make_the_mean_loss():
    model, pooled = classifier(dropout_samples=3), []
    model.head.register_forward_hook(lambda _head, given, _logits: pooled.append(given[0]))
    loss = loss_of(model)
    assert len(pooled) == 3
    assert not torch.equal(pooled[0], pooled[1])
    single = [model.objective.of(model.head(one), BATCH["labels"]).item() for one in list(pooled)]
    assert loss == pytest.approx(sum(single) / 3, rel=1e-6)
    pooled.clear()
    assert model.eval()(**BATCH)["logits"].shape == (2, 2)
    assert len(pooled) == 1


def test_the_first_token_alone_can_be_read():
    hidden = torch.randn(1, 3, 16)
    others = torch.cat([hidden[:, :1], torch.randn(1, 2, 16)], dim=1)
    first = classifier(pooling="first")
    torch.testing.assert_close(first.pool(hidden, torch.ones(1, 3)), first.pool(others, torch.ones(1, 3)))


def test_lower_layers_learn_slower():
    model = classifier()
    groups = parameter_groups(model, 0.1, 20.0, layer_decay=0.5)
    # Head, layers 3, 2 and 1, embeddings.
    assert [group["lr"] for group in groups] == pytest.approx([2.0, 0.1, 0.05, 0.025, 0.0125])
    assert groups[1]["params"][0] is next(model.bert.encoder.layer[2].parameters())
    grouped = [id(weight) for group in groups for weight in group["params"]]
    assert sorted(grouped) == sorted(map(id, model.parameters()))


def test_without_layer_decay_there_are_two_groups():
    assert [group["lr"] for group in parameter_groups(classifier(), 0.1, 20.0)] == [2.0, 0.1]


def test_moved_weights_come_back():
    weight = nn.Parameter(torch.tensor([0.1, 0.2]))
    weight.grad = torch.tensor([3.0, 4.0])
    before = weight.detach().clone()
    with moved(weight, 0.5):
        torch.testing.assert_close(weight.detach(), before + torch.tensor([0.3, 0.4]))
    assert torch.equal(weight, before)


def test_the_average_of_weights_by_hand():
    model, average = nn.Linear(1, 1, bias=False), WeightAverage(0.15)
    # The first weight is taken as it is. At step 2 2/11 would stay, but the setting allows 0.15 only: 0.15 + 0.85 * 2.
    for step, value in [(1, 1.0), (2, 2.0)]:
        nn.init.constant_(model.weight, value)
        average.update(model, step)
    with average.in_place(model):
        assert model.weight.item() == pytest.approx(1.85)
    assert model.weight.item() == 2


def test_the_average_forgets_faster_early_on():
    model, average = nn.Linear(1, 1, bias=False), WeightAverage(0.999)
    for step, value in [(1, 1.0), (2, 2.0)]:
        nn.init.constant_(model.weight, value)
        average.update(model, step)
    assert average.weights["weight"].item() == pytest.approx(2 / 11 + 9 / 11 * 2)


@pytest.fixture
def fine_tune(tiny_settings, topics_file, labelled_files, tmp_path):
    """Fine-tune the tiny model for two epochs of seven steps."""
    topics = [topic.id for topic in load_topics(topics_file)]
    splits = load_dataset_dict({name: [path] for name, path in labelled_files.items()}, topics)
    backbone = tiny_settings["backbone"]
    tokenizer = AutoTokenizer.from_pretrained(backbone)

    def run(name, resume=False, **changes):
        recipe = make_recipe(tiny_settings | {"epochs": 2} | changes)
        return fit.fine_tune(recipe, backbone, tokenizer, splits, tmp_path / name, resume=resume, quiet=True)

    return run


def test_a_recipe_reaches_the_model(tiny_settings):
    changes = {"loss": "focal", "positive_weight": 2.0, "label_smoothing": 0.1, "r_drop": 0.5}
    recipe = make_recipe(tiny_settings | changes | {"dropout_samples": 4, "pooling": "first"})
    model = fit._beginning(recipe, recipe.backbone, 3, HeadStart(), None)
    assert model.objective == Objective("focal", 2.0, 0.1, 0.5)
    assert (model.dropout_samples, model.pooling) == (4, "first")


def test_a_step_with_moved_word_vectors_has_other_gradients(fine_tune):
    plain, moved_too = fine_tune("plain", epochs=1), fine_tune("moved", epochs=1, adversarial=0.5)
    assert not np.array_equal(plain.validation_logits, moved_too.validation_logits)


def test_a_step_with_moved_products_has_other_gradients(fine_tune):
    plain, moved_too = fine_tune("plain", epochs=1), fine_tune("moved", epochs=1, weight_perturbation=0.05)
    assert not np.array_equal(plain.validation_logits, moved_too.validation_logits)


def test_each_product_moves_by_a_share_of_its_own_length():
    one, two = (nn.Parameter(torch.tensor(value)) for value in ([[3.0, 4.0]], [[30.0, 40.0]]))
    before = [weight.detach().clone() for weight in (one, two)]
    (one.sum() + two.sum()).backward()
    with perturbed([one, two], 0.1):
        lengths = [(weight.detach() - old).norm().item() for weight, old in zip((one, two), before, strict=True)]
    assert lengths == pytest.approx([0.5, 5.0])
    assert all(torch.equal(weight, old) for weight, old in zip((one, two), before, strict=True))


class CutPower(TrainerCallback):
    """Ends a run at the beginning of its tenth step."""

    def on_step_begin(self, args, state, control, **_kwargs):  # noqa: ARG002
        if state.global_step == 9:
            raise InterruptedError("the power is off")


def test_a_resumed_run_ends_with_the_same_average(fine_tune, monkeypatch, tmp_path):
    levers = {"averaging": 0.9, "adversarial": 0.5, "weight_perturbation": 0.01, "r_drop": 1.0, "layer_decay": 0.9}
    unbroken = fine_tune("unbroken", **levers)
    install = fit.EpochLines.install
    monkeypatch.setattr(rhythm, "SAVE_SECONDS", 0)
    monkeypatch.setattr(rhythm, "SAVE_SHARE", 0)
    with monkeypatch.context() as patch:
        patch.setattr(
            fit.EpochLines,
            "install",
            lambda trainer, quiet: (install(trainer, quiet=quiet), trainer.add_callback(CutPower())),
        )
        with pytest.raises(InterruptedError, match="power is off"):
            fine_tune("broken", **levers)
    resumed = fine_tune("broken", resume=True, **levers)
    np.testing.assert_array_equal(resumed.validation_logits, unbroken.validation_logits)
    # What is kept is the average of the best epoch, not its weights.
    state = json.loads((checkpoints.last_whole(tmp_path / "broken") / "trainer_state.json").read_text(encoding="utf-8"))
    best = tmp_path / "broken" / f"checkpoint-{state['best_global_step']}"
    kept = resumed.model.head.weight
    assert torch.equal(load_file(best / "average.safetensors")["head.weight"], kept)
    assert not torch.equal(load_file(best / "model.safetensors")["head.weight"], kept)


def test_checkpoints_of_before_there_were_these_settings_are_known(fine_tune, tmp_path):
    fine_tune("old", epochs=1)
    note = tmp_path / "old" / checkpoints.FINGERPRINT_FILE
    assert not {"loss", "averaging", "augment"} & json.loads(note.read_text(encoding="utf-8"))["recipe"].keys()
    with pytest.raises(ConfigError, match=r"another recipe \(averaging\)"):
        fine_tune("old", resume=True, epochs=1, averaging=0.9)
