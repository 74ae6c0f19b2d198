"""`svodka evaluate` from the command line to the file, with a tagger of three keyword rules."""

import argparse
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from svodka.cli import main, tag
from svodka.evaluation import cli as evaluate_command
from svodka.results import Prediction
from svodka.source import ModelSource
from svodka.topics import Topic

pytest.importorskip("sklearn", reason="needs svodka[report]")
pytest.importorskip("jinja2", reason="needs svodka[report]")

KEYWORDS = {"rain": "дожд", "heat": "жар", "wind": "вет"}

# text, topics, what the tagger makes of it
WEATHER = (
    ("В Туле дождь.", ["rain"]),  # found
    ("В Орле льёт.", ["rain"]),  # missed
    ("Дождь наград для повара.", []),  # a false alarm of rain
    ("Жара и дождь в Твери.", ["heat", "rain"]),  # both found
    ("Выставка открыта.", []),  # nothing, rightly
    ("Погода в Пскове.", None),  # nobody labelled it
)
# rain: 2 found, 1 missed, 1 false alarm: 2/3, 2/3, 2/3; heat: 1, 1, 1; wind: none
# macro F1 = (2/3 + 1) / 2; micro F1 = 6 / (6 + 2); exact match 3/5


SHOWERS = """\
version: 1
capability: showers
kind: MFT
title: {ru: Ливни, en: Showers}
expect: {has: [rain]}
cases:
  - Дождь в Туле.
  - В Орле льёт.
"""


