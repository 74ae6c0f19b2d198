"""Behaviour tests with a tagger of three keyword rules: what fails, how it is counted and shown."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from svodka.cli import main, tag
from svodka.evaluation.behaviour import failure_rate, run_behaviour
from svodka.evaluation.behaviour_table import render_behaviour
from svodka.evaluation.results import CapabilityResult, CaseFailure, Unmet
from svodka.evaluation.suites import Case, Expectation, Suite
from svodka.results import Prediction
from svodka.source import ModelSource
from svodka.topics import Topic

KEYWORDS = {"rain": "дожд", "heat": "жар", "wind": "вет"}
TITLE = {"ru": "Ливни", "en": "Showers"}


class KeywordTagger:
    """Gives 0.9 to a topic whose keyword stands in the text, otherwise 0.1; a second keyword adds 0.05."""

    topics = tuple(KEYWORDS)
    thresholds = dict.fromkeys(KEYWORDS, 0.5)
    titles = tuple(Topic(topic, topic, topic, topic, topic) for topic in topics)
    info = SimpleNamespace(digest="d1e5", details={})
    source = ModelSource("shipped", Path("weights"))
    precision, device = "int8", "cpu"

    def stream(self, texts):
        for text in texts:
            counts = {topic: text.lower().count(word) for topic, word in KEYWORDS.items()}
            scores = {topic: min(1.0, 0.85 + 0.05 * n) if n else 0.1 for topic, n in counts.items()}
            yield Prediction(text, tuple(topic for topic in self.topics if scores[topic] >= 0.5), scores, False)


def suite(kind, *cases, name="showers"):
    return Suite(name, kind, TITLE, tuple(cases))


def failure(text, changed=None, **expect):
    """Run one case; return what was expected and what came, as the table says it."""
    cases = suite("INV" if changed else "MFT", Case("c", text, changed, Expectation(**expect)))
    results = run_behaviour(KeywordTagger(), KeywordTagger.thresholds, [cases])
    if not results[0].failures:
        return None
    line = next(line for line in render_behaviour(results).splitlines() if line.startswith("    expected "))
    return tuple(line.removeprefix("    expected ").split("; got "))


@pytest.mark.parametrize(
    ("text", "expect", "outcome"),
    [
        ("Дождь.", {"topics": ("rain",)}, None),
        ("Дождь и ветер.", {"topics": ("wind", "rain")}, None),  # in any order
        ("Ясно.", {"topics": ()}, None),
        ("Дождь и ветер.", {"topics": ("rain",)}, ("exactly rain", "rain 0.90, wind 0.90")),
        ("Дождь.", {"topics": ()}, ("exactly no topic", "rain 0.90")),
        ("Дождь и ветер.", {"has": ("rain",)}, None),
        ("Ясно.", {"has": ("rain", "wind")}, ("has rain, wind", "no topic")),
        ("Дождь.", {"has": ("rain", "wind")}, ("has wind", "rain 0.90")),
        ("Дождь.", {"has": ("heat",), "has_not": ("rain",)}, ("has heat; has not rain", "rain 0.90")),
    ],
)
def test_minimum_functionality(text, expect, outcome):
    assert failure(text, **expect) == outcome


@pytest.mark.parametrize(
    ("text", "changed", "expect", "outcome"),
    [
        ("Дождь.", "ДОЖДЬ.", {}, None),
        ("Льёт.", "Лило.", {}, None),  # invariance asks for the same, not for the right topics
        ("Дождь.", "Дощь.", {}, ("the same topics", "rain 0.90 → no topic")),
        ("Дождь.", "Дождь и ветер.", {"about": ("rain",)}, None),
        ("Дождь.", "Ветер.", {"about": ("rain",)}, ("no change of rain", "rain 0.90 → wind 0.90")),
    ],
)
def test_invariance(text, changed, expect, outcome):
    assert failure(text, changed, **expect) == outcome


@pytest.mark.parametrize(
    ("text", "changed", "expect", "outcome"),
    [
        ("Дождь.", "Дождь наград.", {"loses": ("rain",)}, ("loses rain", "rain 0.90 → rain 0.90")),
        ("Льёт.", "Ясно.", {"loses": ("rain",)}, ("loses rain", "no topic → no topic")),  # nothing to lose
        ("Дождь.", "Ветер.", {"loses": ("rain",), "gains": ("wind",)}, None),
        ("Ветер.", "Дождь и ветер.", {"gains": ("wind",)}, ("gains wind", "wind 0.90 → rain 0.90, wind 0.90")),
        ("Дождь.", "Дождь, жара.", {"gains": ("heat",), "keeps": ("rain",)}, None),
        ("Дождь.", "Жара.", {"gains": ("heat",), "keeps": ("rain",)}, ("keeps rain", "rain 0.90 → heat 0.90")),
        ("Дождь.", "Дождь на дождь.", {"score": (("rain", "up"),)}, None),
        (
            "Дождь.",
            "Дождь, дождь.",
            {"score": (("rain", "down"),)},
            ("rain down", "rain 0.90 → rain 0.95 (rain 0.900 → 0.950)"),
        ),
        ("Ясно.", "Сухо.", {"score": (("rain", "up"),)}, ("rain up", "no topic → no topic (rain 0.100 → 0.100)")),
    ],
)
def test_directional(text, changed, expect, outcome):
    assert failure(text, changed, **expect) == outcome


def test_failures_are_counted_and_kept():
    rain = Expectation(has=("rain",))
    first = suite("MFT", Case("a:1", "Дождь.", None, rain), Case("a:2", "Льёт.", None, rain))
    second = suite("INV", Case("b:1", "Жара.", "жара", Expectation()), name="case")
    one, two = run_behaviour(KeywordTagger(), KeywordTagger.thresholds, [first, second])
    assert one == CapabilityResult(
        "showers", "MFT", TITLE, 2, 1, (CaseFailure("a:2", "Льёт.", None, (Unmet("has", ("rain",)),), {}),)
    )
    assert one.failure_rate == 0.5
    assert (two.capability, two.cases, two.failed, two.failures) == ("case", 1, 0, ())


def test_thresholds_decide():
    cases = suite("MFT", Case("a:1", "Дождь.", None, Expectation(topics=("rain",))))
    limits = {"rain": 0.95, "heat": 0.5, "wind": 0.1}
    (result,) = run_behaviour(KeywordTagger(), limits, [cases])
    assert result.failures[0].got == {"wind": 0.1}


def test_many_failures_are_counted_but_not_all_kept():
    rain = Expectation(has=("rain",))
    (result,) = run_behaviour(
        KeywordTagger(),
        KeywordTagger.thresholds,
        [suite("MFT", *(Case(f"a:{i}", f"Сухо {i}.", None, rain) for i in range(130)))],
    )
    assert (result.cases, result.failed, len(result.failures)) == (130, 130, 100)


@pytest.mark.parametrize(
    ("failed", "cases", "low", "high"),
    [
        # Wilson, z² = 3.8415; none of 10: from 0 to z² / (n + z²)
        (0, 10, 0.0, 3.8415 / 13.8415),
        (10, 10, 10 / 13.8415, 1.0),
        # 5 of 10: the middle is 1/2, half the width 1.96 / 13.8415 * sqrt(2.5 + 0.9604) = 0.2634
        (5, 10, 0.2366, 0.7634),
    ],
)
def test_the_interval_of_a_failure_rate(failed, cases, low, high):
    figure = failure_rate(CapabilityResult("showers", "MFT", TITLE, cases, failed, ()))
    assert figure.value == failed / cases
    assert (figure.low, figure.high) == pytest.approx((low, high), abs=1e-4)


def test_without_cases_there_is_no_rate():
    result = CapabilityResult("showers", "MFT", TITLE, 0, 0, ())
    assert failure_rate(result).value is None
    assert ["showers", "MFT", "0", "0", "-"] in [line.split() for line in render_behaviour([result]).splitlines()]


def test_the_table_shows_the_first_failures():
    failures = tuple(CaseFailure(f"a.yaml:{i}", f"Сухо {i}.", None, (Unmet("has", ("rain",)),), {}) for i in range(5))
    pair = CaseFailure("b.yaml:7", "Дождь.", "Дощь.", (Unmet("same"),), {"rain": 0.9}, {})
    out = render_behaviour(
        [
            CapabilityResult("typos", "INV", {"ru": "Опечатки", "en": "Typing errors"}, 4, 1, (pair,)),
            CapabilityResult("showers", "MFT", TITLE, 10, 5, failures),
        ]
    )
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["capability", "showers", "typos"]  # MFT before INV
    assert lines[1].split() == ["showers", "MFT", "10", "5", "0.500", "[0.237,", "0.763]"]
    assert "failed: 6 of 14 cases; intervals: 95 %, Wilson" in lines
    at = lines.index("showers (Showers)")
    assert lines[at + 1 : at + 3] == ["  a.yaml:0: Сухо 0.", "    expected has rain; got no topic"]
    assert lines[at + 7] == "  … and 2 more"
    assert lines[lines.index("  b.yaml:7: Дождь.") + 1] == "    → Дощь."
    assert not [line for line in lines if line.startswith("DIR")]


CASES = """\
version: 1
capability: showers
kind: MFT
title: {ru: Ливни, en: Showers}
expect: {has: [rain]}
cases:
  - Дождь в Туле.
  - В Орле льёт.
