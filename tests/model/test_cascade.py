"""A quick model before the folder's own: who reads what, whose answer counts, and what is refused."""

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka import Tagger
from svodka.cascade import Cascade, Doubt, cut_logits
from svodka.engine import Encoded
from svodka.errors import ConfigError, ModelFilesError
from svodka.model_folder import INFO_FILE, QUICK_FILES, read_model_info, verify_files, write_manifest
from svodka.training.doubt import fit_doubt
from svodka.training.make_cascade import main, make_cascade

TEXTS = [
    "Ночью выпал снег.",
    "Гол!",
    "Хор пел без дирижёра.",
    "Команда проиграла матч в гостях, а оркестр сыграл вальс.",
    "Погода, спорт и музыка.",
    "Пирог с капустой остыл.",
]


class Reader:
    """An engine that gives every text the logits in a table, and keeps what it was asked."""

    device, precision = "cpu", "int8"

    def __init__(self, table, most=999):
        self.table, self.most, self.asked = table, most, []

    def encode(self, texts):
        return [Encoded([len(text)] * len(text), truncated=len(text) > self.most, blank=False) for text in texts]

    def logits(self, encoded, n_topics):
        self.asked += [one.ids[0] for one in encoded]
        return np.array([self.table[one.ids[0]] for one in encoded], np.float32).reshape(len(encoded), n_topics)


def doubt(cut, bar, *, weight=1.0):
    """Return a doubt with a chance of 1/2 at the threshold, and of 1 / (1 + e) one logit beside it."""
    curves = np.tile([0.0, -1.0], (len(cut), 1))
    return Doubt(np.array(cut, float), curves, curves, np.full(len(cut), weight), bar)


def test_what_may_be_wrong_goes_on_and_gets_the_answer_of_the_last():
    # The thresholds of the first are at logit 0 and 1, those of the last at 2 and 3: its own logits move up by 2.
    first = Reader({1: [9.0, -9.0], 2: [9.0, 1.5], 3: [-0.5, -9.0]})
    last = Reader({2: [1.0, -7.0], 3: [-9.0, 4.0]})
    cascade = Cascade(first, last, doubt([0, 1], bar=0.3), np.array([2, 2], np.float32), long=9)
    logits = cascade.logits(cascade.encode(["a", "bb", "ccc"]), 2)
    assert first.asked == [1, 2, 3]
    assert last.asked == [2, 3]
    assert logits.tolist() == [[11, -7], [1, -7], [-9, 4]]


def test_the_last_model_is_not_asked_for_nothing():
    last = Reader({})
    cascade = Cascade(Reader({1: [9.0]}), last, doubt([0], bar=0.3), np.zeros(1, np.float32), long=9)
    assert cascade.logits(cascade.encode(["a"]), 1).tolist() == [[9]]
    assert cascade.logits([], 1).shape[0] == 0
    assert last.asked == []


def test_a_text_is_truncated_if_either_model_cuts_it():
    readers = Reader({}, most=100), Reader({}, most=80)
    cascade = Cascade(*readers, doubt([0], bar=0.3), np.zeros(1, np.float32), long=40)
    assert [one.truncated for one in cascade.encode(["a" * length for length in (10, 70, 90, 110)])] == [0, 0, 1, 1]


def test_the_stake_is_the_sum_of_weighted_chances_on_either_side():
    sides = np.array([[0.0, -1.0]]), np.array([[-2.0, 0.0]])
    stake = Doubt(np.array([0.5]), *sides, np.array([3.0]), 1.0).stake(np.array([[0.5], [1.5], [-4.0]], np.float32))
    assert stake.tolist() == pytest.approx([3 / 2, 3 / (1 + np.e), 3 / (1 + np.e**2)])


def test_a_doubt_is_the_same_when_it_was_written_and_read():
    one = doubt([0.25, -1.5], bar=0.125, weight=2.0)
    logits = np.array([[0.3, 0.4], [-7, 9]], np.float32)
    again = Doubt.from_dict(json.loads(json.dumps(one.to_dict(["a", "b"]))), ["a", "b"])
    assert (again.bar, again.stake(logits).tolist()) == (one.bar, one.stake(logits).tolist())


def test_the_chances_are_seen_where_the_models_differ_and_rare_topics_weigh_more():
    draw = np.random.default_rng(3)
    quick = draw.normal(0, 3, (4000, 2)).astype(np.float32)
    last = quick.copy()
    near = np.abs(quick[:, 0]) < 1
    last[near, 0] = draw.normal(0, 3, near.sum())  # on the first topic they differ near the threshold, else never
    rare = quick - np.array([0, 6], np.float32)
    fitted = fit_doubt((quick, last), (rare, rare), (np.zeros(2), np.zeros(2)), 0.2)
    chances = fitted.stake(np.array([[0.1, -9], [2, -9], [9, 0.1]], np.float32)) / fitted.weight[0]
    assert chances[0] > 0.2
    assert chances[1] < 0.1
    assert chances[2] < 1e-3
    assert fitted.weight[1] > 2 * fitted.weight[0]
    assert (fitted.stake(rare) >= fitted.bar).mean() == pytest.approx(0.2, abs=0.01)


