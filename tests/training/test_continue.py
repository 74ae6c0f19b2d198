"""Going on from a trained model: what it knows is kept by topic id, new topics are learnt, dropped ones go."""

import json
import math

import pytest
import yaml

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from svodka import Tagger  # noqa: E402
from svodka.cli import main  # noqa: E402
from svodka.errors import ConfigError, ModelFilesError  # noqa: E402
from svodka.model_folder import verify_files, write_manifest  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.trained_on import learnt_from  # noqa: E402
from svodka.training.classifier import SentenceClassifier, copy_head, from_stock, load_encoder  # noqa: E402
from svodka.training.recipe import load_recipe, own_data_folder  # noqa: E402
from svodka.training.splits import joined, load_parts  # noqa: E402
from svodka.training.start import load_start  # noqa: E402

# `music` comes first and under another name, `sport` is gone, `kitchen` is new.
TOPICS = """\
version: 1
topics:
  - {id: concerts, was: music, title_ru: Концерты, title_en: Concerts, definition_ru: О них., definition_en: On them.}
  - {id: kitchen, title_ru: Кухня, title_en: Kitchen, definition_ru: О кухне., definition_en: About the kitchen.}
  - {id: weather, title_ru: Погода, title_en: Weather, definition_ru: О погоде., definition_en: About the weather.}
"""
ROWS = [
    ("kitchen", "Бабушка испекла пирог."),
    ("kitchen", "Пирог с капустой остыл."),
    ("kitchen", "Повар сварил капусту."),
    ("kitchen", "К вечеру испекли хлеб."),
    ("kitchen weather", "Ночью выпал снег, а пирог остыл."),
    ("music", "Хор пел без дирижёра."),
    ("concerts", "Оркестр играл вальс."),
    ("weather sport", "Матч отменили: дождь."),
    ("weather", "Мороз и снег с ветром."),
    ("", "Поезд опоздал на час."),
    ("", "Школа купила парты."),
    ("", "Совет принял смету."),
]


@pytest.fixture
def topics_of_the_owner(tmp_path):
    path = tmp_path / "topics.yaml"
    path.write_text(TOPICS, encoding="utf-8")
    return path


@pytest.fixture
def rows_of_the_owner(tmp_path):
    path = tmp_path / "mine.jsonl"
    lines = [json.dumps({"text": text, "topics": topics.split()}, ensure_ascii=False) for topics, text in ROWS]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.yaml"
    settings = {"validation_share": 0.25, "epochs": 12, "batch_size": 3, "learning_rate": 0.002, "max_tokens": 32}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def test_topics_of_the_earlier_model_begin_with_what_it_knows(trained_folder):
    torch.manual_seed(0)
    folder = str(trained_folder)
    model = SentenceClassifier(load_encoder(folder), 3)
    fresh = model.head.weight[1].clone()
    copy_head(model, folder, [2, None, 0])
    earlier = from_stock(folder).head
    torch.testing.assert_close(model.head.weight[0], earlier.weight[2])
    torch.testing.assert_close(model.head.weight[1], fresh)
    torch.testing.assert_close(model.head.bias[2], earlier.bias[0])


def test_rows_of_the_head_are_found_by_id_or_by_the_earlier_one(trained_folder, topics_of_the_owner):
    start = load_start(str(trained_folder))
    topics = load_topics(topics_of_the_owner)
    assert start.head_rows(topics) == [2, None, 0]
    music, kitchen, weather = start.thresholds(topics)
    assert (music, weather) == (start.info.thresholds["music"], start.info.thresholds["weather"])
    assert math.isnan(kitchen)  # the earlier model has none for it


def test_a_new_list_of_topics_is_enough(
    trained_folder, topics_of_the_owner, rows_of_the_owner, recipe, tmp_path, capsys
):
    out = tmp_path / "new"
    command = ["train", "--from", str(trained_folder), "--config", str(recipe), "--topics", str(topics_of_the_owner)]
    assert main([*command, "--data", str(rows_of_the_owner), "--out", str(out)]) == 0
    told = capsys.readouterr().err
    for line in ("concerts  renamed, was music", "kitchen   new", "weather   kept", "sport     dropped"):
        assert line in told
    assert "new data, held-out rows" in told
    verify_files(out)
    tagger = Tagger.load(out)
    assert tagger.topics == ("concerts", "kitchen", "weather")
    scores = tagger.predict("К утру выпал снег.").scores
    assert max(scores, key=scores.get) == "weather"  # nothing of it in the new rows but one half-sentence
    assert [topic.was for topic in tagger.titles] == ["music", None, None]  # for files labelled before
    start = tagger.info.details["start"]
    assert start["name"] == "tiny"
    assert start["topics"] == {"concerts": "renamed", "kitchen": "new", "weather": "kept", "sport": "dropped"}
    assert {tuple(one["topics"]) for one in start["figures"]} <= {("concerts", "weather"), ("weather",), ("kitchen",)}


