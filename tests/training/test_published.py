"""Figures of several reports in one file, to publish."""

import json

import pytest

from svodka.errors import ConfigError, DataError
from svodka.training.published import main, published, rows
from svodka.training.readme_figures import filled

SCORE = {"value": 0.8, "low": 0.75, "high": 0.85}
RESULT = {"macro_f1": SCORE, "micro_f1": SCORE, "mean_average_precision": SCORE, "topics": [], "units": "sentences"}


def report(*peers, digest="d" * 64, data="ab", train="12"):
    """Return the parts of a report.json that are published, and one that is not."""
    return {
        "date": "2026-11-26T10:00:00+00:00",
        "model": {"digest": digest},
        "data": {"n": 2, "files": [{"name": "some/where/dev.jsonl", "sha256": data * 32, "rows": 2}]},
        "train": {"files": [{"name": "some/where/train.jsonl", "sha256": train * 32, "rows": 9}], "n": 9},
        "result": RESULT,
        "peers": list(peers),
        "examples": {"errors": ["a sentence"]},
        "thresholds_from": {"given": []},
        "speed": {"sentences": 2},
        "overlap": {"same_files": [], "exact": 0, "near": 0, "without": None},
        "versions": {},
        "hardware": {},
        "git_commit": "abc",
    }


def peer(kind, macro_f1):
    behind = {"value": 0.8 - macro_f1, "low": 0.01, "high": 0.2, "p_value": 0.002}
    result = RESULT | {"macro_f1": {"value": macro_f1, "low": macro_f1 - 0.05, "high": macro_f1 + 0.05}}
    about = {
        "kind": kind,
        "title": kind.title(),
        "family": "linear",
        "n_train": 9,
        "train_seconds": 1.0,
        "settings": {},
    }
    return about | {"result": result, "difference": behind}


def test_peers_of_several_reports_come_together_and_no_sentence_with_them():
    content = published(
        [report(peer("rules", 0.6)), report(peer("tfidf", 0.7))], {"old": report(digest="e" * 64)}, "new"
    )
    assert [one["kind"] for one in content["peers"]] == ["rules", "tfidf"]
    assert content["data"][0]["name"] == "dev.jsonl"
    assert content["train"][0]["name"] == "train.jsonl"
    assert "a sentence" not in json.dumps(content)
    assert rows(content)[1:] == [
        ["**new**", *["0.800 [0.750, 0.850]"] * 3, ""],
        ["Tfidf", "0.700 [0.650, 0.750]", *["0.800 [0.750, 0.850]"] * 2, "10.0 [1.0, 20.0], p = 0.002"],
        ["Rules", "0.600 [0.550, 0.650]", *["0.800 [0.750, 0.850]"] * 2, "20.0 [1.0, 20.0], p = 0.002"],
        ["old", *["0.800 [0.750, 0.850]"] * 3, ""],
    ]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (report(data="cd"), "is on other files"),
        (report(digest="e" * 64), "is about another model .* give it with --other"),
        (report(peer("tfidf", 0.7), train="34"), "learned from different files"),
        (report(peer("rules", 0.7)), "the peer 'rules' stands in two reports"),
    ],
)
def test_what_does_not_go_together_is_refused(second, message):
    with pytest.raises(DataError, match=message):
        published([report(peer("rules", 0.6)), second], {}, "new")


def test_the_file_becomes_a_table(tmp_path):
    path, out = tmp_path / "report.json", tmp_path / "real.json"
    path.write_text(json.dumps(report(peer("rules", 0.6))), encoding="utf-8")
    assert main([str(path), "--other", f"{path}=the old one", "--out", str(out)]) == 0
    text = filled("<!-- figures: real.json -->\n<!-- end of figures -->\n", [tmp_path / "none", tmp_path])
    assert "| **shipped** | 0.800 [0.750, 0.850] |" in text
    assert "| the old one | 0.800" in text
    with pytest.raises(ConfigError, match="expected REPORT=TITLE"):
        main([str(path), "--other", str(path), "--out", str(out)])