class KeywordTagger:
    """Gives 0.9 to a topic whose keyword stands in the text, otherwise 0.1; reads 30 characters."""

    topics = tuple(KEYWORDS)
    thresholds = dict.fromkeys(KEYWORDS, 0.5)
    titles = tuple(Topic(topic, topic, topic, topic, topic) for topic in KEYWORDS)
    info = SimpleNamespace(digest="d1e5", details={})
    source = ModelSource("installed", Path("models/d1e5"))
    precision, device = "int8", "cpu"

    def stream(self, texts):
        for text in texts:
            scores = {topic: 0.9 if word in text[:30].lower() else 0.1 for topic, word in KEYWORDS.items()}
            chosen = tuple(topic for topic in self.topics if scores[topic] >= 0.5)
            yield Prediction(text, chosen, scores, truncated=len(text) > 30)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Work in a folder with `weather.jsonl` and the keyword tagger."""
    monkeypatch.setattr(tag, "load_tagger", lambda folder: KeywordTagger())  # noqa: ARG005
    monkeypatch.chdir(tmp_path)
    write("weather.jsonl", WEATHER)
    return tmp_path


def write(name, rows):
    lines = [json.dumps({"text": text, "topics": topics}, ensure_ascii=False) for text, topics in rows]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def evaluate(*words):
    return main(["evaluate", "--data", "weather.jsonl", *words])


def printed(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_the_table(capsys):
    assert evaluate() == 0
    lines = printed(capsys)
    assert ["topic", "precision", "recall", "F1", "support", "threshold"] in lines
    assert ["rain", "0.667", "0.667", "0.667", "3", "0.500"] in lines
    assert ["heat", "1.000", "1.000", "1.000", "1", "0.500"] in lines
    assert ["wind", "-", "-", "-", "0", "0.500"] in lines
    assert ["macro", "F1", "0.833"] in [line[:3] for line in lines]
    assert ["micro", "F1", "0.750"] in [line[:3] for line in lines]
    assert ["exact", "match", "0.600"] in [line[:3] for line in lines]


def test_a_file_labelled_under_an_earlier_id_gives_the_same_table(capsys, monkeypatch):
    evaluate()
    expected = printed(capsys)
    titles = [replace(topic, was="wet" if topic.id == "rain" else None) for topic in KeywordTagger.titles]
    monkeypatch.setattr(KeywordTagger, "titles", tuple(titles))
    text = Path("weather.jsonl").read_text(encoding="utf-8")
    Path("weather.jsonl").write_text(text.replace('"rain"', '"wet"'), encoding="utf-8")
    assert evaluate() == 0
    assert [line for line in printed(capsys) if "rain" in line] == [line for line in expected if "rain" in line]


def test_the_notes_say_what_was_left_out(capsys):
    write("weather.jsonl", [*WEATHER, ("Дождь над рекой, над полем и над всем городом.", ["rain"])])
    evaluate("--seed", "4")
    out = capsys.readouterr().out
    assert "sentences: 6 (6 judged for every topic), not labelled and left out: 1, truncated: 1\n" in out
    assert "intervals: 95 %, percentile bootstrap over sentences, 1000 resamples, seed 4\n" in out
    assert "not in macro F1, as no sentence carries them: wind\n" in out


def test_topics_that_every_sentence_carries_are_named(capsys):
    write("weather.jsonl", [("В Туле дождь.", ["rain"]), ("Жара и дождь в Твери.", ["heat", "rain"])])
    evaluate()
    assert "not in mean average precision, as every judged sentence carries them: rain\n" in capsys.readouterr().out


def test_a_pipe_gets_plain_lines_that_are_not_cut(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    evaluate()
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert ["rain", "0.667", "0.667", "0.667", "3", "0.500"] in [line.split() for line in out.splitlines()]


def test_the_file_holds_the_figures_and_their_terms(folder):
    assert evaluate("--out", "report.json", "--seed", "4") == 0
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256((folder / "weather.jsonl").read_bytes()).hexdigest()
    assert report["data"] == {
        "files": [{"name": "weather.jsonl", "sha256": digest, "rows": 6}],
        "n": 5,
        "not_labelled": 1,
        "truncated": 0,
        "documents": None,
    }
    assert report["format_version"] == 3
    computed = {"precision": "int8", "device": "cpu"}
    assert report["model"] == {"folder": None, "source": "installed", "digest": "d1e5", **computed}
    assert report["thresholds"] == {"rain": 0.5, "heat": 0.5, "wind": 0.5}
    assert report["result"]["macro_f1"]["value"] == pytest.approx(5 / 6)
    assert [topic["f1"] for topic in report["result"]["topics"]] == [pytest.approx(2 / 3), 1, None]
    assert (report["peers"], report["train"]) == ([], None)
    assert report["seed"] == report["result"]["seed"] == 4
    assert set(report["versions"]) >= {"python", "svodka", "numpy", "onnxruntime", "scikit-learn"}
    assert set(report["hardware"]) == {"cpu", "flags", "cores", "memory_bytes", "system"}
    assert {"date", "git_commit"} <= set(report)


def test_the_report_is_a_folder_of_three_files(capsys):
    assert evaluate("--out", "report", "--lang", "en") == 0
    assert sorted(path.name for path in Path("report").iterdir()) == ["report.html", "report.json", "report.md"]
    assert "svodka: wrote report/report.html\n" in capsys.readouterr().err
    content = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert (content["lang"], content["result"]["macro_f1"]["value"]) == ("en", pytest.approx(5 / 6))
    text = Path("report/report.md").read_text(encoding="utf-8")
    assert "# Evaluation report" in text
    assert "Model: put in force by svodka install" in text


def test_an_older_report_is_replaced_but_nothing_else():
    assert evaluate("--out", "report") == 0
    assert evaluate("--out", "report", "--lang", "en") == 0
    assert '<html lang="en">' in Path("report/report.html").read_text(encoding="utf-8")
    Path("report/notes.txt").write_text("keep me", encoding="utf-8")
    assert evaluate("--out", "report") == 2
    assert Path("report/notes.txt").read_text(encoding="utf-8") == "keep me"


def test_behaviour_cases_have_their_section():
    Path("showers.yaml").write_text(SHOWERS, encoding="utf-8")
    assert evaluate("--behaviour", "showers.yaml", "--out", "report", "--lang", "en") == 0
    assert "Showers: failed 1 of 2" in Path("report/report.html").read_text(encoding="utf-8")
    assert main(["evaluate", "--behaviour", "showers.yaml", "--out", "alone"]) == 2


def test_documents_are_drawn_if_the_file_names_them(capsys):
    lines = [{"text": text, "topics": topics, "doc": f"d{i // 2}"} for i, (text, topics) in enumerate(WEATHER[:4])]
    Path("weather.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert evaluate("--out", "report.json") == 0
    out = capsys.readouterr().out
    assert "percentile bootstrap over documents" in out
    assert "NOTE: 2 documents are too few for intervals, which promise nothing below 10\n" in out
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    assert (report["data"]["documents"], report["result"]["units"]) == (2, "documents")


@pytest.mark.parametrize("out", [[], ["--out", "report"]])
@pytest.mark.parametrize(
    ("split", "words"),
    [
        ("train", "WARNING: weather.jsonl is the very file that the model was trained on (mine.jsonl, same SHA-256)."),
        ("validation", "WARNING: weather.jsonl is the very file on which thresholds and calibration were fitted"),
    ],
)
def test_a_file_that_the_model_knows_is_warned_of(capsys, monkeypatch, folder, split, words, out):
    digest = hashlib.sha256((folder / "weather.jsonl").read_bytes()).hexdigest()
    details = {"data": {split: [{"name": "mine.jsonl", "sha256": digest, "rows": 6}]}}
    monkeypatch.setattr(KeywordTagger, "info", SimpleNamespace(digest="d1e5", details=details))
    assert evaluate(*out) == 0
    assert capsys.readouterr().err.count(f"svodka: {words}") == 1


def test_sentences_that_stand_in_training_files_are_counted_once(capsys, monkeypatch):
    from svodka.evaluation.report import overlap

    searches = []
    search = overlap.cross_duplicates
    monkeypatch.setattr(overlap, "cross_duplicates", lambda *texts: searches.append(1) or search(*texts))
    write("train.jsonl", [("в Туле - ДОЖДЬ", ["rain"]), ("Жара и дождь в Твери!", []), ("Выставка открыта вновь.", [])])
    assert evaluate("--train", "train.jsonl", "--out", "report.json") == 0
    line = (
        "WARNING: Sentences that the model has seen in training or tuning are in the data: 2 word for word, 1 almost, "
    )
    assert f"svodka: {line}of 5.\n" in capsys.readouterr().err
    content = json.loads(Path("report.json").read_text(encoding="utf-8"))["overlap"]
    assert (content["exact"], content["near"], content["without"]["n"]) == (2, 1, 2)
    assert searches == [1]


def test_without_overlap_there_is_no_warning(capsys):
    assert evaluate() == 0
    assert "WARNING" not in capsys.readouterr().err


def test_one_document_has_no_interval(capsys):
    lines = [{"text": text, "topics": topics, "doc": "d"} for text, topics in WEATHER]
    Path("weather.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert evaluate("--out", "report", "--lang", "en") == 0
    out = capsys.readouterr().out
    assert ["macro", "F1", "0.833"] in [line.split() for line in out.splitlines()]
    assert "no intervals: these take two documents or more (here: 1)\n" in out
    assert "All sentences come from one document: there are no intervals" in Path("report/report.md").read_text("utf-8")


def test_without_examples_no_sentence_is_in_the_report():
    evaluate("--out", "report", "--examples", "0", "--train", "weather.jsonl")
    for path in Path("report").iterdir():
        assert "Орле" not in path.read_text(encoding="utf-8")


def test_two_runs_give_the_same_figures(capsys):
    evaluate()
    first = capsys.readouterr().out
    evaluate()
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--threshold", "0.05"], {"rain": 0.05, "heat": 0.05, "wind": 0.05}),
        (["--threshold", "rain=0.95"], {"rain": 0.95, "heat": 0.5, "wind": 0.5}),
        (["--threshold", "0.3", "--threshold", "wind=0.2"], {"rain": 0.3, "heat": 0.3, "wind": 0.2}),
    ],
)
def test_thresholds_can_be_given(given, expected):
    evaluate("--out", "report.json", *given)
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    assert report["thresholds"] == expected
    for topic in report["result"]["topics"]:  # 0.1 or 0.9 for each of the five sentences
        limit = expected[topic["topic"]]
        found = {"rain": 3, "heat": 1, "wind": 0}[topic["topic"]]
        assert topic["predicted"] == (5 if limit <= 0.1 else found if limit <= 0.9 else 0)


def test_several_files_and_patterns(capsys):
    write("more-1.jsonl", [("Ветер в Клину.", ["wind"])])
    write("more-2.jsonl", [("Ветрено в Клину.", ["wind"])])
    assert evaluate("more-*.jsonl") == 0
    assert ["wind", "1.000", "1.000", "1.000", "2", "0.500"] in printed(capsys)


@pytest.mark.parametrize("words", [["--peers", "tfidf"], ["--baseline", "tfidf"]])
def test_a_peer_stands_beside_the_model(capsys, words):
    # It learns "льёт" as a sign of rain, which the model does not know; it never meets wind.
    write("train.jsonl", [("Дождь льёт.", ["rain"]), ("Жара стоит.", ["heat"]), ("Выставка открыта.", [])] * 5)
    assert evaluate(*words, "--train", "train.jsonl", "--out", "report.json") == 0
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    model, (peer,) = report["result"], report["peers"]
    assert peer["result"]["topics"][0]["recall"] == 1
    expected = model["macro_f1"]["value"] - peer["result"]["macro_f1"]["value"]
    assert peer["difference"]["value"] == pytest.approx(expected)
    assert (peer["kind"], peer["family"], peer["n_train"]) == ("tfidf", "linear", 15)
    assert peer["settings"]["strengths"]["wind"] is None
    assert (report["train"]["n"], report["train"]["files"][0]["rows"]) == (15, 15)
    captured = capsys.readouterr()
    assert "svodka: training tfidf (TF-IDF + logistic regression) on 15 sentences\n" in captured.err
    assert "peers: trained, and their thresholds chosen, on 15 sentences\n" in captured.out
    (first,) = [line for line in captured.out.splitlines() if line.startswith("model ")]
    (second,) = [line for line in captured.out.splitlines() if line.startswith("TF-IDF + logistic regression ")]
    assert first.split()[1] == "0.833"
    assert f"{peer['result']['macro_f1']['value']:.3f} [" in second
    assert f"{expected:+.3f} [" in second


def test_a_model_of_other_topics_has_no_keyword_rules(capsys):
    write("train.jsonl", [("Дождь льёт.", ["rain"])])
    assert evaluate("--peers", "rules", "--train", "train.jsonl", "--out", "report.json") == 0
    assert "svodka: rules left out: it knows svodka's own topics only" in capsys.readouterr().err
    assert json.loads(Path("report.json").read_text(encoding="utf-8"))["peers"] == []


def test_a_missing_package_is_said_before_any_work(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "natasha", None)
    monkeypatch.setattr(tag, "load_tagger", lambda folder: pytest.fail("the model was loaded"))  # noqa: ARG005
    assert evaluate("--peers", "tfidf,navec", "--train", "weather.jsonl") == 2
    assert "the peer 'navec' needs: pip install 'svodka[peers]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--peers", "tfidf"], "--peers needs sentences to learn from: --peers tfidf --train FILE"),
        (["--peers"], "--peers needs sentences to learn from"),
        (["--baseline", "tfidf"], "--peers needs sentences to learn from"),
        (["--peers", "tfdif", "--train", "weather.jsonl"], "no peer 'tfdif'; did you mean 'tfidf'?"),
        (["--baseline", "tfdif", "--train", "weather.jsonl"], "invalid choice: 'tfdif'"),
        (["--seed", "-1"], "--seed must be 0 or more, got -1"),
        (["--threshold", "rian=0.4"], "no topic 'rian'; did you mean 'rain'?"),
        (["--examples", "-2"], "--examples must be 0 or more, got -2"),
        (["--slice", "sauce", "--out", "report"], "--slice sauce: no row has this column"),
        (["--out", "."], "which is no part of a report; give another folder"),
        (["--out", "folder.json"], "--out folder.json is a folder"),
        (["--out", "report.html"], "give a folder, which gets report.html, report.md and report.json"),
        (["--out", "nowhere/report"], "there is no folder 'nowhere'"),
        (["--out", "nowhere/report.json"], "there is no folder 'nowhere'"),
        (["--out", "weather.jsonl"], "is also an input and would be overwritten"),
        (["--out", "input.json", "--data", "input.json"], "is also an input and would be overwritten"),
    ],
)
def test_a_wrong_command_line(capsys, words, message):
    Path("folder.json").mkdir()
    assert evaluate(*words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("Дождь.", ["rian"])], "weather.jsonl:1: unknown topic 'rian' in 'topics'; did you mean 'rain'?"),
        ([("Дождь.", None)], "weather.jsonl: none of 1 rows is labelled"),
    ],
)
def test_data_that_cannot_be_measured(capsys, rows, message):
    write("weather.jsonl", rows)
    assert evaluate("--out", "report.json") == 1
    assert message in capsys.readouterr().err
    assert not Path("report.json").exists()


def test_without_scikit_learn_the_fix_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert evaluate() == 2
    assert "svodka evaluate needs: pip install 'svodka[report]'" in capsys.readouterr().err


def test_the_command_loads_neither_scikit_learn_nor_torch():
    heavy = {"sklearn", "torch", "datasets", "rich", "jinja2"}
    program = f"import sys, svodka.evaluation.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("words", [["--data", "a.jsonl", "b.jsonl"], ["--data", "a.jsonl", "--data", "b.jsonl"]])
def test_several_files_may_be_given_in_both_manners(words):
    parser = argparse.ArgumentParser()
    evaluate_command.add_parser(parser.add_subparsers())
    assert parser.parse_args(["evaluate", *words]).data == [Path("a.jsonl"), Path("b.jsonl")]
