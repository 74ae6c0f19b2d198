"""What is measured on a graphics card, with a stand-in for the card, and what is said where there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import onnxruntime
import pytest

from svodka.errors import ConfigError
from svodka.evaluation import gpu_check
from svodka.evaluation.gpu_check import main
from svodka.providers import CPU

SENTENCES = 6
DECISIONS = SENTENCES * 3


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    texts = ("Выпал снег. Команда вышла в финал.", "Хор пел. Магазин закрыли.", "Мороз и ветер. Гол забит с пенальти.")
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    return path


@pytest.fixture
def check(pool, trained_folder, tmp_path):
    """Run the script on the tiny model and return what it wrote."""

    def run(*words):
        out = tmp_path / "gpu.json"
        given = [str(pool), "--model", str(trained_folder), "--rounds", "2", "--threads", "1", "--out", str(out)]
        assert main([*given, *words]) == 0
        return json.loads(out.read_text(encoding="utf-8"))

    return run


@pytest.mark.usefixtures("card")
def test_a_card_that_computes_as_the_processor_turns_nothing(check, labelled_files, monkeypatch, capsys):
    monkeypatch.setattr(gpu_check, "graphics_card", lambda: "NVIDIA Stand-in")
    content = check("--labelled", str(labelled_files["validation"]))
    assert content["hardware"]["gpu"] == "NVIDIA Stand-in"
    assert content["model"]["precision"] == "float32"
    assert {way: found["n"] for way, found in content["per_second"].items()} == {
        "cuda": 2, "cpu_float32": 2, "cpu_int8": 2,
    }  # fmt: skip
    assert (content["company"]["texts"], content["company"]["flips"]) == (SENTENCES, 0)
    assert content["company"]["arrangements"][0]["name"] == "1 in a call"
    same, rounded = content["decisions"]["cpu_float32"], content["decisions"]["cpu_int8"]
    assert (same["decisions"], same["flips"], same["largest_difference"]) == (DECISIONS, 0, 0)
    assert rounded["largest_difference"] > 1e-3  # so it was another file that answered
    assert content["judged"]["n"] == 8
    assert content["judged"]["difference"]["cpu_float32"]["value"] == 0
    assert set(content["judged"]["macro_f1"]) == set(content["per_second"])
    assert [file["name"] for kind in content["files"].values() for file in kind] == ["pool.jsonl", "validation.jsonl"]
    assert json.loads(capsys.readouterr().out) == content


@pytest.mark.usefixtures("card")
def test_of_a_pair_the_card_asks_the_last_model_and_the_processor_both(check, pair_folder):
    found = check("--model", str(pair_folder))["decisions"]
    assert found["cpu_float32"]["flips"] == 0
    assert found["cpu_int8"]["flips"] > 0


def test_a_card_that_decides_otherwise_is_found_out(check, card):
    card.changed = lambda logits: -logits
    found = check()["decisions"]["cpu_float32"]
    assert 0 < found["flips"] <= DECISIONS
    assert found["largest_difference"] > 1


def test_a_card_that_minds_the_company_is_found_out(check, card):
    card.changed = lambda logits: logits + 100 * (len(logits) > 1)  # above all thresholds, if not asked about alone
    company = check()["company"]
    flips = {row["name"]: row["flips"] for row in company["arrangements"]}
    assert flips["1 in a call"] > 0
    assert flips["7 in a call"] == 0  # all together, as in the answer that the others are compared with
    assert check()["judged"] is None


def test_where_there_is_no_card_that_is_what_is_said(pool, trained_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])  # of a machine that may have a card
    out = tmp_path / "gpu.json"
    with pytest.raises(ConfigError, match="device 'cuda' cannot be used: this ONNX Runtime is built without CUDA; "):
        main([str(pool), "--model", str(trained_folder), "--out", str(out)])
    printed = capsys.readouterr()
    assert (printed.err, printed.out, out.exists()) == ("", "", False)


@pytest.mark.usefixtures("card")
def test_figures_are_printed_even_if_their_file_is_refused(check, capsys, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(gpu_check, "atomic_write", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*gpu\.json'"):
        check()
    assert json.loads(capsys.readouterr().out)["sentences"] == SENTENCES


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rounds", "0"], "--rounds must be 1 or more, got 0"),
        (["--sentences", "-1"], "--sentences must be 0 or more, got -1"),
        (["--out", "nowhere/gpu.json"], f"--out {Path('nowhere/gpu.json')}: there is no folder 'nowhere'"),
    ],
)
def test_slips(pool, words, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        main([str(pool), *words])
