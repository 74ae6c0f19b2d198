"""The report from labelled rows to the page, with a model of three keywords."""

import html.parser
import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")
pytest.importorskip("jinja2", reason="needs svodka[report]")

from svodka.errors import ConfigError
from svodka.evaluation.behaviour_table import EXPECTED
from svodka.evaluation.labelled import read_labelled
from svodka.evaluation.metrics import evaluate_predictions
from svodka.evaluation.peers.registry import PEERS
from svodka.evaluation.report.build import Measured, Options, build_report
from svodka.evaluation.report.html import render_html
from svodka.evaluation.report.markdown import render_markdown
from svodka.evaluation.report.texts import LANGUAGES, texts
from svodka.evaluation.report.write import FILES, check_folder, write_report
from svodka.evaluation.results import CapabilityResult, CaseFailure, Difference, PeerResult, Unmet
from svodka.evaluation.scored import Scored
from svodka.topics import Topic

KEYWORDS = {"rain": "дожд", "heat": "жар", "wind": "вет"}
TOPICS = tuple(KEYWORDS)
TITLES = tuple(
    Topic(topic, ru, en, ru, en)
    for topic, ru, en in (
        ("rain", "Дождь", "Rain"),
        ("heat", "Жара <сильная>", "Heat & dust"),
        ("wind", "Ветер", "Wind"),
    )
)
ROWS = (
    {"text": "В Туле дождь.", "topics": ["rain"], "genre": "wire"},  # found
    {"text": "В Орле льёт.", "topics": ["rain"], "genre": "wire"},  # missed, nothing instead
    {"text": "Дождь наград для | повара <b>.", "topics": [], "genre": "tv"},  # a false alarm of rain
    {"text": "Жара и дождь в Твери.", "topics": ["heat", "rain"], "unknown": ["wind"]},  # both found
    {"text": "Сухо, а в сводке дождь.", "topics": ["heat"]},  # heat missed, rain instead
)
TERMS = {
    "date": "2026-01-02T03:04:05+00:00",
    "model": {"folder": None, "source": "shipped", "digest": "d1e5", "precision": "float32", "device": "cuda"},
    "seed": 1,
    "versions": {"python": "3.11", "svodka": "0.1"},
    "hardware": {"cpu": None, "cores": 2, "system": "Linux"},
    "git_commit": None,
}


needs_browser = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")


def probabilities(asked):
    return np.array([[0.9 if word in text.lower() else 0.1 for word in KEYWORDS.values()] for text in asked])


@pytest.fixture
def measure(tmp_path):
    """Give what was measured on some rows."""

    def make(rows=ROWS, thresholds=None):
        path = tmp_path / "weather.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        data = read_labelled([path], TOPICS)
        limits = thresholds or dict.fromkeys(TOPICS, 0.5)
        scored = Scored(probabilities(data.texts), limits, np.zeros(len(data.rows), dtype=bool), 0.5)
        result = evaluate_predictions(data.gold, scored.probabilities, limits, TOPICS, seed=1, resamples=20)
        return Measured(data, scored, result, TITLES, {}, TERMS, ())

    return make


@pytest.fixture
def content(measure):
    return build_report(measure(), Options(), probabilities)


def section(page, name):
    return re.search(rf'<section id="{name}">(.*?)</section>', page, flags=re.DOTALL).group(1)


def test_the_content_survives_json(content):
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_headline_figures_stand_where_they_are_promised(content):
    # rain: 2 found, 2 false alarms, 1 missed: 4/7; heat: 1 found, 1 missed: 2/3; micro: 6 / (6 + 2 + 2)
    result = content["result"]
    assert result["macro_f1"]["value"] == pytest.approx((4 / 7 + 2 / 3) / 2)
    assert result["micro_f1"]["value"] == pytest.approx(0.6)
    for name in ("macro_f1", "micro_f1", "samples_f1", "exact_match", "mean_average_precision"):
        assert set(result[name]) == {"value", "low", "high"}
    assert content["confusion"]["instead"][1] == [1, 0, 0]
    assert content["confusion"]["nothing"] == [1, 0, 0]