"""


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Work in a folder with `showers.yaml`, `weather.jsonl` and the keyword tagger."""
    monkeypatch.setattr(tag, "load_tagger", lambda folder: KeywordTagger())  # noqa: ARG005
    monkeypatch.chdir(tmp_path)
    Path("showers.yaml").write_text(CASES, encoding="utf-8")
    Path("weather.jsonl").write_text('{"text": "Дождь.", "topics": ["rain"]}\n', encoding="utf-8")
    return tmp_path


def test_the_command_needs_no_data(folder, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert main(["evaluate", "--behaviour", str(folder), "--out", "out.json"]) == 0
    assert ["showers", "MFT", "2", "1"] in [line.split()[:4] for line in capsys.readouterr().out.splitlines()]
    out = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (out["data"], out["result"], out["train"], out["peers"]) == (None, None, None, [])
    assert out["thresholds"] == KeywordTagger.thresholds
    assert {"date", "model", "versions", "git_commit"} <= set(out)
    (showers,) = out["behaviour"]
    assert (showers["capability"], showers["cases"], showers["failed"]) == ("showers", 2, 1)
    (kept,) = showers["failures"]
    assert (kept["case"], kept["text"], kept["changed"]) == ("showers.yaml:8", "В Орле льёт.", None)
    assert kept["expected"] == [{"kind": "has", "topics": ["rain"]}]
    assert (kept["got"], kept["got_changed"], kept["moved"]) == ({}, None, {})
    assert showers["failure_rate"]["value"] == 0.5


def test_cases_stand_below_the_figures_on_data(folder, capsys):
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    assert main(["evaluate", "--data", "weather.jsonl", "--behaviour", "showers.yaml", "--out", "out.json"]) == 0
    out = capsys.readouterr().out
    assert out.index("macro F1") < out.index("failed: 1 of 2 cases")
    content = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert content["data"]["n"] == 1
    assert content["behaviour"][0]["failed"] == 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "nothing to measure; give --data FILE, or --behaviour, or both"),
        (["--behaviour", "nowhere.yaml"], 1, "nowhere.yaml: there is no such file or folder of behaviour cases"),
        (["--behaviour", "weather.jsonl"], 1, "weather.jsonl:1: unknown key 'text'"),
        (["--behaviour", "--peers", "tfidf", "--train", "weather.jsonl"], 2, "--peers needs --data FILE"),
        (["--behaviour", "showers.yaml", "--out", "showers.yaml"], 2, "is also an input and would be overwritten"),
        (["--behaviour"], 1, "unknown topic"),  # the shipped cases, for a model of other topics
    ],
)
def test_a_wrong_command_line(folder, capsys, words, code, message):  # noqa: ARG001
    assert main(["evaluate", *words]) == code
    assert message in capsys.readouterr().err