def test_what_was_hardly_seen_goes_on_and_what_never_differed_stays():
    quick = np.array([[-1.0, -1.0]] * 9 + [[1.0, -1.0]] * 3, np.float32)
    fitted = fit_doubt((quick, quick), (quick, quick), (np.zeros(2), np.zeros(2)), 0.25)
    assert (fitted.stake(quick) >= fitted.bar).tolist() == [False] * 9 + [True] * 3


def test_thresholds_of_0_and_1_have_a_logit_too():
    assert cut_logits({"a": 0.5, "b": 0.0, "c": 1.0}).tolist() == pytest.approx([0, -13.8, 13.8], abs=0.02)


@pytest.fixture
def quick(trained_folder, tmp_path):
    """A model that decides otherwise than `trained_folder`: by other thresholds."""
    folder = tmp_path / "quick"
    shutil.copytree(trained_folder, folder)
    return changed(folder, thresholds={"weather": 0.02, "sport": 0.97, "music": 0.03})


@pytest.fixture
def pair(quick, trained_folder, tmp_path):
    """`trained_folder` behind `quick`, which hands half of the texts on."""
    make_cascade(quick, trained_folder, TEXTS, TEXTS, 0.5, tmp_path / "pair")
    return tmp_path / "pair"


def changed(folder, **values):
    path = folder / INFO_FILE
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values, ensure_ascii=False), encoding="utf-8")
    write_manifest(folder)
    return folder


def decisions(tagger):
    return [prediction.topics for prediction in tagger.predict(TEXTS)]


def test_each_text_is_decided_as_by_the_one_or_the_other(pair, quick, trained_folder):
    by_pair, by_quick, by_last = map(decisions, map(Tagger.load, (pair, quick, trained_folder)))
    assert by_quick != by_last
    assert all(one in others for one, *others in zip(by_pair, by_quick, by_last, strict=True))
    assert sum(a != b for a, b in zip(by_pair, by_last, strict=True)) < sum(
        a != b for a, b in zip(by_quick, by_last, strict=True)
    )


@pytest.mark.parametrize("asked", [{"early_exits": False}, {"precision": "float32"}])
def test_without_early_exits_or_rounding_the_last_model_reads_everything(pair, trained_folder, asked):
    exact, alone = Tagger.load(pair, **asked), Tagger.load(trained_folder, **asked)
    assert np.array_equal(exact.predict_proba(TEXTS), alone.predict_proba(TEXTS))


@pytest.mark.usefixtures("card")
def test_on_a_card_the_last_model_reads_everything(pair, trained_folder):
    tagger = Tagger.load(pair, device="cuda")
    assert tagger.device == "cuda"
    assert np.array_equal(tagger.predict_proba(TEXTS), Tagger.load(trained_folder, device="cuda").predict_proba(TEXTS))


def test_an_answer_does_not_depend_on_the_texts_beside_it(pair):
    tagger = Tagger.load(pair)
    together = tagger.predict_proba(TEXTS)
    assert np.array_equal(together, np.concatenate([tagger.predict_proba([text]) for text in TEXTS]))
    assert np.array_equal(together[::-1], tagger.predict_proba(TEXTS[::-1]))


def test_a_blank_text_has_no_topic(pair):
    assert Tagger.load(pair).predict(" ").scores == {"weather": 0, "sport": 0, "music": 0}


def test_the_folder_is_the_last_models_with_two_files_more(pair, trained_folder):
    verify_files(pair)
    assert {path.name for path in pair.iterdir()} == {path.name for path in trained_folder.iterdir()} | {*QUICK_FILES}
    info, alone = read_model_info(pair), read_model_info(trained_folder)
    assert (info.thresholds, info.topics) == (alone.thresholds, alone.topics)
    assert info.digest != alone.digest


def test_a_quick_model_takes_the_place_of_an_earlier_one(pair, quick, tmp_path):
    make_cascade(quick, pair, TEXTS, TEXTS, 0.2, tmp_path / "again")
    assert read_model_info(tmp_path / "again").details["cascade"]["share"] == 0.2
    assert Tagger.load(tmp_path / "again").predict(TEXTS[0])


