"""`svodka bench` from the command line to the folder, on the tiny model."""

import json

import onnxruntime
import pytest

from svodka.cli import main
from svodka.evaluation.bench import cli as bench_command
from svodka.evaluation.bench import run as bench_run
from svodka.evaluation.bench import speed
from svodka.evaluation.bench.growth import Sizes
from svodka.evaluation.bench.page import make_page
from svodka.evaluation.bench.processes import WorkerError
from svodka.evaluation.bench.targets import TARGETS, check_targets
from svodka.evaluation.bench.write import FILES
from svodka.evaluation.report.markdown import as_markdown
from svodka.providers import CPU

pytest.importorskip("jinja2", reason="needs svodka[report]")

SENTENCES = 6  # of the four texts
SPREAD = {"median", "low", "high", "n"}


@pytest.fixture
def bench(trained_folder, texts_file):
    """Run the command on the texts with the tiny model."""

    def run(*words):
        return main(["bench", "--data", str(texts_file), "--model", str(trained_folder), "--threads", "1", *words])

    return run


def test_two_contenders_in_processes_of_their_own(bench, labelled_files, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["--parts", "speed", "--only", "svodka-single", "--quick", "--measure", str(labelled_files["validation"])]
    assert bench(*words, "--out", str(out)) == 0
    assert {path.name for path in out.iterdir()} == {
        "bench.json", "bench.html", "bench.md", "accuracy-speed.svg", "speed.svg",
    }  # fmt: skip
    content = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    first, single = content["contenders"]
    assert (first["id"], single["id"]) == ("svodka", "svodka-single")
    assert content["data"]["drawn"] == SENTENCES
    assert len(first["seconds"]) == content["rounds"] == 2
    assert first["ratio"] == {"median": 1, "low": 1, "high": 1, "n": 2}
    assert set(single["ratio"]) == SPREAD
    assert first["equal"] == single["equal"] == 1
    assert first["macro_f1"] == single["macro_f1"]
    assert first["memory_bytes"] > 1_000_000
    assert content["processors"] is None or len(content["processors"]) == 1
    assert not any(str(tmp_path) in text for text in (json.dumps(content), (out / "bench.md").read_text("utf-8")))
    printed = capsys.readouterr()
    assert "svodka-single" in printed.out
    assert "peak MB" in printed.out
    assert "svodka: round 2 of 2: svodka-single" in printed.err


@pytest.fixture
def small(monkeypatch, in_process):  # noqa: ARG001
    """Let the rest run in this process and be short."""
    monkeypatch.setattr(bench_command, "QUICK_SIZES", Sizes((1, 8), (6,), (4,), 2))
    spread = {"median": 0.25, "low": 0.25, "high": 0.25, "n": 1}
    monkeypatch.setattr(bench_run, "measure_startup", lambda *_, **__: {"import": spread, "first_answer": spread})


@pytest.mark.usefixtures("small")
def test_all_parts(bench, labelled_files, trained_folder, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["--quick", "--only", "onnx-int8,navec,tfidf", "--teacher", str(trained_folder), "--out", str(out)]
    assert bench(*words, "--measure", str(labelled_files["validation"])) == 0
    content = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    assert {path.name for path in out.iterdir()} == set(FILES)
    assert [row["id"] for row in content["contenders"]] == ["svodka", "onnx-int8", "teacher"]
    assert {one["id"] for one in content["skipped"]} == {"navec", "tfidf"}
    growth = content["growth"]
    assert growth["skipped"] == {}
    assert [(point["x"], point["n"]) for point in growth["sentences"]] == [(1, 1), (8, 8)]
    assert [(point["x"], point["n"]) for point in growth["topics"]] == [(4, SENTENCES)]
    assert [point["x"] for point in growth["threads"]] == [1]
    assert content["independence"]["flips"] == 0
    assert content["precision"]["texts"] == SENTENCES
    met = {row["title"]: row["met"] for row in content["targets"]}
    assert met["import svodka"] is met["decisions that depend on company"] is True
    assert met["quicker than the quicker transformers.pipeline"] is None
    out_text = capsys.readouterr().out
    assert "left out: tfidf: learns from labelled sentences: give --train FILE" in out_text
    for title in ("sentences together", "tokens a sentence", "fresh process", "largest difference of logits"):
        assert title in out_text


@pytest.mark.usefixtures("small")
def test_of_a_pair_both_models_are_measured_but_for_topics(pair_folder, texts_file, labelled_files, tmp_path):
    out = tmp_path / "out"
    words = ["--threads", "1", "--quick", "--only", "onnx-float32", "--out", str(out)]
    judged = ["--measure", str(labelled_files["validation"])]
    assert main(["bench", "--data", str(texts_file), "--model", str(pair_folder), *words, *judged]) == 0
    content = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    pair, exact = content["contenders"]
    assert pair["macro_f1"]["value"] < exact["macro_f1"]["value"]  # float32 asks the pair's last model alone
    assert exact["equal"] == content["precision"]["equal"] < 0.9
    assert content["independence"]["flips"] == 0
    assert content["growth"]["skipped"] == {}
    assert "of the folder's own network alone" in (out / "bench.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("small")
def test_several_models_are_compared(bench, trained_folder, model_copy, tmp_path):
    out = tmp_path / "out"
    words = ["--quick", "--parts", "speed", "--only", "svodka", "--model", str(model_copy), "--model", str(model_copy)]
    assert bench(*words, "--out", str(out)) == 0
    content = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in content["contenders"]] == ["svodka", "svodka:model", "svodka:model-3"]
    assert [model["folder"] for model in content["models"]] == [trained_folder.name, "model", "model"]
    assert "accuracy-speed.svg" not in {path.name for path in out.iterdir()}  # nobody was judged


def test_models_with_other_topics_are_not_compared(bench, capsys):
    assert bench("--quick", "--model", "shipped") == 2
    assert "cannot be compared: only one of them knows air_defence" in capsys.readouterr().err


@pytest.mark.usefixtures("small")
def test_a_contender_that_fails_is_reported_and_the_others_go_on(bench, monkeypatch, tmp_path, capsys):
    from svodka.evaluation.bench import registry

    broken = registry.Kind("onnx-int8", "no such module", "svodka", "nobody")
    monkeypatch.setitem(registry.KINDS, "onnx-int8", broken)
    words = ["--quick", "--parts", "speed", "--only", "onnx-int8,svodka-single", "--out", str(tmp_path / "out")]
    assert bench(*words) == 0
    content = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in content["contenders"]] == ["svodka", "svodka-single"]
    assert content["skipped"][0]["id"] == "onnx-int8"
    assert "nobody" in content["skipped"][0]["reason"]
    assert "left out: onnx-int8: " in capsys.readouterr().out


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("question", ["memory", "answers"])
def test_a_contender_that_dies_after_the_rounds_loses_its_own_row_only(bench, monkeypatch, tmp_path, question):
    ask = speed.Worker.ask

    def dying(worker, asked, **arguments):
        if (worker.name, asked) == ("onnx-int8", question):
            raise WorkerError("the process of onnx-int8 ended with code -9: killed, perhaps for memory")
        return ask(worker, asked, **arguments)

    monkeypatch.setattr(speed.Worker, "ask", dying)
    words = ["--quick", "--parts", "speed", "--only", "onnx-int8,svodka-single", "--out", str(tmp_path / "out")]
    assert bench(*words) == 0
    content = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert [(row["id"], row["equal"]) for row in content["contenders"]] == [("svodka", 1), ("svodka-single", 1)]
    assert [one["id"] for one in content["skipped"]] == ["onnx-int8"]
    assert content["skipped"][0]["reason"].endswith("code -9: killed, perhaps for memory")


@pytest.mark.usefixtures("small")
def test_without_weights_the_rest_is_measured(model_copy, texts_file, tmp_path, capsys):
    (model_copy / "model.safetensors").unlink()
    words = ["bench", "--data", str(texts_file), "--model", str(model_copy), "--threads", "1", "--quick"]
    assert main([*words, "--parts", "same,growth", "--out", str(tmp_path / "out")]) == 0
    content = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert content["independence"]["flips"] == 0
    assert "model.safetensors is missing" in content["precision"]["skipped"]
    assert set(content["growth"]) == {"sentences", "tokens", "threads", "skipped"}
    assert "needs model.safetensors" in content["growth"]["skipped"]["topics"]
    assert "left out: float32: " in capsys.readouterr().out


@pytest.fixture
def tried(monkeypatch):
    """What is asked for in a process of its own; here it is done in this one, which has the stand-ins."""
    asked = []

    def here(work, *arguments):
        asked.append(arguments)
        work(*arguments)

    monkeypatch.setattr(bench_run, "apart", here)
    return asked


@pytest.fixture
def on_card(small, tried, card, monkeypatch):  # noqa: ARG001
    """Run on a stand-in for a graphics card."""
    monkeypatch.setattr(bench_run.provenance, "graphics_card", lambda: "NVIDIA Stand-in")
    return card


def test_on_a_card_nothing_is_called_int8_that_is_not(on_card, tried, bench, trained_folder, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["--quick", "--device", "cuda", "--only", "onnx-int8,onnx-float32", "--out", str(out)]
    assert bench(*words) == 0
    assert tried == [(trained_folder, "cuda")]
    content = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    assert (content["device"], content["hardware"]["gpu"]) == ("cuda", "NVIDIA Stand-in")
    assert [row["id"] for row in content["contenders"]] == ["svodka", "onnx-float32"]
    assert "a graphics card has no 8-bit products" in content["skipped"][0]["reason"]
    assert content["precision"]["largest_difference"] > 1e-3  # int8 of the processor against the card
    assert "8 bits, which a graphics card does not compute" in content["growth"]["skipped"]["topics"]
    assert on_card.opened.count(("cpu", "model.onnx")) == 2  # the int8 that is compared, and a tokenizer for growth
    assert content["targets"] == []
    for text in (capsys.readouterr().out, (out / "bench.md").read_text(encoding="utf-8")):
        assert "svodka on the graphics card NVIDIA Stand-in, all others on the processor" in text
        assert "What svodka promises, it promises for the processor" in text
        assert "float32 on the graphics card" in text


@pytest.mark.usefixtures("on_card")
def test_without_a_wish_the_processor_is_measured_even_where_there_is_a_card(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("SVODKA_DEVICE", "cuda")
    assert bench("--quick", "--only", "onnx-int8", "--parts", "speed,same", "--out", str(tmp_path / "out")) == 0
    content = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert (content["device"], content["hardware"]["gpu"]) == ("cpu", None)
    assert content["precision"]["largest_difference"] > 1e-3
    assert [row["met"] for row in content["targets"] if row["value"] == 0] == [True]


@pytest.mark.usefixtures("tried")
def test_a_card_that_is_not_there_is_told_before_anything_is_measured(bench, capsys, monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])  # of a machine that may have a card
    assert bench("--quick", "--device", "cuda") == 2
    printed = capsys.readouterr().err
    assert printed.startswith("svodka: error: device 'cuda' cannot be used: this ONNX Runtime is built without CUDA; ")
    assert "preparing" not in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "torhc"], "--only: no contender 'torhc'; did you mean 'torch'?"),
        (["--parts", "sped"], "--parts: no part 'sped'; did you mean 'speed'?"),
        (["--rounds", "0"], "--rounds must be 1 or more, got 0"),
        (["--sentences", "-1"], "--sentences must be 0 or more, got -1"),
        (["--device", "auto"], "argument --device: invalid choice: 'auto'"),
        (["--threads", "1000"], "--threads 1000: this process may use"),
        (["--teacher", ""], "expected a model folder, got ''"),
        (["--out", "nowhere/out"], "--out nowhere/out: there is no folder 'nowhere'"),
    ],
)
def test_slips(bench, capsys, words, message):
    assert bench(*words) == 2
    assert message in capsys.readouterr().err


