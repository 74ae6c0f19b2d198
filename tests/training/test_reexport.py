"""Writing a folder's int8 file anew from its weights."""

import json

import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka import Tagger
from svodka.errors import ConfigError
from svodka.model_folder import CASCADE_KEY, QUICK_FILES, verify_files
from svodka.training.reexport import main, reexport

TEXTS = ["Ночью выпал снег.", "Команда забила гол.", "Хор спел вальс.", "Цены на хлеб не изменились."]


def test_the_new_folder_is_whole_and_answers_alike(trained_folder, tmp_path, capsys):
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in TEXTS), encoding="utf-8")
    out = tmp_path / "new"
    assert main([str(trained_folder), "--texts", str(texts), "--out", str(out)]) == 0
    assert "int8 agrees with the weights in " in capsys.readouterr().out
    verify_files(out)
    old, new = Tagger.load(trained_folder), Tagger.load(out)
    assert [p.topics for p in new.predict(TEXTS)] == [p.topics for p in old.predict(TEXTS)]
    assert new.info.details["export_parity"]["texts"] == 2


def test_a_quick_model_is_left_out(pair_folder, tmp_path):
    reexport(pair_folder, TEXTS, tmp_path / "new")
    verify_files(tmp_path / "new")
    assert CASCADE_KEY not in Tagger.load(tmp_path / "new").info.details
    assert not any((tmp_path / "new" / name).exists() for name in QUICK_FILES)


def test_an_old_folder_is_not_replaced(trained_folder, tmp_path):
    with pytest.raises(ConfigError, match="exists; give another --out"):
        reexport(trained_folder, TEXTS, tmp_path)


def test_one_text_is_not_enough(trained_folder, tmp_path):
    with pytest.raises(ConfigError, match="two texts or more are needed, got 1"):
        reexport(trained_folder, TEXTS[:1], tmp_path / "new")


@pytest.mark.parametrize("exits", [-0.1, 1.0, float("nan")])
def test_a_share_of_exits_that_is_none(trained_folder, tmp_path, exits):
    with pytest.raises(ConfigError, match="exits must be from 0 to below 1"):
        reexport(trained_folder, TEXTS, tmp_path / "new", exits)


def test_exits_are_put_in_and_taken_out_again(trained_folder, tmp_path, monkeypatch):
    from svodka.training import export

    monkeypatch.setattr(export, "compare_decisions", lambda *_args: export.Parity(8, 1.0, 0.0, None, None))
    reexport(trained_folder, TEXTS * 5, tmp_path / "with", 0.5)  # 6 of 12 decisions may turn
    assert [one["layer"] for one in Tagger.load(tmp_path / "with").info.details["exits"]] == [1]
    reexport(tmp_path / "with", TEXTS * 5, tmp_path / "without", 0.0)
    assert Tagger.load(tmp_path / "without").info.details["exits"] == []
    assert Tagger.load(tmp_path / "without").info.details["recipe"]["exits"] == 0.0
