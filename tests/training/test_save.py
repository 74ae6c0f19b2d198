"""The model folder that training writes: whole, plain, loadable without our code, and never half-written."""

import json
import os
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from svodka import Tagger  # noqa: E402
from svodka.cli import main  # noqa: E402
from svodka.engine import Engine  # noqa: E402
from svodka.errors import ConfigError  # noqa: E402
from svodka.model_folder import verify_files  # noqa: E402
from svodka.normalise import normalise  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training import described, export, run_rows  # noqa: E402
from svodka.training.classifier import from_stock  # noqa: E402
from svodka.training.export import ExportError, torch_logits  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402
from svodka.training.run import train  # noqa: E402

TEXTS = ["Ночью «выпал» снег — всё бело.", "Вратарь отбил мяч.", "Хор и оркестр, а за окном дождь.", "Пирог."]


def test_the_folder_is_what_the_design_says(trained_folder):
    assert sorted(path.name for path in trained_folder.iterdir()) == [
        "MANIFEST.json",
        "README.md",
        "config.json",
        "model.json",
        "model.onnx",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    verify_files(trained_folder)


def test_the_config_carries_real_label_names(trained_folder):
    config = json.loads((trained_folder / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["problem_type"] == "multi_label_classification"
    assert config["id2label"] == {"0": "weather", "1": "sport", "2": "music"}


def test_plain_transformers_gives_equal_scores(trained_folder):
    from transformers import pipeline

    classify = pipeline(
        "text-classification", model=str(trained_folder), top_k=None, function_to_apply="sigmoid", device=-1
    )
    tagger = Tagger.load(trained_folder)
    for answer, row in zip(classify(TEXTS), tagger.predict_proba(TEXTS), strict=True):
        scores = {one["label"]: one["score"] for one in answer}
        assert [scores[topic] for topic in tagger.topics] == pytest.approx(row.tolist(), abs=0.01)  # int8 against float


def test_the_float_weights_and_the_stock_class_agree_closely(trained_folder):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(trained_folder)
    stock = AutoModelForSequenceClassification.from_pretrained(trained_folder).eval()
    batch = tokenizer([normalise(text) for text in TEXTS], padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = stock(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        ours = from_stock(str(trained_folder)).eval()(batch["input_ids"], batch["attention_mask"])["logits"]
    torch.testing.assert_close(ours, expected, atol=1e-3, rtol=1e-3)


def test_a_model_that_reads_the_first_token_has_a_whole_folder_too(tiny_settings, topics_file, tmp_path):
    train(make_recipe(tiny_settings | {"pooling": "first"}), load_topics(topics_file), tmp_path / "first", quiet=True)
    test_plain_transformers_gives_equal_scores(tmp_path / "first")
    engine = Engine(tmp_path / "first", max_tokens=32, precision="float32")
    encoded = engine.encode(TEXTS)
    stored = torch_logits(from_stock(str(tmp_path / "first")).eval(), [one.ids for one in encoded])
    np.testing.assert_allclose(engine.logits(encoded, 3), stored, atol=1e-4)
    tagger = Tagger.load(tmp_path / "first")
    alone = [tagger.predict_proba([text])[0] for text in TEXTS]
    np.testing.assert_array_equal(tagger.predict_proba(TEXTS), alone)
    assert "was trained on the first token." in (tmp_path / "first" / "README.md").read_text(encoding="utf-8")


def test_the_folder_tells_where_the_time_went(trained_folder):
    shares = json.loads((trained_folder / "model.json").read_text(encoding="utf-8"))["training"]["shares"]
    assert shares.keys() == {"gradients", "optimizer and batches", "validation", "checkpoints"}
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)


def test_the_card_tells_thresholds_and_figures_of_the_model(trained_folder):
    from huggingface_hub import ModelCard

    card = ModelCard.load(trained_folder / "README.md")
    details = json.loads((trained_folder / "model.json").read_text(encoding="utf-8"))
    figures = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert figures["macro F1"] == details["metrics"]["macro_f1"]
    assert f"{details['thresholds']['sport']:.3f}" in card.text


def test_a_file_that_decides_otherwise_is_not_shipped(tiny_settings, topics_file, tmp_path, monkeypatch):
    whole = export.export_onnx

    def sabotaged(model, path, ids, **kind):
        """Export the model with the sign of its answers turned."""
        with torch.no_grad():
            for weight in model.head.parameters():
                weight.neg_()
        whole(model, path, ids, **kind)
        with torch.no_grad():
            for weight in model.head.parameters():
                weight.neg_()

    monkeypatch.setattr(export, "export_onnx", sabotaged)
    with pytest.raises(ExportError, match="the int8 file decides otherwise than the trained weights"):
        train(make_recipe(tiny_settings | {"epochs": 2}), load_topics(topics_file), tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out.checkpoints"]


def test_a_loss_of_macro_f1_is_refused_too():
    # 995 of 1,000 decisions agree, but the five others were all the positives there are.
    parity = export.Parity(texts=500, agreement=0.995, largest_difference=1.0, macro_f1_float=0.8, macro_f1_int8=0.79)
    with pytest.raises(ExportError, match=r"macro-F1 is 0\.800 with the trained weights and 0\.790 with the int8 file"):
        export._refuse_if_different(parity)


@pytest.mark.usefixtures("any_export_will_do")
def test_a_full_disk_leaves_the_old_model_whole(tiny_settings, topics_file, model_copy, monkeypatch):
    before = {path.name: path.read_bytes() for path in model_copy.iterdir()}

    def full(*_args, **_kwargs):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(described, "write_manifest", full)
    with pytest.raises(OSError, match=r"No space left on device; make room, .*/model"):
        train(make_recipe(tiny_settings | {"epochs": 1}), load_topics(topics_file), model_copy, quiet=True)
    assert {path.name: path.read_bytes() for path in model_copy.iterdir()} == before
    checkpoints = model_copy.with_name("model.checkpoints")
    assert {path.name for path in checkpoints.iterdir()} == {"run.json", "checkpoint-7"}


@pytest.mark.usefixtures("any_export_will_do")
def test_the_card_of_a_resumed_run_says_from_when_its_minutes_count(tiny_settings, topics_file, tmp_path, monkeypatch):
    recipe, topics, out = make_recipe(tiny_settings | {"epochs": 1}), load_topics(topics_file), tmp_path / "out"
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError, match="division by zero"):
        broken.setattr(described, "write_manifest", lambda _folder: 1 / 0)
        train(recipe, topics, out, resume=True, quiet=True)  # nothing to resume yet
    train(recipe, topics, out, resume=True, quiet=True)
    assert json.loads((out / "model.json").read_text(encoding="utf-8"))["resumed"] is True
    assert "counted from where the run was last resumed" in (out / "README.md").read_text(encoding="utf-8")
    train(recipe, topics, out, quiet=True)
    assert "resumed" not in json.loads((out / "model.json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("any_export_will_do")
def test_train_by_the_command_line_then_tag(tiny_settings, topics_file, labelled_files, tmp_path, capsys):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"backbone: {tiny_settings['backbone']}\nbatch_size: 4\nmax_tokens: 32\n", encoding="utf-8")
    out = tmp_path / "model"
    command = ["train", "--config", str(recipe), "--topics", str(topics_file), "--out", str(out), "--quiet"]
    command += ["--data", str(labelled_files["train"]), "--set", "epochs=2", "--set", "validation_share=0.3"]
    assert main(command) == 0
    assert "int8 agrees in" in capsys.readouterr().out
    assert Tagger.load(out).topics == ("weather", "sport", "music")
    details = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert details["data"]["rows"] == {"train": 20, "validation": 8}
    assert not list(tmp_path.glob("*.checkpoints"))


def test_a_model_tells_no_folder_of_whoever_trained_it(trained_folder, labelled_files, tiny_backbone):
    told = (trained_folder / "model.json").read_text(encoding="utf-8")
    assert str(labelled_files["train"].parent) not in told
    assert str(tiny_backbone.parent) not in told
    assert json.loads(told)["recipe"]["train"] == [labelled_files["train"].name]


def test_scores_are_probabilities(trained_folder):
    scores = Tagger.load(trained_folder).predict_proba(TEXTS)
    assert scores.dtype == np.float32
    assert scores.shape == (4, 3)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_wish_for_a_card_does_not_break_the_export(trained_folder, tmp_path, monkeypatch):
    from svodka.training.classifier import from_stock

    for name in ("model.onnx", "tokenizer.json"):  # all that there is when the decisions are compared
        shutil.copy(trained_folder / name, tmp_path)
    monkeypatch.setenv("SVODKA_DEVICE", "cuda")
    thresholds = Tagger.load(trained_folder, device="cpu").thresholds
    model = from_stock(str(trained_folder)).eval()
    parity = export.compare_decisions(model, tmp_path, TEXTS, None, thresholds, 32)
    assert parity.agreement == 1
    assert parity.largest_difference > 1e-3  # it is the 8-bit file that was compared, not the weights with themselves


def test_a_topic_with_few_positives_does_not_decide_about_the_export():
    labels = np.array([[1.0, 1.0]] + [[1.0, 0.0]] * 19 + [[0.0, -1.0]] * 5)
    countable = run_rows._countable(labels)
    assert countable[:, 0].tolist() == labels[:, 0].tolist()  # 20 positives
    assert (countable[:, 1] == -1).all()  # one


EASY_EXITS = {"exits": 0.25}  # six of 24 decisions on the validation rows may turn


@pytest.fixture
def with_exits(tiny_settings, topics_file, tmp_path, monkeypatch):
    """Train the tiny model with exits that may turn many decisions; the export looks at figures that a test gives."""

    def call(*parities):
        told = iter([export.Parity(8, *one, None, None) for one in parities])
        monkeypatch.setattr(export, "compare_decisions", lambda *_args: next(told))
        said = []
        recipe = make_recipe(tiny_settings | {"epochs": 8} | EASY_EXITS)
        train(recipe, load_topics(topics_file), tmp_path / "out", quiet=True, say=said.append)
        assert next(told, None) is None
        return tmp_path / "out", "\n".join(said)

    return call


def test_a_model_with_exits_answers_alike_in_any_company(with_exits):
    out, _ = with_exits((1.0, 0.0), (1.0, 0.0))
    details = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert [(one["layer"], one["sentences"]) for one in details["exits"]] == [(1, 8)]
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "Easy sentences leave the int8 network early: of the 8 sentences" in card
    tagger, patient = Tagger.load(out), Tagger.load(out, early_exits=False)
    together = tagger.predict_proba(TEXTS * 3)
    np.testing.assert_array_equal(together[:4], [tagger.predict_proba([text])[0] for text in TEXTS])
    left = (together[:4] != patient.predict_proba(TEXTS)).any(axis=1)
    assert left.any()


def test_vectors_of_sentences_that_would_leave_are_those_of_the_last_layer(with_exits):
    pytest.importorskip("onnx", reason="needs svodka[train]")
    from svodka.float32 import read_network
    from svodka.training.sentence_vectors import model_encoder

    out, _ = with_exits((1.0, 0.0), (1.0, 0.0))
    vectors = model_encoder(out).encode(TEXTS)
    assert vectors.shape == (4, 32)
    weight, bias = read_network(out)[2]
    whole = Tagger.load(out, early_exits=False).predict_proba(TEXTS)
    assert 1 / (1 + np.exp(-(vectors @ weight.T + bias))) == pytest.approx(whole, abs=1e-4)


def test_exits_that_turn_too_much_stay_out_and_the_run_says_so(with_exits):
    out, said = with_exits((1.0, 0.0), (0.9, 0.0), (1.0, 0.0))
    assert "without exits: with them 90.00% of the decisions would be those of the weights" in said
    details = json.loads((out / "model.json").read_text(encoding="utf-8"))
    assert (details["exits"], details["export_parity"]["agreement"]) == ([], 1.0)
    assert "Easy sentences" not in (out / "README.md").read_text(encoding="utf-8")
    np.testing.assert_array_equal(
        Tagger.load(out).predict_proba(TEXTS), Tagger.load(out, early_exits=False).predict_proba(TEXTS)
    )


def test_a_finished_run_with_other_exits_is_told_how_to_get_them(with_exits, tiny_settings, topics_file):
    out, _ = with_exits((1.0, 0.0), (1.0, 0.0))
    recipe = make_recipe(tiny_settings | {"epochs": 8, "exits": 0.0})
    with pytest.raises(
        ConfigError, match=r"finished model of this run, but with exits: 0\.25; .*reexport .* --exits 0\.0"
    ):
        train(recipe, load_topics(topics_file), out, resume=True, quiet=True)
