import numpy as np

from svodka.training.formats import Example
from svodka.training.swapped_labels import SENTENCES, swapped_labels

TOPICS = ("rain", "heat", "wind")
OF_WORD = {"льёт": (0.9, 0.1, 0.0), "печёт": (0.1, 0.9, 0.1), "дует": (0.0, 0.1, 0.9), "льёт и дует": (0.9, 0.0, 0.9)}


def model(texts):
    """A model that knows each word."""
    return np.array([OF_WORD[text.rstrip("!")] for text in texts])


def sentences(labels, count=6):
    """`count` sentences of each word, labelled as told."""
    rows = [(word + "!" * number, topics) for word, topics in labels.items() for number in range(count)]
    return [Example(row, None, text, topics) for row, (text, topics) in enumerate(rows)]


def test_right_labels_give_no_warning():
    labels = {"льёт": ("rain",), "печёт": ("heat",), "дует": ("wind",), "льёт и дует": ("rain", "wind")}
    assert swapped_labels(sentences(labels), TOPICS, model) == []


def test_two_topics_that_changed_places():
    labels = {"льёт": ("heat",), "печёт": ("rain",), "дует": ("wind",)}
    # Of the sentences labelled rain, all are "печёт": heat 0.9, rain 0.1.
    assert swapped_labels(sentences(labels), TOPICS, model) == [
        "the labels of 'rain' and 'heat' look swapped: to the model, sentences labelled 'rain' are 'heat' with 0.90 "
        "and 'rain' with 0.10, and the other way round"
    ]


def test_columns_that_moved_by_one():
    labels = {"льёт": ("heat",), "печёт": ("wind",), "дует": ("rain",)}
    assert swapped_labels(sentences(labels), TOPICS, model) == [
        "sentences labelled 'rain' look like 'wind': to the model they are that with 0.90, and 'rain' with 0.00",
        "sentences labelled 'heat' look like 'rain': to the model they are that with 0.90, and 'heat' with 0.10",
        "sentences labelled 'wind' look like 'heat': to the model they are that with 0.90, and 'wind' with 0.10",
    ]


def test_single_label_errors_give_no_warning():
    rows = sentences({"льёт": ("rain",), "печёт": ("heat",)}, count=9)
    wrong = [Example(100, None, "печёт", ("rain",)), Example(101, None, "льёт", ("heat",))]
    assert swapped_labels([*rows, *wrong], TOPICS, model) == []


def test_of_few_sentences_nothing_is_said():
    assert swapped_labels(sentences({"льёт": ("heat",), "печёт": ("rain",)}, count=4), TOPICS, model) == []


def test_a_topic_that_nobody_judged_says_nothing():
    rows = [Example(row, None, "льёт" + "!" * row, ("heat",), ("rain",)) for row in range(6)]
    rows += [Example(10 + row, None, "печёт" + "!" * row, ("rain",), ("heat",)) for row in range(6)]
    assert swapped_labels(rows, TOPICS, model) == []


def test_the_model_reads_a_few_sentences_of_each_topic_only():
    read = []

    def counting(texts):
        read.extend(texts)
        return model(texts)

    swapped_labels(sentences({"льёт": ("rain",), "печёт": ("heat",)}, count=100), TOPICS, counting)
    assert len(read) == 2 * SENTENCES


def test_nothing_labelled_needs_no_model():
    assert swapped_labels([Example(1, None, "льёт", None)], TOPICS, lambda _texts: 1 / 0) == []
