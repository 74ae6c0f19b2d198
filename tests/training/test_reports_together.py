"""Reports of one model on the same sentences, put together."""

import pytest
from report_parts import SCORE, peer

from svodka.errors import DataError
from svodka.training.card_measured import measured_section
from svodka.training.reports_together import check_peers, put_together


def report(*peers, macro_f1=0.8, data="dev", train="12", **computed):
    """Return what is read of a report that measured peers."""
    scores = {"macro_f1": SCORE | {"value": macro_f1}, "micro_f1": SCORE, "units": "sentences", "topics": []}
    return {
        "date": "2026-11-26T10:00:00+00:00",
        "model": {"digest": "d" * 64, "precision": "int8"} | computed,
        "data": {"n": 2, "files": [{"name": f"{data}.jsonl", "sha256": data * 20, "rows": 2}]},
        "train": {"files": [{"name": "train.jsonl", "sha256": train * 32}]},
        "result": scores,
        "peers": list(peers),
        "overlap": {"same_files": [], "exact": 0, "near": 0, "without": None},
        "speed": {"sentences": 2},
    }


def test_peers_of_reports_on_the_same_files_stand_in_one_table():
    reports = put_together([report(peer("tfidf")), report(data="test"), report(peer("setfit"), macro_f1=0.1)])
    assert [[one["kind"] for one in each["peers"]] for each in reports] == [["tfidf", "setfit"], []]
    section = measured_section(reports)
    assert section.count("labelled sentences of dev.jsonl") == 1
    assert "| macro F1 | 0.800 |" in section  # the first report's, not the last one's
    assert section.index("| Tfidf |") < section.index("| Setfit |") < section.index("sentences of test.jsonl")


@pytest.mark.parametrize("others", [("int8", "float32"), (None, "float32"), ("int8", None)])
def test_another_precision_is_another_report(others):
    assert len(put_together([report(precision=others[0]), report(peer("tfidf"), precision=others[1])])) == 2


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ({"device": "cpu"}, {"device": "cuda"}, False),
        ({"device": "cpu"}, {"device": "cpu"}, True),
        ({"device": "cpu"}, {}, True),  # reports from before told no device
        ({}, {"device": "cuda"}, False),
    ],
)
def test_another_device_is_another_report(first, second, together):
    float32 = {"precision": "float32"}
    reports = [report(**float32, **first), report(peer("tfidf"), **float32, **second)]
    assert len(put_together(reports)) == (1 if together else 2)


def test_the_order_of_precisions_does_not_matter():
    reports = [report(peer(f"{name}-peer"), precision=name) for name in ("int8", None, "float32", "int8")]
    reports[-1] = report(peer("setfit"))
    assert [[one["kind"] for one in each["peers"]] for each in put_together(reports)] == [
        ["int8-peer", "setfit"],
        ["None-peer"],
        ["float32-peer"],
    ]


def test_a_further_report_without_peers_keeps_its_section():
    first, second = put_together([report(), report(macro_f1=0.1)])
    section = measured_section([first, second])
    assert "| macro F1 | 0.800 |" in section
    assert "| macro F1 | 0.100 |" in section


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (report(peer("tfidf")), "the peer 'tfidf' stands in two reports"),
        (report(peer("setfit"), train="34"), "learned from different files; a table of them would compare nothing"),
    ],
)
def test_peers_that_do_not_go_together(second, message):
    with pytest.raises(DataError, match=message):
        put_together([report(peer("tfidf")), second])


def test_a_report_whose_peers_lack_something_is_refused(tmp_path):
    lacking = {key: value for key, value in peer("tfidf").items() if key != "n_train"}
    with pytest.raises(DataError, match=r"report\.json: expected .*; this has no 'peers\.\*\.n_train'"):
        check_peers(tmp_path / "report.json", report(lacking))
    check_peers(tmp_path / "report.json", {})