def test_errors_and_hits_with_their_words(content):
    errors, hits = content["examples"]["errors"], content["examples"]["hits"]
    assert {(one["text"], one["topic"], one["kind"]) for one in errors} == {
        ("В Орле льёт.", "rain", "missed"),
        ("Дождь наград для | повара <b>.", "rain", "alarm"),
        ("Сухо, а в сводке дождь.", "rain", "alarm"),
    }
    assert [one["kind"] for one in hits] == ["hit", "hit"]
    assert hits[0]["words"][-1] == ["дождь.", pytest.approx(0.8)]


def test_slices_that_are_there(content, measure):
    assert [one["name"] for one in content["slices"]] == ["length", "genre"]
    assert [one["value"] for one in content["slices"][1]["values"]] == ["", "wire", "tv"]
    bare = [{key: value for key, value in row.items() if key != "genre"} | {"doc": "1"} for row in ROWS]
    sliced = build_report(measure(bare), Options(slices=["doc"]), probabilities)["slices"]
    assert [one["name"] for one in sliced] == ["length", "doc"]
    with pytest.raises(ConfigError, match="--slice dok: no row has this column; did you mean 'doc'"):
        build_report(measure(bare), Options(slices=["dok"]), probabilities)


def test_small_parts_are_grey_and_marked(content, measure):
    text = section(render_html(content, "en"), "slices")
    assert re.search(r'<th class="name faint" scope="row">wire</th>', text)
    assert '<td class="num faint">2 †</td>' in text
    assert "†: fewer than 30 sentences" in text
    many = build_report(measure([*ROWS] * 12), Options(), probabilities)  # 60 sentences of one length
    many["slices"] = [one for one in many["slices"] if one["name"] == "length"]
    assert "†" not in render_html(many, "en")


def test_an_interval_without_width_is_not_shown(measure):
    text = render_markdown(build_report(measure([ROWS[0]] * 12), Options(), probabilities), "en")
    assert re.search(r"^\| Rain \| 1\.000 \| 1\.000 \| 1\.000 \| 1\.000 \|", text, flags=re.MULTILINE)


def test_figures_again_without_the_sentences_found_in_training(measure, tmp_path):
    seen = tmp_path / "train.jsonl"
    seen.write_text(json.dumps({"text": ROWS[1]["text"]}), encoding="utf-8")
    overlap = build_report(measure(), Options(train=[seen]), probabilities)["overlap"]
    assert (overlap["exact"], overlap["without"]["n"]) == (1, 4)
    # without the missed rain: rain 2 found, 2 false alarms: 4/6; heat 2/3
    assert overlap["without"]["macro_f1"]["value"] == pytest.approx(2 / 3)


def test_both_languages_have_every_text_with_the_same_places():
    both = [texts(lang) for lang in LANGUAGES]
    assert both[0].keys() == both[1].keys()
    for key in both[0]:
        places = [sorted(re.findall(r"{\w+}", one[key])) for one in both]
        assert places[0] == places[1], key


class Page(html.parser.HTMLParser):
    """Collects what a page refers to, and checks that its elements nest."""

    empty = frozenset({"meta", "line", "rect", "circle", "path", "br"})

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.targets, self.ids = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.targets += [values[name] for name in ("src", "href", "srcset", "action") if name in values]
        self.ids += [values["id"]] if "id" in values else []
        if tag not in self.empty:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_needs_nothing_else(content, lang):
    text = render_html(content, lang)
    page = Page(text)
    assert page.open == []
    assert all(target.startswith("#") and target[1:] in page.ids for target in page.targets)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "url(" not in text
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert f'<html lang="{lang}">' in text


def test_every_chart_says_its_finding(content):
    page = Page(render_html(content, "en"))
    charts = [values for tag, values in page.tags if tag == "svg"]
    assert all(one["role"] == "img" and re.search(r"\d|no sentence", one["aria-label"]) for one in charts)
    labels = [one["aria-label"] for one in charts]
    # rain: four sentences share 0.9, two of them carry it; the third at 0.1: 2/3 * 2/4 + 1/3 * 3/5
    assert "Rain: AP 0.533; at the threshold 0.500 recall 0.667, precision 0.500" in labels
    assert "Wind: the data have no sentence with it" in labels


