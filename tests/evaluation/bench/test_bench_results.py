"""The committed run is what the page and the README say it is."""

import json
from pathlib import Path

import pytest

pytest.importorskip("jinja2", reason="needs svodka[report]")

from svodka.evaluation.bench.page import make_page
from svodka.evaluation.bench.wording import machine
from svodka.evaluation.report.markdown import as_markdown

ROOT = Path(__file__).resolve().parents[3]
BENCH = ROOT / "evaluation" / "bench"
CONTENT = json.loads((BENCH / "results" / "bench.json").read_text(encoding="utf-8"))
SHAPES = json.loads((BENCH / "shapes" / "bench.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "content"), [("results", CONTENT), ("shapes", SHAPES)])
def test_the_markdown_is_made_from_the_json(name, content):
    assert as_markdown(make_page(content)) == (BENCH / name / "bench.md").read_text(encoding="utf-8")


def test_the_readme_gives_the_figures_of_the_run():
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    rows = {row["id"]: row for row in CONTENT["contenders"]}
    speed, f1, slower = rows["svodka"]["per_second"], rows["svodka"]["macro_f1"], rows["svodka:four-layers"]["ratio"]
    assert f"{speed['median']:,.0f} sentences of news a second [{speed['low']:,.0f}, {speed['high']:,.0f}]" in readme
    assert f"took {slower['median']:.2f} times as long [{slower['low']:.2f}, {slower['high']:.2f}]" in readme
    pipelines = [rows[name]["ratio"]["median"] for name in ("pipeline-32", "pipeline-1")]
    assert f"{pipelines[0]:.1f} times in batches of 32 and {pipelines[1]:.1f} times one by one" in readme
    assert f"takes {CONTENT['sizes']['package'] / 1e6:.1f} MB, without bytecode" in readme
    assert f"A sentence by itself took {rows['svodka-single']['single_ms']['median']:.1f} ms" in readme
    assert f"came after {CONTENT['startup']['first_answer']['median']:.2f} s. No decision depended" in readme
    assert CONTENT["independence"]["flips"] == 0
    assert f"macro-F1 is {f1['value']:.3f} [{f1['low']:.3f}, {f1['high']:.3f}]" in readme
    alone, teacher = rows["svodka:quick-alone"], rows["teacher"]
    assert f"nothing behind it: {alone['per_second']['median']:,.0f} sentences a second" in readme
    assert f"takes {teacher['ratio']['median']:.1f} times as long as the pair" in readme


def test_the_readme_gives_the_figures_of_smaller_shapes():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shapes = [row for row in SHAPES["contenders"] if row["id"].startswith("svodka:")]
    assert len(shapes) == 4
    for row in shapes:
        f1, ratio = row["macro_f1"], row["ratio"]
        speed = (
            f"{row['per_second']['median']:,.0f} | {ratio['median']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}] |"
        )
        assert f"| {f1['value']:.3f} [{f1['low']:.3f}, {f1['high']:.3f}] | {speed}" in readme


def test_the_machine_of_an_older_run_is_told_as_far_as_it_is_known():
    new = CONTENT["hardware"] | {"flags": ["avx2", "avx_vnni"], "memory_bytes": 25_275_064_320}
    old = {name: value for name, value in new.items() if name not in ("flags", "memory_bytes")}
    assert machine(CONTENT | {"hardware": old}).startswith("AMD EPYC, 2 cores, Linux x86_64; threads: 2, ")
    assert machine(CONTENT | {"hardware": new}).startswith(
        "AMD EPYC (avx2, avx_vnni for 8-bit products), 2 cores, 25 GB of memory, Linux x86_64; threads: 2, "
    )
    assert "AMD EPYC (no instructions for 8-bit products), " in machine(CONTENT | {"hardware": new | {"flags": []}})
