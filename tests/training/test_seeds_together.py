"""Several seeds together: their mean weights, their mean answers, and a student of theirs."""

import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from torch import nn  # noqa: E402

from svodka.errors import ConfigError  # noqa: E402
from svodka.topics import load_topics  # noqa: E402
from svodka.training import seeds_together  # noqa: E402
from svodka.training.recipe import make_recipe  # noqa: E402
from svodka.training.seeds_together import mean_weights, run_together  # noqa: E402
from svodka.training.trial import prepare_trial  # noqa: E402


def test_the_mean_of_weights_leaves_the_models_alone():
    models = [nn.Linear(1, 1) for _ in range(3)]
    for value, model in enumerate(models):
        nn.init.constant_(model.weight, float(value))
        nn.init.constant_(model.bias, 3.0 * value)
    average = mean_weights(models)
    assert (average.weight.item(), average.bias.item()) == (1.0, 3.0)
    assert [model.weight.item() for model in models] == [0.0, 1.0, 2.0]


def test_three_seeds_bring_three_results(tiny_settings, topics_file, labelled_files, monkeypatch):
    recipe = make_recipe(tiny_settings | {"epochs": 1})
    learning = prepare_trial(recipe, load_topics(topics_file), labelled_files["validation"], rows=20)
    learned = []
    fit = seeds_together.fit_rows

    def remember(recipe, rows, *given, **named):
        learned.append((recipe.seed, len(rows.splits["train"])))
        return fit(recipe, rows, *given, **named)

    monkeypatch.setattr(seeds_together, "fit_rows", remember)
    averaged = []
    monkeypatch.setattr(seeds_together, "mean_weights", lambda models: averaged.append(len(models)) or models[0])
    unlabelled = ["Полк вышел на марш.", "Погода не изменится."]
    names = ("seeds-weights", "seeds-answers", "seeds-student")
    results = dict(run_together(learning, names, unlabelled))
    # The student has a seed of its own, and the unlabelled sentences besides the rows of its teachers.
    assert learned == [(13, 20), (14, 20), (15, 20), (16, 22)]
    assert averaged == [3]
    assert {name: result["train_rows"] for name, result in results.items()} == {
        "seeds-answers": 20,
        "seeds-weights": 20,
        "seeds-student": 22,
    }
    assert results["seeds-student"]["student_seed"] == 16
    assert {result["recipe"]["seed"] for result in results.values()} == {13}


def test_no_student_is_trained_that_nobody_wants(tiny_settings, topics_file, labelled_files):
    learning = prepare_trial(
        make_recipe(tiny_settings | {"epochs": 1}), load_topics(topics_file), labelled_files["validation"], rows=20
    )
    assert [name for name, _ in run_together(learning, ["seeds-answers"], [])] == ["seeds-answers"]


def test_a_plan_without_these_runs_is_refused(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("runs: [{name: plain}]", encoding="utf-8")
    given = [str(plan), "--measure", "dev.jsonl", "--unlabelled", "news.jsonl"]
    with pytest.raises(ConfigError, match="none of its runs is called seeds-weights, seeds-answers or seeds-student"):
        seeds_together.main(given)


def test_settings_that_nothing_would_heed_are_refused(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("runs: [{name: plain}, {name: seeds-weights, set: {epochs: 2}}]", encoding="utf-8")
    with pytest.raises(ConfigError, match="seeds-weights takes the settings of the first run; it cannot have its own"):
        seeds_together.main([str(plan), "--measure", "dev.jsonl", "--unlabelled", "news.jsonl"])


def test_titles_are_not_read_behind_unlabelled_sentences(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("runs: [{name: plain, set: {topic_input: titles}}, {name: seeds-weights}]", encoding="utf-8")
    with pytest.raises(ConfigError, match="plan: the runs of this command know no topic_input, got 'titles'"):
        seeds_together.main([str(plan), "--measure", "dev.jsonl", "--unlabelled", "news.jsonl"])


def test_results_that_are_there_are_not_made_again(tmp_path, capsys):
    plan = tmp_path / "plan.yaml"
    plan.write_text("runs: [{name: plain}, {name: seeds-weights}]", encoding="utf-8")
    (tmp_path / "plan-seeds-weights-13.json").write_text("{}", encoding="utf-8")
    assert seeds_together.main([str(plan), "--measure", "dev.jsonl", "--unlabelled", "news.jsonl"]) == 0
    assert "all of them are there already" in capsys.readouterr().err
