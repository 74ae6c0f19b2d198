"""Fine-tuning: order of predictions, repeatability, and what is refused."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import AutoTokenizer  # noqa: E402

from svodka.errors import ConfigError, DataError  # noqa: E402
from svodka.evaluation.metrics import f1_scores  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training import fit  # noqa: E402
from svodka.training.loading import load_dataset_dict  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402
from svodka.training.run import train  # noqa: E402
from svodka.training.tokenised import collate  # noqa: E402


@pytest.fixture
def fine_tune(tiny_settings, topics_file, labelled_files, tmp_path):
    """Fine-tune the tiny model with some settings changed; checkpoints go to `name`."""
    topics = [topic.id for topic in load_topics(topics_file)]
    splits = load_dataset_dict({name: [path] for name, path in labelled_files.items()}, topics)
    tokenizer = AutoTokenizer.from_pretrained(tiny_settings["backbone"])

    def run(name="run", resume=False, **changes):
        recipe = make_recipe(tiny_settings | {"epochs": 3} | changes)
        folder = tmp_path / name
        return fit.fine_tune(recipe, tiny_settings["backbone"], tokenizer, splits, folder, resume=resume, quiet=True)

    run.labels = np.asarray(splits["validation"]["labels"])
    run.folder = tmp_path
    return run


def test_validation_logits_belong_to_the_rows_in_their_order(fine_tune):
    fitted = fine_tune(epochs=12)
    best = max(line["eval_macro_f1"] for line in fitted.history)
    assert best > 0.6
    assert f1_scores(fine_tune.labels, fitted.validation_logits >= 0)[0] == pytest.approx(best)


def test_the_same_seed_gives_the_same_weights(fine_tune):
    first, second = fine_tune("first"), fine_tune("second")
    np.testing.assert_array_equal(first.validation_logits, second.validation_logits)


def test_another_seed_gives_other_weights(fine_tune):
    assert not np.array_equal(fine_tune("a").validation_logits, fine_tune("b", seed=14).validation_logits)


def test_few_rows_are_passed_over_more_often(fine_tune):
    # 28 rows in batches of 4 make 7 steps an epoch; 3 epochs would be 21 steps, 5 epochs are the first to reach 30.
    assert len(fine_tune(least_steps=30).history) == 5
    assert len(fine_tune("enough", least_steps=21).history) == 3


def test_batches_are_padded_to_their_longest_row_only():
    rows = [
        {"input_ids": [0, 7, 2], "labels": np.array([1, 0], dtype=np.float32)},
        {"input_ids": [0, 7, 8, 9, 2], "labels": np.array([0, -1], dtype=np.float32)},
    ]
    batch = collate(1, rows)
    assert batch["input_ids"].tolist() == [[0, 7, 2, 1, 1], [0, 7, 8, 9, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert batch["labels"].tolist() == [[1, 0], [0, -1]]
    assert "vectors" not in batch


def test_a_recipe_without_training_rows_is_told(tiny_settings, topics_file, tmp_path):
    with pytest.raises(ConfigError, match="names no training file; give at least one with --data"):
        train(make_recipe(tiny_settings | {"train": []}), load_topics(topics_file), tmp_path / "out")


def test_a_recipe_without_validation_rows_is_told(tiny_settings, topics_file, tmp_path):
    with pytest.raises(ConfigError, match="has no validation rows"):
        train(make_recipe(tiny_settings | {"validation": []}), load_topics(topics_file), tmp_path / "out")


def test_a_folder_with_other_things_in_it_is_not_replaced(tiny_settings, topics_file, tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(ConfigError, match="is no model folder of svodka"):
        train(make_recipe(tiny_settings), load_topics(topics_file), tmp_path)
    assert (tmp_path / "thesis.docx").is_file()


def test_a_wrong_label_stops_before_any_training(tiny_settings, topics_file, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "1", "text": "Снег.", "topics": ["wether"]}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.jsonl:1.*wether.*did you mean 'weather'"):
        train(make_recipe(tiny_settings), load_topics(topics_file), tmp_path / "out", extra=[bad])
    assert not (tmp_path / "out.checkpoints").exists()
