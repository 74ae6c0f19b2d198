"""Three topics with titles, and what reads a file with them."""

import json
from pathlib import Path

import pytest

from svodka.topics import Topic
from svodka.training.formats import Options, TopicNames, read_examples

TOPICS = (
    Topic("rain", "Дожди", "Rain and storms", "Льёт вода.", "Water falls."),
    Topic("heat", "Жара и засуха", "Heat", "Сухо & жарко.", "Dry & hot."),
    Topic("road_works", "Ремонт дорог", "Road works", "Кладут асфальт.", "Asphalt is laid."),
)


@pytest.fixture
def topics():
    return TOPICS


@pytest.fixture
def names():
    return TopicNames(TOPICS)


@pytest.fixture
def read(tmp_path, names):
    """Write a file (text, bytes, or something for JSON) and read it."""

    def call(name, content, **options):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, Path):
            path = content
        else:
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return read_examples(path, names, Options(**options))

    return call


@pytest.fixture
def labels(read):
    """Return text and topics of every good row of a file."""

    def call(name, content, **options):
        return {one.text: one.topics for one in read(name, content, **options).examples}

    return call


@pytest.fixture
def faults(read):
    """Return the rejected rows of a file as `row: reason`."""

    def call(name, content, **options):
        return [f"{one.row}: {one.reason}" for one in read(name, content, **options).rejected]

    return call