def test_what_comes_from_outside_is_escaped(content):
    page = render_html(content)
    assert "повара <b>" not in page
    assert "повара &lt;b&gt;." in re.sub(r"</?mark[^>]*>", "", section(page, "errors"))
    assert "Жара &lt;сильная&gt;" in page
    assert r"повара \<b\>." in render_markdown(content)
    assert r"для \| повара" in render_markdown(content).replace("*", "")


def test_page_and_markdown_depend_on_the_content_alone(content):
    again = json.loads(json.dumps(content))
    assert render_html(content) == render_html(again)
    assert render_markdown(content) == render_markdown(again)


def test_markdown_says_what_the_page_says(content):
    page, text = render_html(content, "en"), render_markdown(content, "en")
    assert re.findall(r"<h2>(.*?)</h2>", page) == re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    # rain: F1 4/7, precision 2/4, recall 2/3; no interval, as five sentences are too few
    assert re.search(r"^\| Rain \| 0\.571 \| 0\.500 \| 0\.667 \|", text, flags=re.MULTILINE)
    assert "**дождь.**" in text
    assert {line.count(" | ") for line in text.splitlines() if line.startswith("| Rain")} == {8}


def test_numbers_are_written_as_the_language_does(content):
    assert "0,571" in render_markdown(content, "ru")
    assert "0.571" in render_markdown(content, "en")


def test_notes_say_what_to_bear_in_mind(content):
    text = section(render_html(content, "en"), "overview")
    assert "Fewer than 30 sentences" in text
    assert "No sentence carries: Wind." in text
    assert "for which some topics were not judged: 1." in text
    assert "The model read every sentence to its end." in text
    assert "Speed in this run: 10 sentences a second (unknown, cores: 2)." in text


def test_calibration_errors_are_said_with_their_numbers(content):
    # 14 decisions are judged (one of 15 is not), all at 0.9 or 0.1 and so all of 0.1 and more
    said = r"over all decisions \(14\), and 0\.\d{3} over those with a probability of 0\.1 and more \(14\)"
    assert re.search(said, " ".join(section(render_html(content, "en"), "calibration").split()))
    assert re.search(said, render_markdown(content, "en"))


# what was measured, and what the page must say of it
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"text": "Дождь.", "topics": ["rain"]}], "One sentence was measured: there are no intervals."),
        ([{"text": "Дождь.", "topics": ["rain"], "doc": str(doc)} for doc in range(9)], "Fewer than 10 documents"),
        ([{"text": "Дождь.", "topics": ["rain"]}] * 2, "Every judged sentence carries: Rain."),
        ([{"text": "Музей открыт.", "topics": []}], "None carries any of the model&#39;s topics"),
        ([{"text": "Дождь.", "topics": [], "unknown": list(TOPICS)}], "No decision is judged."),
    ],
    ids=["one row", "few documents", "a topic in every row", "no topic in any row", "nothing judged"],
)
def test_odd_data_have_a_report(measure, rows, expected):
    content = build_report(measure(rows), Options(), probabilities)
    json.dumps(content, allow_nan=False)
    for lang in LANGUAGES:
        assert render_markdown(content, lang)
        assert render_html(content, lang)
    assert expected in render_html(content, "en")


def test_terms(content, measure):
    text = section(render_html(content, "en"), "terms")
    for part in (
        "2026-01-02T03:04:05",
        "d1e5",
        "float32",
        "cuda</td>",
        content["data"]["files"][0]["sha256"],
        "20, seed 1",
        "unknown; package svodka 0.1",
    ):
        assert part in text
    details = {
        "data": {"validation": [{"name": "valid.jsonl", "sha256": "0", "rows": 480}], "rows": {"validation": 1887}}
    }
    known = replace(measure(), details=details | {"recipe": {"validation_share": 0.1}}, given=["wind"])
    text = section(render_html(build_report(known, Options(), probabilities), "en"), "terms")
    assert "the model&#39;s own, fitted on 1\u202f887 validation rows (valid.jsonl, 10.0\u202f% of" in text
    assert "given on the command line: Wind" in text