@pytest.mark.usefixtures("any_export_will_do")
def test_the_new_model_remembers_what_the_earlier_one_learnt_from(
    trained_folder, topics_of_the_owner, rows_of_the_owner, recipe, tmp_path
):
    out = tmp_path / "new"
    command = ["train", "--from", str(trained_folder), "--config", str(recipe), "--topics", str(topics_of_the_owner)]
    command += ["--set", "epochs=1", "--quiet", "--data", str(rows_of_the_owner), "--out"]
    assert main([*command, str(out)]) == 0
    info = load_start(str(out)).info
    earlier = load_start(str(trained_folder)).info.details["data"]["train"][0]
    assert learnt_from(info, [earlier]) == ["train.jsonl"]
    assert load_start(str(out)).files_used()["train"][-1] == earlier
    assert "Went on from the model `tiny`" in (out / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("any_export_will_do")
def test_a_finished_run_is_not_done_again(trained_folder, labelled_files, recipe, topics_file, tmp_path, capsys):
    command = ["train", "--from", str(trained_folder), "--config", str(recipe), "--topics", str(topics_file)]
    command += ["--set", "epochs=1", "--data", str(labelled_files["train"]), "--out", str(tmp_path / "new")]
    assert main([*command, "--quiet"]) == 0
    first = capsys.readouterr().out
    made = (tmp_path / "new" / "model.json").stat().st_mtime_ns
    assert main([*command, "--resume"]) == 0
    printed = capsys.readouterr()
    assert "is the finished model of this very run" in printed.err
    assert printed.out == first
    assert (tmp_path / "new" / "model.json").stat().st_mtime_ns == made


def test_the_model_that_a_run_goes_on_from_is_not_replaced(model_copy, topics_file):
    with pytest.raises(ConfigError, match=r"would replace .*model, which it goes on from; give another --out"):
        load_start(str(model_copy), model_copy)
    command = ["train", "--from", str(model_copy), "--topics", str(topics_file), "--out", str(model_copy)]
    assert main(command) == 2


def test_a_model_without_a_name_is_no_bare_encoder(tmp_path, capsys):
    assert main(["train", "--from", "", "--out", str(tmp_path / "out")]) == 2
    assert "expected a model folder, got ''" in capsys.readouterr().err


def test_a_run_goes_on_with_what_the_head_reads(model_copy, topics_file, recipe, capsys):
    path = model_copy / "model.json"
    details = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(details | {"recipe": details["recipe"] | {"pooling": "first"}}), encoding="utf-8")
    write_manifest(model_copy)
    command = ["train", "--from", str(model_copy), "--config", str(recipe), "--topics", str(topics_file)]
    assert main([*command, "--out", str(model_copy.parent / "next")]) == 2
    told = capsys.readouterr().err
    assert "pooling: 'mean', but the head of model reads the first; --set pooling=first goes on with it" in told


def test_a_damaged_model_is_no_beginning(model_copy):
    weights = model_copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ModelFilesError, match="cut short or edited"):
        load_start(str(model_copy))


def test_own_sentences_are_mixed_in(rows_of_the_owner):
    recipe = load_recipe("continue", {"mix": 2, "validation_share": 0.25})
    topics = load_topics()
    known = ["kitchen", "weather", "music", "concerts", "sport"]  # dropped topics of some earlier model
    parts = load_parts(recipe, topics, [rows_of_the_owner], known)
    assert {name: len(rows) for name, rows in parts.items() if name != "validation"} == {
        "given": 9, "held": 3, "mixed": 18,
    }  # fmt: skip
    assert len(joined(parts)["train"]) == 27


def test_own_sentences_that_were_judged_for_no_topic_stay_out(rows_of_the_owner, topics_of_the_owner):
    topics = load_topics(topics_of_the_owner)
    parts = load_parts(load_recipe("continue"), topics, [rows_of_the_owner], ["music", "sport"])
    assert set(parts) == {"given", "held"}
    with pytest.raises(ConfigError, match="own sentences were judged for none of these topics"):
        load_parts(load_recipe("continue", {"mix": 1}), topics, [rows_of_the_owner])


def test_mixing_in_what_is_learnt_anyway_is_refused():
    with pytest.raises(ConfigError, match="the recipe 'open' learns from all of svodka's own sentences anyway"):
        load_parts(load_recipe("open", {"mix": 1}), load_topics(), [])


def test_the_command_line_chooses_the_recipe(monkeypatch, tmp_path):
    chosen = []
    monkeypatch.setattr("svodka.training.run.train", lambda recipe, *_args, **_kwargs: chosen.append(recipe))
    for options in ([], ["--from", "shipped"], ["--from", "my-model", "--mix"], ["--config", "own", "--mix", "0.5"]):
        with pytest.raises(AttributeError, match="NoneType"):  # there is no outcome to print
            main(["train", *options, "--out", str(tmp_path / "out")])
    assert [(one.name, one.start, one.mix) for one in chosen] == [
        ("open", None, 0.0),
        ("continue", "shipped", 0.0),
        ("continue", "my-model", 3.0),
        ("own", None, 0.5),
    ]


def test_own_files_are_where_the_recipes_look_for_them():
    assert (own_data_folder() / "validation.jsonl").is_file()
