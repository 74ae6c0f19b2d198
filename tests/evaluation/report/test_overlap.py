import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.evaluation.report.overlap import find_overlap, training_files
from svodka.model_folder import file_digest

RAIN = "Над Тверью второй день льёт холодный осенний дождь, реки поднялись."
RAIN_NEAR = "Над Тверью третий день льёт холодный осенний дождь, реки поднялись."
HEAT = "В Астрахани стоит жара, горожане уехали за реку."


def write(path, *texts):
    path.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
    return path


def model(train=(), validation=(), recipe=(), tuned=()):
    """What a model.json says of its files."""
    listed = {
        split: [{"name": path.name, "rows": 1, "sha256": file_digest(path)} for path in paths]
        for split, paths in (("train", train), ("validation", validation))
    }
    return {"data": listed, "recipe": {"train": list(recipe), "validation": list(tuned)}}


def test_exact_and_near_duplicates_are_told_apart(tmp_path):
    given = write(tmp_path / "train.jsonl", RAIN)
    texts = [RAIN.upper().replace(",", " -"), RAIN_NEAR, HEAT]
    found = find_overlap({}, [], texts, training_files({}, [given]))
    assert (found.content["exact"], found.content["near"], found.rows) == (1, 1, {0, 1})
    assert [pair["similarity"] == 1 for pair in found.content["pairs"]] == [True, False]
    assert found.content["pairs"][1]["training"] == RAIN
    assert found.content["compared"] == [
        {"name": "train.jsonl", "rows": 1, "split": "train", "listed": False, "other_version": False}
    ]
    assert found.content["known"] is False


def test_a_file_that_the_model_learnt_from_is_found_without_its_texts(tmp_path):
    data, tuned = write(tmp_path / "data.jsonl", RAIN), write(tmp_path / "tuned.jsonl", HEAT)
    files = [{"name": str(path), "sha256": file_digest(path)} for path in (data, tuned)]
    found = find_overlap(model([data], [tuned]), files, [RAIN, HEAT], [])
    assert found.content["same_files"] == [
        {"data": str(data), "split": "train", "training": "data.jsonl"},
        {"data": str(tuned), "split": "validation", "training": "tuned.jsonl"},
    ]
    assert found.content["not_compared"] == [
        {"name": "data.jsonl", "rows": 1, "split": "train"},
        {"name": "tuned.jsonl", "rows": 1, "split": "validation"},
    ]
    assert (found.content["compared"], found.content["exact"], found.rows) == ([], 0, frozenset())


def test_a_given_file_that_the_model_lists_is_compared(tmp_path):
    given, missing = write(tmp_path / "mine.jsonl", RAIN), write(tmp_path / "lost.jsonl", HEAT)
    details = model([given, missing])
    found = find_overlap(details, [], [HEAT], training_files(details, [given]))
    assert found.content["compared"][0]["listed"] is True
    assert found.content["not_compared"] == [{"name": "lost.jsonl", "rows": 1, "split": "train"}]


def test_sentences_that_ship_with_svodka_are_compared_if_the_recipe_names_them(tmp_path):
    shipped = Path(str(resources.files("svodka.training") / "data" / "validation.jsonl"))
    first = json.loads(shipped.read_text(encoding="utf-8").splitlines()[0])["text"]
    copy = Path(shutil.copy(shipped, tmp_path))
    details = model([copy], recipe=["builtin:validation.jsonl"])
    (file,) = training_files(details, [])
    assert (file.path.name, file.listed, file.stands_for) == ("validation.jsonl", True, None)
    assert find_overlap(details, [], [first], [file]).content["exact"] == 1


def test_another_version_of_a_shipped_file_stands_for_it(tmp_path):
    older = write(tmp_path / "validation.jsonl", RAIN)
    details = model([older], recipe=["builtin:validation.jsonl"])
    files = training_files(details, [])
    found = find_overlap(details, [], [RAIN], files)
    assert (found.content["compared"][0]["listed"], found.content["compared"][0]["other_version"]) == (False, True)
    assert found.content["not_compared"] == []


def test_sentences_on_which_thresholds_were_fitted_count_too(tmp_path):
    shipped = Path(str(resources.files("svodka.training") / "data" / "validation.jsonl"))
    details = model(validation=[Path(shutil.copy(shipped, tmp_path))], tuned=["builtin:validation.jsonl"])
    (file,) = training_files(details, [])
    assert (file.split, file.listed) == ("validation", True)


def test_a_shipped_file_that_svodka_no_longer_has_is_not_compared(tmp_path):
    details = model([write(tmp_path / "gone.jsonl", RAIN)], recipe=["builtin:gone.jsonl"])
    assert training_files(details, []) == []
    assert find_overlap(details, [], [RAIN], []).content["not_compared"] == [
        {"name": "gone.jsonl", "rows": 1, "split": "train"}
    ]


def test_a_training_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.jsonl: no such file"):
        training_files({}, [tmp_path / "nowhere.jsonl"])


def test_sentences_that_were_mixed_in_or_that_an_earlier_model_learnt_from_are_compared():
    shipped = Path(str(resources.files("svodka.training") / "data" / "validation.jsonl"))
    listed = [{"name": shipped.name, "rows": 479, "sha256": file_digest(shipped)}]
    for data in ({"mixed": listed}, {"earlier": {"train": listed}}):
        (file,) = training_files({"data": data}, [])
        assert (file.path.name, file.split, file.listed) == ("validation.jsonl", "train", True)