def test_a_data_file_of_the_training_is_said_first(content):
    same = [{"data": "weather.jsonl", "split": "train", "training": "weather.jsonl"}]
    seen = content | {"overlap": content["overlap"] | {"same_files": same}}
    text = section(render_html(seen, "en"), "overview")
    assert text.index("weather.jsonl is the very file that the model was trained on") < text.index("Macro F1")


def test_without_training_texts_the_report_says_so(content):
    text = section(render_html(content, "en"), "overlap")
    assert "There was nothing to compare with" in text
    assert "The model does not name the files that it was trained on." in text


def peer(result):
    return PeerResult(
        kind="words",
        title="Keyword <list>",
        family="rules",
        n_train=100,
        train_seconds=0.5,
        sentences_per_second=5000.0,
        settings={"words": 3},
        result=result,
        difference=Difference(0.1, -0.05, 0.25, 0.2),
    )


def test_peers_have_a_section_if_there_are_any(measure, content):
    measured = measure()
    text = render_html(build_report(measured, Options(), probabilities, peers=[peer(measured.result)]), "en")
    peers = section(text, "peers")
    for part in ("Keyword &lt;list&gt;", "+0.100 [−0.050, 0.250]", "0.200", "5\u202f000", "words: 3"):
        assert part.replace("5\u202f000", "5000") in peers.replace("\u202f", "")
    assert 'id="peers"' not in render_html(content)


def test_behaviour_has_a_section_if_there_is_any(measure, content):
    failure = CaseFailure("no-1", "Дождя нет.", "Дождя не будет.", (Unmet("same"),), {"rain": 0.9}, {})
    negation = CapabilityResult("negation", "MFT", {"ru": "Отрицание", "en": "Negation"}, 4, 1, (failure,) * 5)
    empty = CapabilityResult("yo", "INV", {"ru": "Буква ё", "en": "Letter yo"}, 0, 0, ())
    built = build_report(measure(), Options(), probabilities, behaviour=[negation, empty])
    assert [one["failure_rate"]["value"] for one in built["behaviour"]] == [0.25, None]
    text = section(render_html(built, "en"), "behaviour")
    assert "0.250 [0.046, 0.699]" in text  # Wilson, 1 of 4
    assert text.count("Дождя нет. (changed to: Дождя не будет.)") == 3
    assert "Negation: failed 1 of 4" in text
    assert ">Failure rate</th>" in text
    assert 'id="behaviour"' not in render_html(content)


# what was not met and what came, and what the page says of them in Russian and in English
@pytest.mark.parametrize(
    ("unmet", "got", "got_changed", "moved", "russian", "english"),
    [
        (Unmet("topics"), {"rain": 0.9}, None, {}, ("ни одной темы", "Дождь 0,90"), ("no topic at all", "Rain 0.90")),
        (Unmet("has", ("rain",)), {}, None, {}, ("есть: «Дождь»", "тем нет"), ("has: “Rain”", "no topic")),
        (
            Unmet("same"),
            {"rain": 0.9},
            {},
            {},
            ("те же темы", "Дождь 0,90 → тем нет"),
            ("the same topics", "Rain 0.90 → no topic"),
        ),
        (
            Unmet("up", ("wind",)),
            {},
            {},
            {"wind": (0.1, 0.05)},
            ("вероятность вырастет: «Ветер»", "тем нет → тем нет (Ветер 0,100 → 0,050)"),
            ("probability goes up: “Wind”", "no topic → no topic (Wind 0.100 → 0.050)"),
        ),
    ],
)
def test_failures_are_worded_in_the_language_of_the_page(measure, unmet, got, got_changed, moved, russian, english):
    changed = None if got_changed is None else "Ясно."
    failure = CaseFailure("no-1", "Сухо.", changed, (unmet,), got, got_changed, moved)
    tested = CapabilityResult("dry", "MFT", {"ru": "Сушь", "en": "Drought"}, 1, 1, (failure,))
    built = build_report(measure(), Options(), probabilities, behaviour=[tested])
    for lang, (expected, came) in (("ru", russian), ("en", english)):
        text = section(render_html(built, lang), "behaviour")
        assert f'<td class="prose">{expected}</td><td class="prose">{came}</td>' in text


