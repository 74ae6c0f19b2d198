"""Figures of several reports in one file, to publish."""

import json

import pytest
from report_parts import RESULT, SCORE, peer

from svodka.errors import ConfigError, DataError
from svodka.training.published import main, published, read, rows
from svodka.training.readme_figures import filled


def report(*peers, digest="d" * 64, data="ab", train="12", **computed):
    """Return the parts of a report.json that are published, and one that is not."""
    return {
        "date": "2026-11-26T10:00:00+00:00",
        "model": {"digest": digest} | computed,
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


def test_peers_of_several_reports_come_together_and_no_sentence_with_them():
    content = published(
        [report(peer("rules", 0.6)), report(peer("tfidf", 0.7))], [("old", report(digest="e" * 64))], "new"
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
        (
            report(peer("tfidf", 0.7), device="cuda"),
            "is of answers in an untold precision on cuda, the report of .* in an untold precision on cpu",
        ),
        (
            report(peer("tfidf", 0.7), precision="float32", device="cpu"),
            "is of answers in float32 on cpu, .* an untold precision on cpu; measure both with one .*--precision",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(second, message):
    with pytest.raises(DataError, match=message):
        published([report(peer("rules", 0.6)), second], [], "new")


def test_the_file_becomes_a_table(tmp_path):
    path, out = tmp_path / "report.json", tmp_path / "real.json"
    path.write_text(json.dumps(report(peer("rules", 0.6))), encoding="utf-8")
    assert main([str(path), "--other", f"{path}=the old one", "--out", str(out)]) == 0
    text = filled("<!-- figures: real.json -->\n<!-- end of figures -->\n", [tmp_path / "none", tmp_path])
    assert "| **shipped** | 0.800 [0.750, 0.850] |" in text
    assert "| the old one | 0.800" in text
    with pytest.raises(ConfigError, match="expected REPORT=TITLE"):
        main([str(path), "--other", str(path), "--out", str(out)])


@pytest.fixture
def write(tmp_path):
    """Write the content of a report into a file."""
    path = tmp_path / "report.json"

    def written(content):
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return written


def lacking(content, *keys):
    """Return the content without the last of these keys."""
    if len(keys) == 1:
        return {key: value for key, value in content.items() if key != keys[0]}
    return content | {keys[0]: lacking(content[keys[0]], *keys[1:])}


PEER = peer("rules", 0.6)
CLEAN = {"same_files": [], "exact": 0, "near": 0, "without": None}
SAME = {"data": "some/where/dev.jsonl", "split": "train", "training": "train.jsonl"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lacking(report(), "git_commit"), "this has no 'git_commit'"),
        (lacking(report(), "result", "mean_average_precision"), "no 'result.mean_average_precision.value'"),
        (lacking(report(), "overlap", "near"), "this has no 'overlap.near'"),
        (report(lacking(PEER, "settings")), r"this has no 'peers\.\*\.settings'"),
        (report(PEER | {"difference": None}), r"this has no 'peers\.\*\.difference'"),
        (report(PEER) | {"train": None}, r"this has no 'train\.files\.\*\.name'"),
        (report() | {"overlap": CLEAN | {"exact": 1, "without": {"n": 1}}}, r"'overlap\.without\.macro_f1\.value'"),
        # the very file, and both of its sentences
        (
            report() | {"overlap": CLEAN | {"same_files": [SAME]}},
            "dev.jsonl is the very file .* not for publishing",
        ),
        (
            report() | {"overlap": CLEAN | {"exact": 1, "near": 1}},
            "1 word for word, 1 almost, of 2.* not for publish",
        ),
    ],
)
def test_a_report_that_cannot_be_published_is_named(write, content, message):
    with pytest.raises(DataError, match=rf"report\.json: .*{message}"):
        read(write(content))


def test_what_is_not_defined_is_a_dash_and_comes_last(write):
    nothing = {"value": None, "low": None, "high": None}
    unknown = peer("empty", 0.5) | {"difference": nothing | {"p_value": None}}
    unknown["result"] = RESULT | {"macro_f1": nothing}
    found = read(write(report(unknown, PEER)))
    assert rows(published([found], [], "new"))[2:] == [
        ["Rules", "0.600 [0.550, 0.650]", *["0.800 [0.750, 0.850]"] * 2, "20.0 [1.0, 20.0], p = 0.002"],
        ["Empty", "–", *["0.800 [0.750, 0.850]"] * 2, "–"],
    ]


def test_figures_without_the_sentences_that_a_model_has_seen_stand_below_its_own(write):
    rest = {"n": 1, "macro_f1": {"value": 0.5, "low": None, "high": None}, "micro_f1": SCORE}
    found = read(write(report() | {"overlap": CLEAN | {"near": 1, "without": rest}}))
    content = published([report()], [("old", found)], "new")
    assert content["overlap"] == {"exact": 0, "near": 0, "without": None}
    assert content["others"][0]["overlap"] == {"exact": 0, "near": 1, "without": rest}
    assert rows(content)[1:] == [
        ["**new**", *["0.800 [0.750, 0.850]"] * 3, ""],
        ["old", *["0.800 [0.750, 0.850]"] * 3, ""],
        ["the same, sentences new to it only (n = 1)", "0.500", "0.800 [0.750, 0.850]", "–", ""],
    ]


@pytest.mark.parametrize(
    ("titles", "double"), [(("old", "old"), "old"), (("new", "old"), "new"), (("old", "Rules"), "Rules")]
)
def test_two_rows_cannot_have_one_title(titles, double):
    others = [(title, report(digest="e" * 64)) for title in titles]
    with pytest.raises(ConfigError, match=f"two rows would be called '{double}'"):
        published([report(PEER)], others, "new")
