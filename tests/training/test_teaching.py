"""Teachers and students: choosing sentences, soft labels, and the two commands together."""

import gzip
import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs svodka[train]")
datasets = pytest.importorskip("datasets", reason="needs svodka[train]")

from svodka import Tagger  # noqa: E402
from svodka.cli.main import main  # noqa: E402
from svodka.errors import ConfigError, DataError  # noqa: E402
from svodka.training.sentence_vectors import model_encoder  # noqa: E402
from svodka.training.soft import read_answers, soften  # noqa: E402
from svodka.training.taught_vectors import read_taught, write_vectors  # noqa: E402
from svodka.training.unlabelled import choose_sentences, likely_topical, read_sentences  # noqa: E402

TOPICS = ["weather", "sport", "music"]


def rows(*pairs):
    return datasets.Dataset.from_dict({"text": [text for text, _ in pairs], "labels": [labels for _, labels in pairs]})


def write_answers(path, *pairs):
    lines = [
        json.dumps({"text": text, "scores": dict(zip(TOPICS, scores, strict=True))}, ensure_ascii=False)
        for text, scores in pairs
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def articles(tmp_path):
    """Two unlabelled articles in one file."""
    path = tmp_path / "articles.jsonl"
    texts = [
        "На стадионе вратарь отбил два мяча подряд. В городе тем временем пошёл первый снег.",
        "Хор из Вологды спел старинный вальс без дирижёра. НА СТАДИОНЕ ВРАТАРЬ ОТБИЛ ДВА МЯЧА ПОДРЯД. Да.",
    ]
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    return path


def test_articles_become_sentences_each_once_and_short_ones_are_left_out(articles):
    assert read_sentences([articles]) == [
        "На стадионе вратарь отбил два мяча подряд.",
        "В городе тем временем пошёл первый снег.",
        "Хор из Вологды спел старинный вальс без дирижёра.",
    ]


def test_validation_texts_are_not_among_them(articles):
    found = read_sentences([articles], leave_out=["В городе тем временем пошел первый снег."])  # е for ё
    assert len(found) == 2


def test_no_sentence_at_all_is_an_error(articles):
    with pytest.raises(DataError, match="no sentence of 20 to 400 characters"):
        read_sentences([articles], leave_out=read_sentences([articles]))


def test_half_are_likely_to_have_a_topic_and_half_are_any():
    sentences = [f"s{i}" for i in range(100)]
    topical = [1.0] * 10 + [0.0] * 90
    chosen = choose_sentences(sentences, topical, 12, seed=1)
    assert len(set(chosen)) == 12
    assert sum(topical[sentences.index(s)] for s in chosen) >= 6
    assert chosen == choose_sentences(sentences, topical, 12, seed=1)
    assert chosen != choose_sentences(sentences, topical, 12, seed=2)


def test_all_are_taken_when_there_are_few():
    assert sorted(choose_sentences(["a", "b"], [0.9, 0.1], 10, seed=1)) == ["a", "b"]


def test_the_quick_model_tells_topical_sentences_from_others():
    some = rows(*[("снег и мороз", [1, 0, 0]), ("пирог с капустой", [0, 0, 0])] * 5)
    snow, pie = likely_topical(some)(["мороз", "капустой"])
    assert snow > 0.5 > pie


def test_a_text_in_two_files_gets_the_mean(tmp_path):
    one = write_answers(tmp_path / "one.jsonl", ("Снег.", [1.0, 0.0, 0.5]))
    two = write_answers(tmp_path / "two.jsonl", ("Снег.", [0.5, 0.0, 0.5]))
    np.testing.assert_allclose(read_answers([one, two], TOPICS)["Снег."], [0.75, 0, 0.5])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "Снег."', r"bad.jsonl:1: not JSON"),
        ('{"text": "Снег.", "topics": []}', r"bad.jsonl:1: expected 'text' and 'scores'"),
        (
            '{"text": "Снег.", "scores": {"wether": 1, "sport": 0, "music": 0}}',
            r"bad.jsonl:1: the score of 'weather' must be a number from 0 to 1, got None; did you mean 'wether'\?",
        ),
        ('{"text": "С", "scores": {"weather": 1.5, "sport": 0, "music": 0}}', "from 0 to 1, got 1.5"),
    ],
)
def test_a_wrong_line_of_answers_is_named(tmp_path, line, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_answers([path], TOPICS)


def test_targets_lie_between_label_and_answer():
    splits = {
        "train": rows(("Снег.", [1, 0, -1]), ("Гол.", [0, 1, 0])),
        "validation": rows(("Вальс.", [0, 0, 1])),
    }
    answers = {
        "Снег.": np.array([0.8, 0.2, 0.4], np.float32),
        "Вальс.": np.array([0.1, 0.1, 0.9], np.float32),
        "Хор пел.": np.array([0.0, 0.1, 1.0], np.float32),
    }
    learned = soften(splits, answers)
    assert learned["text"][:] == ["Снег.", "Гол.", "Хор пел."]  # not the validation row
    np.testing.assert_allclose(learned["labels"][:], [[0.9, 0.1, 0.4], [0, 1, 0], [0, 0.1, 1]], atol=1e-6)


def test_a_student_learns_from_its_teacher(trained_folder, tiny_settings, topics_file, articles, tmp_path, capsys):
    recipe = tmp_path / "tiny.yaml"
    recipe.write_text(json.dumps(tiny_settings, ensure_ascii=False), encoding="utf-8")
    answers = tmp_path / "soft.jsonl.gz"
    shared = ["--config", str(recipe), "--topics", str(topics_file), "--quiet"]
    given = ["--teacher", str(trained_folder), "--unlabelled", str(articles), "--out", str(answers)]
    assert main(["teach", *shared, *given]) == 0
    assert "what the teacher holds of 31 sentences" in capsys.readouterr().out
    lines = [json.loads(line) for line in gzip.decompress(answers.read_bytes()).decode("utf-8").splitlines()]
    about = lines[0]["about"]
    assert (about["labelled"], about["unlabelled"], about["teachers"][0]["name"]) == (28, 3, "tiny")
    assert len(lines) == 1 + 28 + 3
    assert set(lines[1]["scores"]) == set(TOPICS)

    settings = [f"backbone={trained_folder}", "layers=1", "pieces=60", "words=3", "feed_forward=48", "epochs=20"]
    changes = [part for setting in settings for part in ("--set", setting)]
    out = tmp_path / "student"
    assert main(["train", *shared, "--soft", str(answers), "--out", str(out), *changes]) == 0
    assert "macro-F1" in capsys.readouterr().out
    student, teacher = Tagger.load(out), Tagger.load(trained_folder)
    text = "Вратарь отбил пенальти на последней минуте матча."
    assert student.predict(text).topics == teacher.predict(text).topics == ("sport",)
    assert student.info.details["soft_labels"][0]["teachers"] == about["teachers"]
    assert "on 28 labelled and 3 unlabelled sentences of `articles.jsonl`" in (out / "README.md").read_text("utf-8")
    assert str(trained_folder) not in json.dumps(student.info.details)
    assert (out / "model.onnx").stat().st_size < (trained_folder / "model.onnx").stat().st_size


def test_a_teacher_of_other_topics_is_refused(trained_folder, tmp_path, capsys):
    given = ["--teacher", str(trained_folder), "--out", str(tmp_path / "soft.jsonl.gz")]
    assert main(["teach", *given]) == 2
    assert "has the topics weather, sport, music; expected threats" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_model_is_a_teacher_by_its_name(topics_file, tmp_path, capsys):
    given = ["--topics", str(topics_file), "--teacher", "shipped", "--out", str(tmp_path / "soft.jsonl.gz")]
    assert main(["teach", *given]) == 2
    assert "has the topics threats, training," in capsys.readouterr().err  # it was found, and knows nothing of sport


def test_a_setting_of_the_recipe_can_be_changed(trained_folder, labelled_files, topics_file, tiny_settings, tmp_path):
    recipe = tmp_path / "tiny.yaml"
    recipe.write_text(json.dumps(tiny_settings, ensure_ascii=False), encoding="utf-8")
    answers = tmp_path / "soft.jsonl.gz"
    few = tmp_path / "few.jsonl"
    few.write_text("".join(labelled_files["train"].read_text("utf-8").splitlines(keepends=True)[:5]), encoding="utf-8")
    given = ["--config", str(recipe), "--topics", str(topics_file), "--teacher", str(trained_folder)]
    assert main(["teach", *given, "--set", f"train=[{few}]", "--out", str(answers), "--quiet"]) == 0
    assert len(gzip.decompress(answers.read_bytes()).splitlines()) == 1 + 5


def test_a_student_makes_of_a_sentence_what_its_teacher_does(
    trained_folder, tiny_settings, topics_file, labelled_files, tmp_path
):
    recipe = tmp_path / "tiny.yaml"
    recipe.write_text(json.dumps(tiny_settings, ensure_ascii=False), encoding="utf-8")
    answers = tmp_path / "soft.jsonl.gz"
    shared = ["--config", str(recipe), "--topics", str(topics_file), "--quiet"]
    teach = ["teach", *shared, "--teacher", str(trained_folder), "--out"]
    assert main([*teach, str(answers), "--vectors"]) == 0
    assert main([*teach, str(tmp_path / "without.jsonl.gz")]) == 0
    told, plainly = (read_answers([tmp_path / name], TOPICS) for name in (answers.name, "without.jsonl.gz"))
    assert all(told[text] == pytest.approx(row, abs=1e-4) for text, row in plainly.items())
    plain, alike = tmp_path / "plain", tmp_path / "alike"
    student = ["train", *shared, "--soft", str(answers), "--set", f"backbone={trained_folder}", "--set", "layers=1"]
    for out, weight in (plain, 0), (alike, 2.5):
        assert main([*student, "--set", f"vectors={weight}", "--out", str(out)]) == 0
    texts = [json.loads(line)["text"] for line in labelled_files["train"].read_text("utf-8").splitlines()]
    teacher, without, with_vectors = (model_encoder(folder).encode(texts) for folder in (trained_folder, plain, alike))
    assert ((with_vectors - teacher) ** 2).mean() < ((without - teacher) ** 2).mean()
    assert Tagger.load(alike).info.details["recipe"]["vectors"] == 2.5


def with_vectors(path, teacher, vectors, *texts):
    """Write answers of a teacher with its vectors, as `svodka teach --vectors` does."""
    about = {"teachers": [{"name": teacher}], "vectors": write_vectors(path, np.array(vectors, np.float16))}
    lines = [{"about": about}, *({"text": text, "scores": {"weather": 1, "sport": 0, "music": 0}} for text in texts)]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def test_vectors_stand_beside_their_answers_and_not_every_text_has_one(tmp_path):
    one = with_vectors(tmp_path / "one.jsonl", "big", [[1, 2], [3, 4]], "Снег.", "Гол.")
    two = with_vectors(tmp_path / "two.jsonl", "big", [[5, 6]], "Снег.")
    assert (tmp_path / "one.vectors.npy").is_file()
    found = read_taught([one, two]).of(["Гол.", "Вальс.", "Снег."], 2)
    assert found[0].tolist() == [3, 4]
    assert np.isnan(found[1]).all()
    assert found[2].tolist() == [5, 6]  # the last counts


def test_vectors_of_two_teachers_do_not_go_together(tmp_path):
    files = [with_vectors(tmp_path / f"{name}.jsonl", name, [[1, 2]], "Снег.") for name in ("big", "other")]
    with pytest.raises(ConfigError, match=r"those of big.jsonl and other.jsonl come from different teachers"):
        read_taught(files)


def test_vectors_of_other_answers_are_refused(tmp_path):
    answers = with_vectors(tmp_path / "soft.jsonl", "big", [[1, 2]], "Снег.")
    write_vectors(answers, np.zeros((1, 2), np.float16))
    with pytest.raises(DataError, match=r"soft.vectors.npy: is not the file that was written with soft.jsonl; make"):
        read_taught([answers])


def test_answers_without_vectors_are_told(tmp_path):
    answers = write_answers(tmp_path / "soft.jsonl", ("Снег.", [1, 0, 0]))
    with pytest.raises(DataError, match=r"soft.vectors.npy: not found; `svodka teach --vectors` writes it"):
        read_taught([answers])


def test_vectors_without_answers_are_a_slip():
    with pytest.raises(ConfigError, match="name these with --soft FILE"):
        read_taught([])


def test_a_narrower_student_cannot_have_them(tmp_path):
    answers = with_vectors(tmp_path / "soft.jsonl", "big", np.zeros((1, 384)), "Снег.")
    with pytest.raises(ConfigError, match="the teacher's have 384 channels and the student's 312"):
        read_taught([answers]).of(["Снег."], 312)


def test_vectors_of_several_teachers_cannot_be_asked_for(trained_folder, topics_file, tmp_path, capsys):
    teachers = ["--teacher", str(trained_folder)] * 2
    given = ["--topics", str(topics_file), *teachers, "--vectors", "--out", str(tmp_path / "soft.jsonl.gz")]
    assert main(["teach", *given]) == 2
    assert "vectors are those of one teacher, got 2" in capsys.readouterr().err
