"""Labels by digest: kept without the sentences, and put to them again by who has the texts."""

import gzip
import json

import pytest

from svodka.errors import DataError
from svodka.topics import load_topics
from svodka.training.digested import Decision, Label, digest, main, own_labels, read_labels

SENTENCES = [
    ("Рота «Вымпел» заняла мост через Сож.", ["operations"], False),
    ("Мост через Сож построили в прошлом веке.", [], False),
    ("Их ждали на том берегу до самого утра.", [], True),
]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.jsonl"
    rows = [{"text": text, "topics": topics, "unsure": unsure} for text, topics, unsure in SENTENCES]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def labels(labelled, tmp_path):
    out = tmp_path / "labels.jsonl"
    assert main(["make", str(labelled), "--out", str(out)]) == 0
    return out


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_labels_hold_no_word_of_the_sentences(labels):
    assert "мост" not in labels.read_text(encoding="utf-8").lower()
    assert {key for row in rows_of(labels) for key in row} == {"digest", "topics", "unsure"}
    assert [len(row["digest"]) for row in rows_of(labels)] == [16, 16, 16]


def test_who_has_the_article_gets_the_labelled_sentences_back(labels, tmp_path, capsys):
    article = tmp_path / "news.jsonl.gz"
    text = 'Рота "Вымпел" заняла мост через Сож. Мост через Сож построили в прошлом веке. Потом стемнело, и все ушли.'
    article.write_bytes(gzip.compress(json.dumps({"text": text}, ensure_ascii=False).encode()))
    out = tmp_path / "joined.jsonl"
    assert main(["join", str(article), "--labels", str(labels), "--out", str(out)]) == 0
    assert "2 of 3 labelled sentences found" in capsys.readouterr().out
    assert [(row["text"], row["topics"]) for row in rows_of(out)] == [
        ('Рота "Вымпел" заняла мост через Сож.', ["operations"]),  # other quotes are no other sentence
        ("Мост через Сож построили в прошлом веке.", []),
    ]


def test_a_doubt_is_kept(labelled, labels, tmp_path):
    out = tmp_path / "joined.jsonl"
    main(["join", str(labelled), "--labels", str(labels), "--out", str(out)])
    assert [row.get("unsure", False) for row in rows_of(out)] == [False, False, True]


