"""Files of behaviour cases: the shipped ones are valid, and mistakes are refused where they stand."""

import json
from importlib import resources
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.evaluation.suites import Case, Expectation, case_files, read_suites, shipped_cases
from svodka.topics import load_topics
from svodka.training.near_duplicates import folded

TOPICS = ("rain", "heat", "wind")
HEAD = "version: 1\ncapability: showers\nkind: {kind}\ntitle: {{ru: Ливни, en: Showers}}\n"
MFT, INV, DIR = (HEAD.format(kind=kind) for kind in ("MFT", "INV", "DIR"))


def suites_of(folder, text, name="showers.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_suites([path], TOPICS)


@pytest.fixture(scope="module")
def shipped():
    return read_suites([shipped_cases()], [topic.id for topic in load_topics()])


@pytest.mark.parametrize("path", case_files([shipped_cases()]), ids=lambda path: path.stem)
def test_a_shipped_file_is_valid(path):
    suites = read_suites([path], [topic.id for topic in load_topics()])
    for suite in suites:
        assert len(suite.cases) >= 12
        assert set(suite.title) == {"ru", "en"}
    if path.stem != "spelling":
        assert [suite.capability for suite in suites] == [path.stem]


def test_the_shipped_cases_cover_every_topic_and_kind(shipped):
    assert {suite.kind for suite in shipped} == {"MFT", "INV", "DIR"}
    vocabulary = {suite.capability for suite in shipped if suite.capability.startswith("topic_")}
    assert vocabulary == {f"topic_{topic.id}" for topic in load_topics()}


def test_no_sentence_is_expected_to_have_and_not_to_have_a_topic(shipped):
    has, has_not = set(), set()
    for suite in shipped:
        for case in suite.cases:
            expect = case.expect
            yes = {*(expect.topics or ()), *expect.has}
            no = set(expect.has_not)
            if expect.topics is not None:
                no |= {topic.id for topic in load_topics()} - yes
            has |= {(case.text, topic) for topic in yes}
            has_not |= {(case.text, topic) for topic in no}
    assert not has & has_not


def test_no_case_stands_in_the_training_data(shipped):
    folder = Path(str(resources.files("svodka.training"))) / "data"
    lines = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    learned = {folded(json.loads(line)["text"]) for line in lines}
    cases = {text for suite in shipped for case in suite.cases for text in (case.text, case.changed) if text}
    assert not {text for text in cases if folded(text) in learned}


def test_a_bare_text_has_the_expectation_of_the_file(tmp_path):
    text = MFT + "expect: {has: [rain]}\ncases:\n  - Льёт.\n  - text: Ясно.\n    topics: []\n"
    (suite,) = suites_of(tmp_path, text)
    assert (suite.capability, suite.kind, suite.title) == ("showers", "MFT", {"ru": "Ливни", "en": "Showers"})
    assert suite.cases == (
        Case("showers.yaml:7", "Льёт.", None, Expectation(has=("rain",))),
        Case("showers.yaml:8", "Ясно.", None, Expectation(topics=())),
    )


def test_pairs(tmp_path):
    (suite,) = suites_of(tmp_path, INV + "cases:\n  - {text: Льёт., changed: Лило.}\n")
    assert suite.cases == (Case("showers.yaml:6", "Льёт.", "Лило.", Expectation()),)
    (suite,) = suites_of(tmp_path, INV + "cases:\n  - {text: Льёт., changed: Лило., about: [rain]}\n")
    assert suite.cases[0].expect == Expectation(about=("rain",))
    pair = "cases:\n  - {text: Льёт., changed: Жарко., loses: [rain], gains: [heat], score: {wind: down}}\n"
    (suite,) = suites_of(tmp_path, DIR + pair)
    assert suite.cases[0].expect == Expectation(loses=("rain",), gains=("heat",), score=(("wind", "down"),))


def test_each_change_is_a_capability_and_untouched_texts_are_no_cases(tmp_path):
    text = "version: 1\nkind: INV\nchanges: [yo, final_stop]\ntexts:\n  - Льёт.\n  - Дует.\n"
    yo, stop = suites_of(tmp_path, text)
    assert [(suite.capability, suite.kind, len(suite.cases)) for suite in (yo, stop)] == [
        ("yo", "INV", 1),
        ("final_stop", "INV", 2),
    ]
    assert yo.cases == (Case("showers.yaml:5", "Льёт.", "Льет.", Expectation()),)
    assert stop.cases[1].changed == "Дует"


def test_a_folder_means_its_yaml_files(tmp_path):
    for name in ("b.yml", "a.yaml", "notes.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert [path.name for path in case_files([tmp_path, tmp_path / "b.yml"])] == ["a.yaml", "b.yml"]


ONE = "cases:\n  - {text: Льёт., has: [rain]}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "yaml: the file is empty"),
        ("- Льёт.\n", r"yaml:1: expected the keys 'version', 'kind', got a YAML seq"),
        (MFT.replace("1", "2") + ONE, r"yaml:1: expected version 1, got '2'"),
        (MFT.replace("version: 1\n", "") + ONE, r"yaml:1: the key 'version' is missing"),
        (MFT.replace("MFT", "MTF") + ONE, r"yaml:3: unknown kind 'MTF'; did you mean 'MFT'\?"),
        (MFT.replace("capability", "capabilty") + ONE, r"yaml:2: unknown key 'capabilty'; did you mean 'capability'\?"),
        (MFT.replace(", en: Showers", "") + ONE, r"yaml:4: the key 'en' is missing"),
        (MFT, r"yaml:1: the key 'cases' is missing"),
        (MFT + "cases: []\n", r"yaml:5: 'cases' is empty"),
        (MFT + "cases: Льёт.\n", r"yaml:5: 'cases' must be a list, got 'Льёт.'"),
        (MFT + "cases:\n  - 12\n", r"yaml:6: 'text' must be a text that is not empty, got '12'"),
        (MFT + "cases:\n  - Льёт.\n", r"yaml:6: the case expects nothing; give one of topics, has, has_not, or"),
        (MFT + ONE.replace("rain", "rian"), r"yaml:6: unknown topic 'rian'; did you mean 'rain'\?"),
        (MFT + ONE.replace("[rain]", "rain"), r"yaml:6: 'has' must be a list, got 'rain'"),
        (MFT + ONE.replace("[rain]", "[]"), r"yaml:6: 'has' is empty"),
        (MFT + ONE.replace("has:", "hsa:"), r"yaml:6: unknown key 'hsa'; did you mean 'has'\?"),
        (
            MFT + ONE.replace("Льёт.", "Льёт, дует."),
            r"yaml:6: unknown key 'дует.'; a text with a comma inside {}",
        ),
        (MFT + ONE.replace("]}", "], has_not: [rain]}"), r"yaml:6: 'rain' stands in both 'has' and 'has_not'"),
        (MFT + ONE.replace("]}", "], topics: [rain]}"), r"yaml:6: 'topics' says all; 'has' beside it has no meaning"),
        (MFT + ONE.replace("has:", "changed: Лило., has:"), r"yaml:6: unknown key 'changed'"),
        (MFT + ONE + "  - {text: Льёт., has: [heat]}\n", r"the same case stands at showers.yaml:6 and showers.yaml:7"),
        (MFT + "expect: {gains: [rain]}\n" + ONE, r"yaml:5: unknown key 'gains'"),
        (MFT + "changes: [yo]\n" + ONE, r"yaml:2: unknown key 'capability' \(expected 'version', 'kind', 'changes'"),
        (INV + "cases:\n  - Льёт.\n", r"yaml:6: expected the keys 'text', 'changed', got 'Льёт.'"),
        (INV + "cases:\n  - {text: Льёт., changed: Льёт.}\n", r"yaml:6: 'text' and 'changed' are the same"),
        (INV + "cases:\n  - {text: Льёт.}\n", r"yaml:6: the key 'changed' is missing"),
        (DIR + "cases:\n  - {text: Льёт., changed: Лило.}\n", r"yaml:6: the case expects nothing; give one of gains"),
        (
            DIR + "cases:\n  - {text: Льёт., changed: Лило., gains: [rain], keeps: [rain]}\n",
            r"yaml:6: 'rain' stands in both 'gains' and 'keeps'",
        ),
        (
            DIR + "cases:\n  - {text: Льёт., changed: Лило., score: {rain: upp}}\n",
            r"yaml:6: unknown direction 'upp'; did you mean 'up'\?",
        ),
        ("version: 1\nkind: MFT\nchanges: [yo]\ntexts: [Льёт.]\n", r"yaml:2: 'changes' belong to kind INV, got MFT"),
        (
            "version: 1\nkind: INV\nchanges: [typo]\ntexts: [Льёт.]\n",
            r"yaml:3: unknown change 'typo'; did you mean 'typos'\?",
        ),
        (
            "version: 1\nkind: INV\nchanges: [yo]\ntexts: [Дует.]\n",
            r"yaml:3: the change 'yo' leaves every text as it is",
        ),
        ("version: 1\nkind: INV\nchanges: [yo]\ntexts: [Льёт., Льёт.]\n", r"yaml:4: the same case stands at"),
        ("version: 1\nkind: [MFT\n", r"yaml:\d: not valid YAML: "),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        suites_of(tmp_path, text)


def test_a_capability_stands_in_one_file(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(MFT + ONE, encoding="utf-8")
    with pytest.raises(DataError, match=r"b.yaml: the capability 'showers' is already in a.yaml"):
        read_suites([tmp_path], TOPICS)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(DataError, match=r"nowhere: there is no such file or folder"):
        read_suites([tmp_path / "nowhere"], TOPICS)
    with pytest.raises(DataError, match=r"the folder has no \.yaml file"):
        read_suites([tmp_path], TOPICS)
    (tmp_path / "old.yaml").write_bytes("version: 1 # дождь".encode("cp1251"))
    with pytest.raises(DataError, match=r"old.yaml: is not UTF-8 at byte 13"):
        read_suites([Path(tmp_path / "old.yaml")], TOPICS)
