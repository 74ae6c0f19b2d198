"""What the tests of the benchmark share: workers inside this process, and a file of texts."""

import json
from types import SimpleNamespace

import pytest

from svodka.evaluation.bench import growth, speed, worker
from svodka.evaluation.bench.processes import WorkerError
from svodka.evaluation.bench.worker import Service

TEXTS = (
    "Ночью выпал снег. Команда вышла в финал!",
    "Вратарь отбил пенальти.",
    "Дождь шёл весь день, и река поднялась. Хор пел без дирижёра.",
    "Магазин на углу закрыли на ремонт.",
)
SENTENCES = 6


class InProcess:
    """Stands in for a worker: no process, but all questions and answers go through JSON."""

    def __init__(self, name, threads):
        self.name, self.threads = name, threads
        self.service = Service()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ask(self, question, **arguments):
        try:
            answer = getattr(self.service, question)(**json.loads(json.dumps(arguments)))
        except ModuleNotFoundError as error:
            raise WorkerError(str(error)) from error
        return json.loads(json.dumps(answer))


@pytest.fixture
def in_process(monkeypatch):
    """Let the contenders run in this process, whose garbage is much and not theirs."""
    monkeypatch.setattr(worker, "gc", SimpleNamespace(collect=lambda: 0))
    monkeypatch.setattr(speed, "Worker", InProcess)
    monkeypatch.setattr(growth, "Worker", InProcess)


@pytest.fixture
def texts_file(tmp_path):
    """Four texts of six sentences."""
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in TEXTS), encoding="utf-8")
    return path