def test_every_expectation_and_every_peer_has_words():
    families = {"family_" + peer.family.replace(" ", "_").replace("-", "_") for peer in PEERS.values()}
    wanted = {f"case_{kind}" for kind in EXPECTED} | {f"peer_{name}" for name in PEERS} | families
    assert wanted <= texts("ru").keys()


def test_settings_of_peers_are_worded(measure):
    measured = measure()
    settings = {
        "features": 1200,
        "strengths": {"rain": 0.5, "wind": None},
        "chosen_by": "cross_validation",
        "folds": 5,
        "bf16": False,
    }
    known = replace(peer(measured.result), kind="tfidf", family="linear", settings=settings)
    built = build_report(measured, Options(), probabilities, peers=[known])
    text = section(render_html(built, "ru"), "peers")
    assert "TF-IDF и логистическая регрессия (линейная модель)" in text
    assert "признаков: 1\u202f200; C по темам: Дождь 0,5, Ветер –; перекрёстная проверка" in text
    assert "частей: 5; C по AP, пороги по F1; вычисления в float32" in text
    assert "Keyword" not in text


def test_a_folder_is_written_whole(content, tmp_path):
    folder = tmp_path / "report"
    write_report(content, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert json.loads((folder / "report.json").read_text(encoding="utf-8")) == content
    with pytest.raises(ValueError, match="Out of range float"):
        write_report(content | {"seed": float("nan")}, folder)
    assert (folder / "report.html").read_text(encoding="utf-8") == render_html(content)


def test_an_input_in_the_folder_would_be_lost(content, tmp_path):
    write_report(content, tmp_path / "report")
    with pytest.raises(ConfigError, match=r"would replace the input .*report\.json"):
        check_folder(tmp_path / "report", [tmp_path / "report" / "report.json"])


def browse(folder, page, *words):
    """Open a page in a browser; return what the browser prints."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    options += [f"--user-data-dir={folder / 'chrome'}", *words, page.as_uri()]
    done = subprocess.run(["chromium", *options], check=True, capture_output=True, timeout=60)
    return done.stdout.decode("utf-8")


@needs_browser
def test_a_browser_shows_the_page(content, tmp_path):
    write_report(content, tmp_path / "report")
    shot = tmp_path / "page.png"
    browse(tmp_path, tmp_path / "report" / "report.html", f"--screenshot={shot}", "--window-size=500,900")
    assert shot.stat().st_size > 20_000


# Writes of each table how wide it is, and how much of that the page shows.
MEASURE = """<script>document.body.innerHTML = [...document.querySelectorAll(".scroll")].map(
one => `[${one.closest("section").id} ${one.scrollWidth} ${one.clientWidth}]`).join("")</script></body>"""


@needs_browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_table_is_cut_off_on_a_usual_screen(measure, tmp_path, lang):
    measured = measure([row | {"source": "a/very-long-path/" * 6} for row in ROWS] * 3)
    built = build_report(measured, Options(slices=["source"]), probabilities, peers=[peer(measured.result)] * 2)
    page = tmp_path / "page.html"
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", render_html(built, lang))
    page.write_text(text.replace("</body>", MEASURE), encoding="utf-8")
    found = re.findall(r"\[(\w+) (\d+) (\d+)\]", browse(tmp_path, page, "--window-size=1200,900", "--dump-dom"))
    assert {"topics", "slices", "peers", "cooccurrence"} <= {name for name, _, _ in found}
    assert [one for one in found if int(one[1]) > int(one[2])] == []