def test_a_folder_with_something_else_in_it_is_not_replaced(bench, tmp_path, capsys):
    (tmp_path / "diary.txt").write_text("…", encoding="utf-8")
    assert bench("--quick", "--out", str(tmp_path)) == 2
    assert "which is no part of a report" in capsys.readouterr().err
    assert (tmp_path / "diary.txt").is_file()


def test_promises_by_hand():
    row = {"per_second": {"median": 1200}, "single_ms": {"median": 2.0}}
    content = {
        "contenders": [
            {"id": "svodka", **row},
            {"id": "svodka-single", **row},
            {"id": "pipeline-1", "ratio": {"median": 18.0}},
            {"id": "pipeline-32", "ratio": {"median": 14.0}},
        ],
        "startup": {"first_answer": {"median": 0.6}},
        "sizes": {"package": 60_000_000, "model_onnx": 29_999_999},
        "precision": {"equal": 0.995, "macro_f1_difference": {"value": -0.004}},
    }
    found = {one["title"]: (one["value"], one["met"]) for one in check_targets(content)}
    assert len(found) == len(TARGETS)
    assert found["sentences, raw text in"] == (1200, True)
    assert found["quicker than the quicker transformers.pipeline"] == (14, False)  # 18 times the slower one
    assert found["one sentence at a time, median"] == (2, False)  # under 2, not 2
    assert found["first answer of a fresh process"] == (0.6, True)
    assert found["import svodka"] == (None, None)
    assert found["package with weights"] == (60, False)
    assert found["model.onnx"][1] is True
    assert found["decisions that depend on company"] == (None, None)
    assert found["int8 decides as float32"] == (99.5, True)
    assert found["macro F1 of int8 from float32"] == (pytest.approx(0.4), False)


@pytest.mark.usefixtures("small")
def test_a_busy_machine_is_pointed_out(bench, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench_run.os, "getloadavg", lambda: (64.0, 1.0, 1.0))
    assert bench("--quick", "--parts", "same", "--out", str(tmp_path / "out")) == 0
    assert "WARNING: other programs kept this machine busy before the run (load 64)" in capsys.readouterr().out
    content = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert "Other programs kept this machine busy" in as_markdown(make_page(content))


@pytest.mark.usefixtures("small")
def test_what_was_measured_before_an_interruption_is_kept(bench, monkeypatch, tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_run, "measure_growth", interrupted)
    out = tmp_path / "out"
    assert bench("--quick", "--only", "svodka", "--out", str(out)) == 130
    content = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    assert content["independence"]["flips"] == 0
    assert "growth" not in content
    assert (out / "bench.html").is_file()
