"""`svodka compare` from the command line to the file, with two taggers of keyword rules."""

import hashlib
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import pytest

from svodka.cli import main, tag
from svodka.model_folder import file_digest
from svodka.results import Prediction
from svodka.source import ModelSource
from svodka.topics import Topic

pytest.importorskip("sklearn", reason="needs svodka[report]")

RULES = {
    "old": {"rain": ("дожд",), "heat": ("жар",), "wind": ("вет",)},
    "new": {"frost": ("мороз",), "heat": ("зно",), "rain": ("дожд", "льёт")},
    "other": {"sport": ("матч",)},
    "renamed": {"showers": ("дожд", "льёт"), "heat": ("зно",)},
}
EARLIER = {"showers": "rain"}
LOAD_TAGGER = tag.load_tagger
KINDS = {"shipped": "shipped", None: "installed"}
# text, topics
WEATHER = (
    ("В Туле дождь.", ["rain"]),  # both are right
    ("В Орле льёт.", ["rain"]),  # the new one mends this
    ("Дождь наград для повара.", []),  # both are wrong in the same manner: no change
    ("Жара и дождь в Твери.", ["heat", "rain"]),  # the new one breaks this: it does not know heat by this word
    ("Выставка открыта.", []),
    ("Пожар льётся с экрана.", []),  # heat for the old one, rain for the new one: wrong as before
    ("Погода в Пскове.", None),  # nobody labelled it
)
# old: rain 2 found, 1 missed, 1 false: 2/3; heat 1 found, 1 false: 2/3. New: rain 3 found, 2 false: 3/4; heat 0.
# macro F1 2/3 and 3/8; micro F1 6/9 and 6/9; exact match 3/6 and 3/6


class KeywordTagger:
    """Gives 0.9 to a topic one of whose keywords stands in the text, otherwise 0.1."""

    precision, device = "int8", "cpu"

    def __init__(self, name, trained_on=()):
        self.source = ModelSource("given", Path(name)) if name in RULES else ModelSource(KINDS[name], Path("weights"))
        name = name if name in RULES else "old"
        self.rules = RULES[name]
        self.topics = tuple(self.rules)
        self.titles = tuple(Topic(one, one, one, one, one, EARLIER.get(one)) for one in self.topics)
        self.thresholds = dict.fromkeys(self.topics, 0.5)
        details = {"data": {"train": [{"name": "x.jsonl", "rows": 7, "sha256": digest} for digest in trained_on]}}
        self.info = SimpleNamespace(digest=f"digest of {name}", details=details)

    def stream(self, texts):
        for text in texts:
            scores = {
                topic: 0.9 if any(word in text.lower() for word in words) else 0.1
                for topic, words in self.rules.items()
            }
            yield Prediction(text, (), scores, truncated=False)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Work in a folder with `weather.jsonl`; models are found by names, the shipped and the installed one are `old`."""
    monkeypatch.setattr(tag, "load_tagger", KeywordTagger)
    monkeypatch.chdir(tmp_path)
    write("weather.jsonl", WEATHER)
    return tmp_path


def write(name, rows, **others):
    lines = [json.dumps({"text": text, "topics": topics} | others, ensure_ascii=False) for text, topics in rows]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def compare(*words, models=("old", "new")):
    return main(["compare", *models, "--data", "weather.jsonl", *words])


def printed(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_the_tables(capsys):
    assert compare() == 0
    lines = printed(capsys)
    assert ["macro", "F1", "0.667", "0.375", "-29.2"] in [line[:5] for line in lines]
    assert ["micro", "F1", "0.667", "0.667", "+0.0"] in [line[:5] for line in lines]
    assert ["exact", "match", "0.500", "0.500", "+0.0"] in [line[:5] for line in lines]
    rain = next(line for line in lines if line[:1] == ["rain"])
    assert (rain[:5], rain[-3:]) == (["rain", "3", "0.667", "0.750", "+8.3"], ["1", "1", "1.000"])


def test_topics_of_one_model_alone_are_named_and_left_out(capsys):
    compare()
    out = capsys.readouterr().out
    assert "A: old (digest of ol)\n   only A knows, and not compared: wind\n" in out
    assert "B: new (digest of ne)\n   only B knows, and not compared: frost\n" in out
    assert "compared on 2 shared topics\nnot labelled and left out: 1\n" in out


def test_a_renamed_topic_is_compared(capsys):
    assert compare("--require", "f1:showers>=8", "--out", "report.json", models=("old", "renamed")) == 0
    out = capsys.readouterr().out
    assert "renamed: showers (A: rain)\ncompared on 2 shared topics\n" in out
    assert "only B knows" not in out
    line = next(line.split() for line in out.splitlines() if line.startswith("showers"))
    assert line[:5] == ["showers", "3", "0.667", "0.750", "+8.3"]  # as `rain` of the new model above
    topics = json.loads(Path("report.json").read_text(encoding="utf-8"))["topics"]
    assert topics == {"shared": ["showers", "heat"], "renamed": {"rain": "showers"}, "only_a": ["wind"], "only_b": []}


def test_the_changed_sentences_begin_with_the_broken_ones(capsys):
    compare()
    out = capsys.readouterr().out
    expected = """\
