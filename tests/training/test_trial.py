"""Trials: what they may do that a model to be kept may not, and what they learn from."""

import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.errors import ConfigError
from svodka.topics import load_topics
from svodka.training import fit
from svodka.training.recipe import make_recipe
from svodka.training.run import train
from svodka.training.run_rows import gather_rows
from svodka.training.trial import prepare_trial, run_trial


def test_titles_of_the_topics_are_read_behind_every_sentence(tiny_settings, topics_file, labelled_files, tmp_path):
    topics = load_topics(topics_file)
    recipe = make_recipe(tiny_settings | {"topic_input": "titles"})
    plain = gather_rows(make_recipe(tiny_settings), topics, None, ()).splits
    learning = prepare_trial(recipe, topics, labelled_files["validation"])
    titles = f" {'; '.join(topic.title_ru for topic in topics)}"
    for split in ("train", "validation"):
        assert learning.gathered.splits[split]["text"][:] == [text + titles for text in plain[split]["text"]]
        assert learning.gathered.splits[split]["labels"][:] == plain[split]["labels"][:]
    assert learning.tested["text"][:] == learning.gathered.splits["validation"]["text"][:]
    with pytest.raises(ConfigError, match="topic_input: 'titles' is for trials only; a model is asked sentences alone"):
        train(recipe, topics, tmp_path / "out")


def test_a_trial_learns_from_no_teachers_vectors(tiny_settings, topics_file, labelled_files):
    recipe = make_recipe(tiny_settings | {"vectors": 1.0})
    with pytest.raises(ConfigError, match="vectors: a trial is given no teacher's answers"):
        prepare_trial(recipe, load_topics(topics_file), labelled_files["validation"])


def test_copies_are_made_of_training_rows_only(tiny_settings, topics_file):
    topics = load_topics(topics_file)
    plain = gather_rows(make_recipe(tiny_settings), topics, None, (), only=20).splits
    more = gather_rows(make_recipe(tiny_settings | {"augment": ["case", "slips"]}), topics, None, (), only=20).splits
    assert len(more["train"]) > 20
    assert more["train"].select(range(20)).to_dict() == plain["train"].to_dict()
    assert more["validation"].to_dict() == plain["validation"].to_dict()


def test_a_trial_cuts_the_vocabulary_and_may_read_the_first_token(
    tiny_settings, topics_file, labelled_files, monkeypatch
):
    began, beginning = [], fit._beginning

    def remember(*given):
        began.append(beginning(*given))
        return began[-1]

    monkeypatch.setattr(fit, "_beginning", remember)
    # 60 are fewer than the letters and words of the tiny model.
    recipe = make_recipe(tiny_settings | {"epochs": 1, "pieces": 60, "pooling": "first", "averaging": 0.9})
    found = run_trial(recipe, load_topics(topics_file), labelled_files["validation"])
    assert found["recipe"]["pieces"] == 60
    whole = fit.load_encoder(recipe.backbone)
    assert began[0].config.vocab_size < whole.config.vocab_size
