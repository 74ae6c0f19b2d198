"""Recipes: what is refused, and how the slip is named."""

import pytest

from svodka.errors import ConfigError
from svodka.training.recipe import Recipe, builtin_recipes, load_recipe, make_recipe, resolve_files


def test_builtin_recipes_load():
    assert set(builtin_recipes()) >= {"open", "own", "shipped"}
    for name in builtin_recipes():
        assert load_recipe(name).name == name


def test_the_command_line_changes_a_recipe_by_the_same_door():
    assert load_recipe("open", {"epochs": 2}).epochs == 2
    with pytest.raises(ConfigError, match="unknown setting 'epoch'; did you mean 'epochs'"):
        load_recipe("open", {"epoch": 2})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs must be above 0, got 0"),
        ({"epochs": 2.5}, "epochs must be a whole number, got 2.5"),
        ({"epochs": True}, "epochs must be a whole number, got True"),
        ({"learning_rate": "1e-4"}, "write 1.0e-4, not 1e-4"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0"),
        ({"dropout": 1.0}, "dropout must be from 0 to below 1"),
        ({"validation_share": -0.1}, "validation_share must be from 0 to below 1"),
        ({"least_steps": -1}, "least_steps must be 0 or more, got -1"),
        ({"mix": -0.5}, "mix must be 0 or more, got -0.5"),
        ({"start": 3}, "start must be text or null, got 3"),
        ({"max_tokens": 1024}, "max_tokens must be from 8 to 512"),
        ({"train": "data.jsonl"}, "train must be a list of file names"),
        ({"train": [3]}, "got 3 in it"),
        ({"layer_decay": 0.0}, "layer_decay must be above 0, got 0.0"),
        ({"layer_decay": 1.1}, "layer_decay must be at most 1, got 1.1"),
        ({"dropout_samples": 0}, "dropout_samples must be above 0, got 0"),
        ({"r_drop": -1.0}, "r_drop must be 0 or more, got -1.0"),
        ({"adversarial": -0.5}, "adversarial must be 0 or more, got -0.5"),
        ({"weight_perturbation": -0.1}, "weight_perturbation must be 0 or more, got -0.1"),
        ({"vectors": -1.0}, "vectors must be 0 or more, got -1.0"),
        ({"averaging": 1.0}, "averaging must be from 0 to below 1, got 1.0"),
        ({"loss": "focl"}, r"loss knows bce, focal, asymmetric, got 'focl'; did you mean 'focal'\?"),
        ({"pooling": "last"}, "pooling knows mean, first, got 'last'"),
        ({"augment": "case"}, "augment must be a list of kinds of copies, got 'case'"),
        (
            {"augment": ["case", "slip"]},
            r"augment knows case, slips, quotes, clauses, joined, got 'slip'; did you mean 'slips'\?",
        ),
        ({"augment": ["case", "case"]}, "augment has 'case' twice"),
        ({"pretraining": "mask"}, r"pretraining knows none, masked, contrastive, got 'mask'; did you mean 'masked'\?"),
        ({"pretraining_steps": 0}, "pretraining_steps must be above 0, got 0"),
        (
            {"pretraining": "masked", "pretraining_texts": [3]},
            "pretraining_texts must be a list of file names, got 3 in it",
        ),
        ({"pretraining_texts": ["news.jsonl"]}, "pretraining_texts are read with pretraining: masked, got 'none'"),
        ({"head_start": "definition"}, "head_start knows random, definitions, got 'definition'"),
        ({"bakbone": "x"}, "did you mean 'backbone'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        make_recipe(settings)


def test_a_run_is_known_by_the_settings_that_it_uses():
    # Checkpoints and models of before there was `averaging` do not name it.
    assert "averaging" in make_recipe({}).to_dict()
    assert "averaging" not in make_recipe({"averaging": 0}).fingerprint()
    assert make_recipe({"averaging": 0.9}).fingerprint() == make_recipe({}).fingerprint() | {"averaging": 0.9}
    assert {"epochs", "seed", "positive_weight"} <= make_recipe({}).fingerprint().keys()


def test_a_recipe_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("backbone: some/folder\nepochs: 3\n", encoding="utf-8")
    assert load_recipe(str(path)) == Recipe(name="mine", backbone="some/folder", epochs=3)


def test_a_missing_recipe_names_the_known_ones():
    with pytest.raises(ConfigError, match=r"no recipe 'oepn'.*open, own, rubert.*did you mean 'open'"):
        load_recipe("oepn")


def test_broken_yaml_is_told(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("epochs: [3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.yaml: not YAML"):
        load_recipe(str(path))


def test_files_that_come_with_svodka():
    assert resolve_files(("builtin:train.jsonl", "mine.jsonl"))[0].is_file()
    with pytest.raises(ConfigError, match=r"did you mean 'builtin:train\.jsonl'"):
        resolve_files(("builtin:tran.jsonl",))
