"""Runs of `svodka tag --parts` with a fake tagger, and what they leave behind."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from fakes import FakeTagger

from svodka.cli import main, tag
from svodka.cli.part_state import STATE_FILE

SENTENCES = ("Учения идут.", "Зенитный расчёт прикрыл подвоз топлива.", "Вечером прошёл дождь. Склад полон.", "")


def fake_at_work(monkeypatch, tmp_path):
    """Work in an empty folder with the fake tagger; return it."""
    fake = FakeTagger()
    monkeypatch.setattr(tag, "load_tagger", lambda folder: fake)  # noqa: ARG005
    monkeypatch.chdir(tmp_path)
    return fake


def table(name="a.jsonl", rows=30):
    """Write a table: every fourth text is empty, every fourth has two sentences."""
    lines = [json.dumps({"text": SENTENCES[i % 4].replace(".", f" {i}.")}, ensure_ascii=False) for i in range(rows)]
    content = "".join(f"{line}\n" for line in lines).encode()
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return name


def svodka(*words, rows="10", out="parts"):
    return main(["tag", *words, "--column", "text", "--out", out, "--parts", "--part-rows", rows])


def parts(folder="parts"):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("part-*"))}


def state(folder="parts"):
    return json.loads((Path(folder) / STATE_FILE).read_text(encoding="utf-8"))