def test_other_texts_are_told_apart(labels, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("text\nСовсем другая новость о погоде в Минске.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no sentence .* has a label in .*labels\.jsonl; they hold other"):
        main(["join", str(other), "--labels", str(labels), "--out", str(tmp_path / "out.jsonl")])
    assert not (tmp_path / "out.jsonl").exists()


def test_a_second_reading_is_kept_and_may_have_found_nothing(tmp_path):
    labelled = tmp_path / "twice.jsonl"
    labelled.write_text('{"text": "Залп.", "topics": ["operations"], "second": []}\n', encoding="utf-8")
    main(["make", str(labelled), "--out", str(tmp_path / "labels.jsonl")])
    assert read_labels(tmp_path / "labels.jsonl", ["operations"]) == {
        digest("залп."): Label(topics=("operations",), unsure=False, second=())
    }


@pytest.mark.parametrize(
    ("readings", "topics", "disputed"),
    [
        ([["threats", "operations", "forces"]], ("threats", "operations", "forces"), ()),
        ([["operations", "forces"], ["forces", "operations"]], ("operations", "forces"), ()),
        ([["operations"], []], (), ("operations",)),
        ([["forces", "operations"], ["forces"]], ("forces",), ("operations",)),
        ([["operations"], [], ["operations"]], ("operations",), ()),
        ([["operations"], [], []], (), ()),
        ([[], ["operations"], ["operations"]], ("operations",), ()),
        ([["operations"], ["forces"], []], (), ()),
    ],
)
def test_the_majority_of_the_readings_counts(readings, topics, disputed):
    first, second, third = (*map(tuple, readings), None, None)[:3]
    assert Label(first, unsure=False, second=second, third=third).decided() == Decision(topics, disputed)


def test_what_two_readers_differ_on_is_unknown_to_who_learns_from_it(tmp_path):
    labelled = tmp_path / "read.jsonl"
    labelled.write_text(
        '{"text": "Рота заняла мост через Сож.", "topics": ["forces", "operations"], "second": ["forces"]}\n'
        '{"text": "Рота оставила мост через Сож.", "topics": [], "second": ["forces"], "third": ["forces"]}\n',
        encoding="utf-8",
    )
    labels, out = tmp_path / "labels.jsonl", tmp_path / "joined.jsonl"
    main(["make", str(labelled), "--out", str(labels)])
    main(["join", str(labelled), "--labels", str(labels), "--out", str(out)])
    assert [(row["topics"], row.get("unknown")) for row in rows_of(out)] == [
        (["forces"], ["operations"]),
        (["forces"], None),
    ]
    with pytest.raises(DataError, match=r"joined\.jsonl:1: operations unknown; give the readings as 'topics' and"):
        main(["make", str(out), "--out", str(labels)])


def test_a_wrong_second_reading_is_refused_before_anything_is_written(tmp_path):
    labelled = tmp_path / "read.jsonl"
    labelled.write_text('{"text": "Залп.", "topics": [], "second": ["operation"]}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"read\.jsonl:1: unknown topic 'operation' under 'second'"):
        main(["make", str(labelled), "--out", str(tmp_path / "labels.jsonl")])
    assert not (tmp_path / "labels.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", r"labels\.jsonl:1: expected an object with a digest and a list of topics, got '\{\}'"),
        ("[1]", "expected an object with a digest"),
        ('{"digest": "ab", "topics": "operations"}', "expected a list of topics under 'topics', got 'operations'"),
        ('{"digest": "ab", "topics": null}', "expected a list of topics under 'topics', got None"),
        ('{"digest": "ab", "topics": [], "second": 3}', "expected a list of topics under 'second', got 3"),
        ('{"digest": "ab", "topics": [], "second": [], "third": 3}', "expected a list of topics under 'third', got 3"),
        ('{"digest": "ab", "topics": ["operation"]}', "unknown topic 'operation' under 'topics'; did you mean"),
        ('{"digest": "ab", "topics": [], "second": [], "third": ["operation"]}', "'operation' under 'third'"),
        ('{"digest": "ab", "topics": [], "third": []}', "'third' without a 'second' reading"),
        ('{"digest": "ab", "topics": [], "doubted": true}', "'doubted' without a 'second' reading"),
        ('{"digest": "ab", "topics": []}\n\n{"digest": "ab", "topics": []}', "labels.jsonl:3: the digest ab stands"),
    ],
)
def test_a_broken_file_of_labels_is_named_with_its_line(line, message, tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_labels(path, ["operations"])


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Всё готово к «Западу».", "7bad3bc3658fd74a"),
        ('все готово к "западу".', "7bad3bc3658fd74a"),
        ("Рота — в резерве, взвод - на мосту.", "4c0bc68b29a6b206"),
        ("РОТА – В РЕЗЕРВЕ, ВЗВОД - НА МОСТУ.", "4c0bc68b29a6b206"),
    ],
)
def test_a_sentence_keeps_its_digest(text, known):
    assert digest(text) == known  # another one would part the labels from their sentences


def test_svodkas_own_labels_are_whole():
    labels = read_labels(own_labels(), [topic.id for topic in load_topics()])
    assert len(labels) > 20_000
    assert all(len(key) == 16 and set(key) <= set("0123456789abcdef") for key in labels)
    again = [label for label in labels.values() if label.second is not None]
    assert {label.doubted for label in again} == {True, False}
    assert all((label.third is not None) == (label.topics != label.second) for label in again if label.doubted)


def test_an_installation_without_the_labels_of_news_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("svodka.training.digested.checkout_data_folder", lambda: tmp_path)
    with pytest.raises(DataError, match=r"news\.jsonl: not found; the labels of news come with a checkout"):
        own_labels()