def test_a_damaged_file_of_the_quick_model_is_named(pair):
    (pair / QUICK_FILES[0]).write_bytes(b"ONNX")
    with pytest.raises(ModelFilesError, match=r"quick_model.onnx has 4 bytes, the manifest says"):
        Tagger.load(pair)


def test_the_command_tells_what_goes_on_and_the_card_does_too(
    quick, trained_folder, topics_file, tiny_settings, tmp_path, capsys
):
    texts, recipe = tmp_path / "texts.jsonl", tmp_path / "tiny.yaml"
    texts.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS), encoding="utf-8")
    recipe.write_text(json.dumps(tiny_settings), encoding="utf-8")
    command = [str(quick), "--model", str(trained_folder), "--share", "0.5", "--texts", str(texts)]
    command += ["--config", str(recipe), "--topics", str(topics_file), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert "50.0% of the texts go on, and " in capsys.readouterr().out
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "What it is likely to have wrong, 50% of 6 ordinary texts, this one reads" in card
    assert "was seen on 8 texts that the quick one had not learned from" in card


def test_rows_that_the_quick_model_may_know_are_refused(
    quick, trained_folder, topics_file, tiny_settings, tmp_path, labelled_files
):
    texts, recipe, more = (tmp_path / name for name in ("texts.jsonl", "tiny.yaml", "more.jsonl"))
    texts.write_text('{"text": "Снег."}\n', encoding="utf-8")
    recipe.write_text(json.dumps(tiny_settings), encoding="utf-8")
    more.write_text('{"id": "a", "text": "Снег идёт.", "topics": ["weather"]}\n', encoding="utf-8")
    command = [str(quick), "--model", str(trained_folder), "--share", "0.5", "--texts", str(texts)]
    command += ["--config", str(recipe), "--topics", str(topics_file), "--out", str(tmp_path / "out")]
    with pytest.raises(ConfigError, match=r"do not name what .*: .*more\.jsonl is none of its train files; name the"):
        main([*command, "--data", str(more)])
    swapped = ["--set", f"validation=[{labelled_files['train']}]"]
    name = labelled_files["validation"].name
    with pytest.raises(ConfigError, match=rf"none of its validation files; its validation file {name} is not given"):
        main([*command, *swapped])
    changed(quick, metrics={"rows": 7})
    with pytest.raises(ConfigError, match=r"hold out 8 rows, the training of .* held out 7; name the recipe"):
        main(command)


TOPICS = ("weather", "sport", "music")
GOOD = {"cut": 0.0, "above": [0, 0], "below": [0, 0], "weight": 1}


@pytest.mark.parametrize(
    "told",
    [
        "quick",
        {},
        {"max_tokens": 32, "doubt": {"bar": -1, "topics": dict.fromkeys(TOPICS, GOOD)}},
        {"max_tokens": 0, "doubt": {"bar": 1, "topics": dict.fromkeys(TOPICS, GOOD)}},
        {"max_tokens": 32, "doubt": {"bar": 1, "topics": dict.fromkeys(TOPICS[:2], GOOD)}},
        {"max_tokens": 32, "doubt": {"bar": 1, "topics": dict.fromkeys(TOPICS, GOOD | {"cut": [1, 2]})}},
        {"max_tokens": 32, "doubt": {"bar": 1, "topics": dict.fromkeys(TOPICS, GOOD | {"above": [1]})}},
        {"max_tokens": 32, "doubt": {"bar": 1, "topics": dict.fromkeys(TOPICS, GOOD | {"weight": -1})}},
    ],
)
def test_a_damaged_description_is_refused(pair, told):
    with pytest.raises(ModelFilesError, match=r"is not a description of a model: 'cascade' cannot be read"):
        Tagger.load(changed(pair, cascade=told))


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_a_share_out_of_range_is_refused(quick, trained_folder, tmp_path, share):
    with pytest.raises(ConfigError, match=f"share must be above 0 and below 1, got {share}"):
        make_cascade(quick, trained_folder, TEXTS, TEXTS, share, tmp_path / "out")


@pytest.mark.parametrize("texts", [([], TEXTS), (TEXTS, [])])
def test_without_texts_there_is_no_telling(quick, trained_folder, tmp_path, texts):
    with pytest.raises(
        ConfigError,
        match=r"one ordinary and one unseen sentence or more are needed to tell what goes on; got [06] and [06]",
    ):
        make_cascade(quick, trained_folder, *texts, 0.5, tmp_path / "out")


def test_a_model_of_other_topics_is_refused(trained_folder, tmp_path):
    with pytest.raises(ConfigError, match="tiny has the topics weather, sport, music; expected those of"):
        make_cascade(trained_folder, Tagger.load("shipped").source.folder, TEXTS, TEXTS, 0.5, tmp_path / "out")