sentences that changed: 3 (1 broken, 1 moved, 1 mended)
broken  weather.jsonl:4 (weather:4)
  Жара и дождь в Твери.
  gold: rain, heat | A: rain, heat | B: rain
moved  weather.jsonl:6 (weather:6)
  Пожар льётся с экрана.
  gold: - | A: heat | B: rain
mended  weather.jsonl:2 (weather:2)
  В Орле льёт.
  gold: rain | A: - | B: rain
"""
    assert expected in out


def test_only_some_changed_sentences_are_shown(capsys):
    compare("--show", "1")
    out = capsys.readouterr().out
    assert "Жара и дождь" in out
    assert "В Орле льёт" not in out
    assert "2 more are not shown: --show N shows N, --out FILE.json holds all" in out


def test_partly_judged_sentences(capsys):
    rows = [{"text": "Пожар льётся с экрана.", "topics": [], "unknown": ["rain"]}]
    Path("weather.jsonl").write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    compare()
    out = capsys.readouterr().out
    # Heat was wrong and is not given any more; nobody knows about rain.
    assert "mended  weather.jsonl:1" in out
    assert "gold: - | A: heat | B: rain | not judged: rain" in out
    assert "verdict: not decided at n = 1" in out


def test_the_file_holds_everything_with_its_terms(folder):
    assert compare("--show", "0", "--out", "report.json", "--seed", "4", "--require", "micro_f1>=0") == 0
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256((folder / "weather.jsonl").read_bytes()).hexdigest()
    assert report["data"] == {
        "files": [{"name": "weather.jsonl", "sha256": digest, "rows": 7}],
        "labelled": 6,
        "not_labelled": 1,
    }
    assert report["topics"] == {"shared": ["rain", "heat"], "renamed": {}} | {
        "only_a": ["wind"],
        "only_b": ["frost"],
    }
    assert report["models"]["b"] == {
        "folder": "new",
        "source": "given",
        "precision": "int8",
        "device": "cpu",
        "digest": "digest of new",
        "thresholds": {"frost": 0.5, "heat": 0.5, "rain": 0.5},
        "truncated": 0,
        "learnt_from": [],
        "overlap": {"same_files": [], "known": False, "compared": [], "not_compared": [], "exact": 0, "near": 0}
        | {"similarity": 0.5},
    }
    assert report["seed"] == report["result"]["seed"] == 4
    assert {"date", "git_commit", "versions", "hardware", "format_version"} <= set(report)
    assert report["result"]["macro_f1"]["difference"]["value"] == pytest.approx(3 / 8 - 2 / 3)
    assert report["result"]["sentences"] == {"mended": 1, "broken": 1, "p_value": 1}
    assert [one["kind"] for one in report["changed"]] == ["mended", "broken", "moved"]  # as they stand in the file
    assert report["changed"][0] == {
        "kind": "mended",
        "id": "weather:2",
        "source": "weather.jsonl",
        "line": 2,
        "text": "В Орле льёт.",
        "gold": ["rain"],
        "unknown": [],
        "a": [],
        "b": ["rain"],
    }
    assert report["requirements"][0]["holds"] is True
    assert report["verdict"]["decision"] in report["verdict"]["line"]


@pytest.mark.parametrize(
    ("requirements", "code"),
    [
        (["micro_f1>=0"], 0),
        (["micro_f1>0"], 1),
        (["macro_f1>=-29.2", "f1:rain>=8", "exact_match>=0"], 0),
        (["f1:rain>=8", "f1:heat>=0", "micro_f1>=0"], 1),
        (["micro_f1.low>=0"], 1),
        (["samples_f1>=-100", "mean_average_precision>=-100"], 0),
        (["samples_f1>=100"], 1),
        (["mean_average_precision>=100"], 1),
    ],
)
def test_the_gate(capsys, requirements, code):
    assert compare(*(word for text in requirements for word in ("--require", text))) == code
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("required ")]
    assert len(lines) == len(requirements)
    assert any(", FAILS" in line for line in lines) is bool(code)


def test_a_failed_gate_is_told_from_a_missing_model(capsys, monkeypatch):
    assert compare("--require", "micro_f1>0", "--require", "macro_f1>=-30", "--require", "f1:heat>=0") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "svodka: gate failed: 2 of 3 requirements: micro_f1>0, f1:heat>=0"
    assert compare("--require", "macro_f1>=-30") == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(tag, "load_tagger", LOAD_TAGGER)
    assert main(["compare", "nowhere", "nowhere", "--data", "weather.jsonl"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("svodka: error: no model folder")


def test_a_model_against_itself(capsys):
    assert compare(models=("shipped", "old")) == 0
    out = capsys.readouterr().out
    assert out.startswith("A: shipped (digest of ol)\nB: old (digest of ol)\nA and B are the same model\n")
    assert "sentences that changed: 0 (0 broken, 0 moved, 0 mended)\n" in out
    assert "verdict: not decided at n = 6\n" in out


def test_the_model_in_force_has_a_word_of_its_own(capsys):
    assert compare(models=("current", "new")) == 0
    assert capsys.readouterr().out.startswith("A: installed (digest of ol)\n")


def test_a_model_that_has_learnt_from_the_data_is_flattered(capsys, monkeypatch, folder):
    digest = hashlib.sha256((folder / "weather.jsonl").read_bytes()).hexdigest()
    monkeypatch.setattr(tag, "load_tagger", lambda name: KeywordTagger(name, [digest] * (name == "new")))
    compare("--out", "report.json")
    captured = capsys.readouterr()
    assert "WARNING: B has learnt from weather.jsonl, which flatters it" in captured.out
    assert "svodka: WARNING: B: weather.jsonl is the very file that the model was trained on (x.jsonl" in captured.err
    assert "WARNING: A" not in captured.out + captured.err
    models = json.loads(Path("report.json").read_text(encoding="utf-8"))["models"]
    same = [{"data": "weather.jsonl", "split": "train", "training": "x.jsonl"}]
    assert [models[letter]["overlap"]["same_files"] for letter in "ab"] == [[], same]


def test_sentences_that_a_model_was_tuned_on_are_counted(capsys, monkeypatch):
    shipped = Path(str(resources.files("svodka.training") / "data" / "validation.jsonl"))
    known = json.loads(shipped.read_text(encoding="utf-8").splitlines()[0])["text"]
    write("weather.jsonl", [*WEATHER, (known.upper(), [])])
    files = {"validation": [{"name": shipped.name, "rows": 1, "sha256": file_digest(shipped)}]}

    def load(name):
        tagger = KeywordTagger(name)
        tagger.info.details = {"data": files} if name == "new" else {}
        return tagger

    monkeypatch.setattr(tag, "load_tagger", load)
    assert compare("--out", "report.json") == 0
    err = capsys.readouterr().err
    assert "svodka: WARNING: B: Sentences that the model has seen in training or tuning are in the data: 1 word" in err
    assert "WARNING: A" not in err
    models = json.loads(Path("report.json").read_text(encoding="utf-8"))["models"]
    assert [models[letter]["overlap"]["exact"] for letter in "ab"] == [0, 1]
    assert known.upper() not in json.dumps(models, ensure_ascii=False)


def test_files_that_both_models_know_are_searched_once(monkeypatch):
    from svodka.evaluation.report import overlap

    searches = []
    monkeypatch.setattr(overlap, "cross_duplicates", lambda *_texts: searches.append(1) or [])
    assert compare() == 0
    assert searches == [1]


def test_documents_are_kept_together(capsys):
    write("weather.jsonl", WEATHER, doc="прогноз")
    assert compare("--require", "macro_f1>=-30", "--require", "macro_f1.low>=-100") == 1
    out = capsys.readouterr().out
    assert "paired bootstrap over documents" in out
    assert ["macro", "F1", "0.667", "0.375", "-29.2", "-", "-"] in [line.split() for line in out.splitlines()]
    assert "verdict: not decided at n = 6 in 1 document\n1 document: too few to decide by an interval" in out
    assert "required macro_f1>=-30: -29.17 points, holds\n" in out
    assert "required macro_f1.low>=-100: no interval, FAILS (1 document: too few" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--require", "macrof1>=0"], "no metric 'macrof1'; did you mean 'macro_f1'?"),
        (["--require", "f1:wind>=0"], "no metric 'f1:wind'"),  # only A knows it
        (["--show", "-1"], "--show must be 0 or more, got -1"),
        (["--seed", "-1"], "--seed must be 0 or more, got -1"),
        (["--out", "weather.jsonl"], "is also an input and would be overwritten"),
    ],
)
def test_a_wrong_command_line(capsys, words, message):
    assert compare(*words) == 2
    assert message in capsys.readouterr().err


def test_models_without_a_shared_topic(capsys):
    assert compare(models=("old", "other")) == 2
    assert "the models share no topic and cannot be compared; A knows rain, heat, wind; B knows sport" in (
        capsys.readouterr().err
    )


def test_without_scipy_the_fix_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert compare() == 2
    assert "svodka compare needs: pip install 'svodka[report]'" in capsys.readouterr().err


def test_the_command_loads_nothing_heavy():
    program = (
        "import sys, svodka.evaluation.compare_cli; print({'scipy', 'sklearn', 'torch', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
