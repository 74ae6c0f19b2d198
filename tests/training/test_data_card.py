import argparse
import json

import pytest

from svodka.errors import DataError
from svodka.topics import Topic
from svodka.training.agreement import Agreement, TopicAgreement
from svodka.training.composition import compose
from svodka.training.data_card import CardContent, data_card
from svodka.training.data_card_cli import add_parser
from svodka.training.digested import Label
from svodka.training.realness import Realness
from svodka.training.rows import Row

TOPICS = [
    Topic("rain", "Дожди", "Rain", "Льёт вода.", "Water falls."),
    Topic("wind", "Ветер", "Wind", "Дует.", "Blows."),
]
ROWS = [
    Row("1", "В Туле льёт.", ("rain",), "tv", (), 1, "train.jsonl"),
    Row("2", "В Туле льёт и дует.", ("rain", "wind"), None, (), 2, "train.jsonl"),
    Row("3", "Ярмарка.", (), "tv", (), 3, "train.jsonl"),
]


def point(rows, seed, macro, rain):
    return {
        "train_rows": rows,
        "recipe": {"seed": seed},
        "macro_f1": [macro, 0.1, 0.9],
        "micro_f1": [0.5, 0.4, 0.6],
        "mean_average_precision": 0.75,
        "topics": {"rain": rain, "wind": 0.9},
        "measured_on": {"name": "dev.jsonl", "rows": 7},
    }


def content(**more):
    return CardContent(TOPICS, ["Град - тоже rain."], {"train": compose(ROWS, ["rain", "wind"])}, **more)


def test_the_composition_is_counted():
    lines = data_card(content(), "{{composition}}").splitlines()
    assert "| sentences | 3 |" in lines
    assert "| `rain` Дожди | 2 |" in lines
    assert "| no topic | 1 |" in lines
    assert "| genre tv | 2 |" in lines


def test_text_around_the_parts_stays_and_borderline_cases_are_listed():
    assert data_card(content(), "До {{borderline}} после") == "До - Град - тоже rain. после"


def test_agreement_is_told_topic_by_topic():
    topics = (TopicAgreement("rain", 0.8, 0.5, 3), TopicAgreement("wind", None, None, 0))
    card = data_card(content(agreement=Agreement(4, 1, 2, 0, 1, 0.8, topics)), "{{agreement}}")
    assert "4 sentences were read twice (1 once). 2 of them got the same topics both times, 2 were disputed" in card
    assert "| `rain` | 0.800 | 0.500 | 3 |" in card
    assert "| `wind` | – | – | 0 |" in card


def test_labels_of_news_are_counted_and_their_readers_compared():
    news = {
        "a": Label(("rain",), unsure=False, second=("rain",)),
        "b": Label(("rain", "wind"), unsure=True, second=("rain",)),
        "c": Label((), unsure=False),
    }
    told = data_card(content(news=news), "{{news}}")
    assert told.startswith("3 sentences: `rain` 2, `wind` 0; 1 with no topic. Of 1 a reader was not sure. 2 drawn")
    assert "1 got the same topics, and the mean F1 of the topics between both readings is 0.500." in told
    assert told.endswith("In 1 a topic is left open, which one of two readers gave: it teaches nothing.")
    assert "decided otherwise" not in told
    assert "third" not in told


def test_news_that_a_model_doubted_are_told_apart_from_those_drawn_at_random():
    news = {
        "a": Label((), unsure=False, second=()),
        "b": Label(("rain",), unsure=False, second=(), third=(), doubted=True),
        "c": Label(("rain",), unsure=False, second=(), third=("rain",), doubted=True),
    }
    told = data_card(content(news=news), "{{news}}")
    assert "1 drawn from among them were read again by somebody who saw the text only: 1 got the same topics" in told
    assert "2 on which a trained model decided otherwise were read again in the same way: 0 got the same topics" in told
    assert told.endswith("2 were read a third time, and the majority counts.")


def test_without_labels_of_news_the_card_says_so():
    assert data_card(content(), "{{news}}") == "No such labels."


def test_seeds_of_one_size_are_averaged_and_the_weakest_topics_named():
    points = [point(20, 1, 0.6, 0.2), point(10, 1, 0.5, 0.1), point(20, 2, 0.7, 0.4)]
    card = data_card(content(curves={"Ours": points}), "{{curves}}")
    assert "Ours, measured on 7 rows of `dev.jsonl`:" in card
    assert "| 10 | 1 | 0.500 | 0.500 | 0.750 | rain 0.10, wind 0.90 |" in card
    assert "| 20 | 2 | 0.650 (0.600 to 0.700) | 0.500 | 0.750 | rain 0.30, wind 0.90 |" in card


def test_what_gives_the_sentences_away_is_named():
    found = {"`pool`": Realness(0.8125, 12, (",", "мы"), ("также",))}
    card = data_card(content(realness=found, lemmas={"клиент": 9, "жёсткий": 4}), "{{realness}}")
    assert (
        "- against real text, `pool`: AUC 0.812 (12 sentences of each). Ours are betrayed by: `,` `мы`; "
        "the real ones by: `также`" in card
    )
    assert "2 most frequent lemmas of real text that ours never have occur there 9 to 4 times each" in card


def test_parts_that_were_not_measured_say_so():
    assert data_card(content(), "{{agreement}} {{realness}}") == "No second reading. Not measured."


@pytest.fixture
def card_of(tmp_path):
    """Run `svodka data card` on a folder with one file of rows and the shipped topics."""
    line = {"id": "1", "text": "Рота сдала зачёт по стрельбе.", "topics": ["training"], "genre": "tv"}
    (tmp_path / "train.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")

    def call(*arguments):
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers())
        args = parser.parse_args(["card", *map(str, arguments)])
        return args.run(args)

    return call


def test_the_card_is_written_into_the_folder(tmp_path, card_of):
    assert card_of(tmp_path) == 0
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| `training` Подготовка и обучение | 1 |" in card
    assert "{{" not in card


def test_figures_of_another_kind_are_no_learning_curve(tmp_path, card_of):
    (tmp_path / "curves").mkdir()
    (tmp_path / "curves" / "saved.json").write_text('{"kind": "active_learning", "title": "Saved"}', encoding="utf-8")
    assert card_of(tmp_path) == 0
    assert "Saved" not in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_where_the_installed_files_are_links_readings_and_curves_are_those_of_the_checkout(
    tmp_path, card_of, monkeypatch
):
    (tmp_path / "readings").mkdir()
    (tmp_path / "readings" / "news.jsonl").write_text(
        '{"digest": "4c0bc68b29a6b206", "topics": ["training"]}\n', encoding="utf-8"
    )
    (tmp_path / "curves").mkdir()
    curve = {"title": "Ours", "points": [point(10, 1, 0.5, 0.25)]}
    (tmp_path / "curves" / "ours.json").write_text(json.dumps(curve), encoding="utf-8")
    installed = tmp_path / "installed"
    installed.mkdir()
    (installed / "train.jsonl").symlink_to(tmp_path / "train.jsonl")
    monkeypatch.setattr("svodka.training.recipe.own_data_folder", lambda: installed)
    assert card_of("--out", tmp_path / "card.md") == 0
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "| `training` Подготовка и обучение | 1 |" in card
    assert "1 sentences: " in card
    assert "Ours, measured on 7 rows of `dev.jsonl`:" in card


def test_a_folder_without_training_rows_is_refused(tmp_path, card_of):
    with pytest.raises(DataError, match=r"expected a file train\.jsonl in the data folder"):
        card_of(tmp_path / "elsewhere")
