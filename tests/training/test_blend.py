"""Averaging the weights of models that went on from one another."""

import json
import shutil

import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from safetensors.torch import load_file, save_file

from svodka import Tagger
from svodka.errors import ConfigError
from svodka.model_folder import verify_files, write_manifest
from svodka.training.blend import blend, main
from svodka.training.recipe import make_recipe

WEIGHTS = "model.safetensors"


@pytest.fixture
def other_folder(trained_folder, tmp_path):
    """The tiny model with all weights a tenth greater, and thresholds that nobody would choose."""
    folder = shutil.copytree(trained_folder, tmp_path / "other")
    weights = load_file(folder / WEIGHTS)
    save_file({name: weight * 1.1 for name, weight in weights.items()}, folder / WEIGHTS, metadata={"format": "pt"})
    details = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    details["thresholds"] = dict.fromkeys(details["thresholds"], 0.987)
    (folder / "model.json").write_text(json.dumps(details), encoding="utf-8")
    write_manifest(folder)
    return folder


@pytest.mark.usefixtures("any_export_will_do")
def test_the_average_lies_between_the_models(trained_folder, other_folder, tiny_settings, tmp_path):
    out = tmp_path / "average"
    blend([trained_folder, other_folder], [0.75, 0.25], make_recipe(tiny_settings), [], out)
    verify_files(out)
    name = "bert.embeddings.word_embeddings.weight"
    first, second, average = (
        load_file(folder / WEIGHTS)[name].float() for folder in (trained_folder, other_folder, out)
    )
    assert ((0.75 * first + 0.25 * second - average).abs() < 2e-3 * first.abs().max()).all()
    info = Tagger.load(out).info
    assert [(one["name"], one["share"]) for one in info.details["blended"]] == [("tiny", 0.75), ("other", 0.25)]
    assert "run" not in info.details  # no run made the average, so none can go on from here
    assert 0.987 not in info.thresholds.values()  # the average has its own
    assert "0.75 of tiny" in (out / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("any_export_will_do")
def test_a_model_blended_with_itself_answers_as_before(trained_folder, tiny_settings, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps(tiny_settings, default=str), encoding="utf-8")
    models = [str(trained_folder), str(trained_folder)]
    assert main([*models, "--shares", "0.5", "0.5", "--config", str(recipe), "--out", str(tmp_path / "same")]) == 0
    texts = ["Ночью выпал снег.", "Команда забила гол."]
    old, new = (
        Tagger.load(folder, precision="float32").predict(texts) for folder in (trained_folder, tmp_path / "same")
    )
    assert any(one.topics for one in old)
    assert [one.topics for one in new] == [one.topics for one in old]
    first, second = (load_file(folder / WEIGHTS) for folder in (trained_folder, tmp_path / "same"))
    name = "bert.embeddings.word_embeddings.weight"
    assert (first[name] == second[name]).all()


@pytest.mark.usefixtures("any_export_will_do")
def test_the_average_of_pairs_has_no_quick_model(pair_folder, tiny_settings, tmp_path):
    out = tmp_path / "average"
    blend([pair_folder, pair_folder], [0.5, 0.5], make_recipe(tiny_settings), [], out)
    verify_files(out)
    assert "cascade" not in Tagger.load(out).info.details
    assert not list(out.glob("quick_*"))


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([1.0], "two or more models and a share for each are needed, got 2 and 1"),
        ([0.5, 0.6], r"shares must be above 0 and 1 together, got 0.5 \+ 0.6"),
        ([1.5, -0.5], r"shares must be above 0 and 1 together, got 1.5 \+ -0.5"),
    ],
)
def test_shares_that_do_not_go_together(shares, message, trained_folder, tiny_settings, tmp_path):
    with pytest.raises(ConfigError, match=message):
        blend([trained_folder, trained_folder], shares, make_recipe(tiny_settings), [], tmp_path / "out")


def test_a_recipe_for_trials_is_that_of_no_model(trained_folder, tiny_settings, tmp_path):
    recipe = make_recipe(tiny_settings | {"topic_input": "titles"})
    with pytest.raises(ConfigError, match="topic_input: 'titles' is for trials only"):
        blend([trained_folder, trained_folder], [0.5, 0.5], recipe, [], tmp_path / "out")


def test_another_vocabulary_is_another_line(trained_folder, other_folder, tiny_settings, tmp_path):
    with (other_folder / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    write_manifest(other_folder)
    with pytest.raises(ConfigError, match=r"other has another vocabulary than .*tiny; only models of one line"):
        blend([other_folder, trained_folder], [0.5, 0.5], make_recipe(tiny_settings), [], tmp_path / "out")


def test_other_topics_are_another_line(trained_folder, other_folder, tiny_settings, tmp_path):
    details = json.loads((other_folder / "model.json").read_text(encoding="utf-8"))
    details["topics"].reverse()
    (other_folder / "model.json").write_text(json.dumps(details), encoding="utf-8")
    write_manifest(other_folder)
    with pytest.raises(ConfigError, match=r"other has other topics, or another order of them, than .*tiny"):
        blend([other_folder, trained_folder], [0.5, 0.5], make_recipe(tiny_settings), [], tmp_path / "out")


def test_a_head_that_reads_another_vector_is_of_another_line(trained_folder, other_folder, tiny_settings, tmp_path):
    path = other_folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"svodka_pooling": "passing_layer"}
    path.write_text(json.dumps(config), encoding="utf-8")
    write_manifest(other_folder)
    with pytest.raises(ConfigError, match=r"other has another pooling than .*tiny; only models of one line"):
        blend([other_folder, trained_folder], [0.5, 0.5], make_recipe(tiny_settings), [], tmp_path / "out")


def test_another_shape_is_another_line(trained_folder, other_folder, tiny_settings, tmp_path):
    config = json.loads((other_folder / "config.json").read_text(encoding="utf-8"))
    config["num_hidden_layers"] += 1
    (other_folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    weights = load_file(other_folder / WEIGHTS)
    last = f"layer.{config['num_hidden_layers'] - 2}."
    more = {
        name.replace(last, f"layer.{config['num_hidden_layers'] - 1}."): weight.clone()
        for name, weight in weights.items()
    }
    save_file(weights | more, other_folder / WEIGHTS, metadata={"format": "pt"})
    write_manifest(other_folder)
    with pytest.raises(ConfigError, match=r"other has another shape than .*tiny; only models of one line"):
        blend([other_folder, trained_folder], [0.5, 0.5], make_recipe(tiny_settings), [], tmp_path / "out")


def test_rows_that_the_last_run_did_not_hold_out_are_refused(trained_folder, tiny_settings, tmp_path):
    data = tmp_path / "more.jsonl"
    topic = Tagger.load(trained_folder).topics[0]
    rows = [{"text": f"Сообщение номер {n}.", "topics": [topic]} for n in range(20)]
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    recipe = make_recipe(tiny_settings | {"validation_share": 0.5})
    with pytest.raises(ConfigError, match=r"tiny was tuned on \d+ rows, but recipe and files hold out \d+: give those"):
        blend([trained_folder, trained_folder], [0.5, 0.5], recipe, [data], tmp_path / "out")


def test_an_old_folder_is_not_replaced(trained_folder, tiny_settings, tmp_path):
    with pytest.raises(ConfigError, match="exists; give another --out"):
        blend([trained_folder, trained_folder], [0.5, 0.5], make_recipe(tiny_settings), [], tmp_path)
