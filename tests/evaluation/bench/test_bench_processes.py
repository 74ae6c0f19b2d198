"""The process of a contender: its questions and answers, its death, its threads."""

import io
import json
import os
from pathlib import Path

import pytest

from svodka import Tagger
from svodka.errors import ConfigError
from svodka.evaluation.bench.processes import Worker, WorkerError, apart, environment, pinned, processor_ids
from svodka.evaluation.bench.protocol import Job
from svodka.evaluation.bench.worker import peak_memory, serve
from svodka.providers import choose_device

SENTENCES = ["Ночью выпал снег.", "Хор пел без дирижёра."]


def test_a_conversation(trained_folder):
    tagger = Tagger.load(trained_folder)
    job = Job(str(trained_folder), tagger.topics, 1, options={"way": "sentences"}).to_dict()
    questions = [
        {"ask": "prepare", "module": "ours", "job": job},
        {"ask": "keep", "name": "two", "texts": SENTENCES},
        {"ask": "tag", "name": "two"},
        {"ask": "singly", "name": "two"},
        {"ask": "answers", "name": "two"},
        {"ask": "memory"},
    ]
    out = io.StringIO()
    serve(io.StringIO("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in questions)), out)
    prepared, kept, tagged, singly, answers, memory = map(json.loads, out.getvalue().splitlines())
    assert prepared["seconds"] > 0
    assert kept == {"texts": 2}
    assert tagged["sentences"] == len(singly["seconds"]) == 2
    assert answers["answers"] == [list(one.topics) for one in tagger.predict(SENTENCES)]
    assert memory["bytes"] == pytest.approx(peak_memory(), rel=0.2)


def test_nothing_is_answered_before_it_is_prepared():
    with pytest.raises(RuntimeError, match="asked before it was prepared"):
        serve(io.StringIO('{"ask": "keep", "name": "a", "texts": []}\n{"ask": "tag", "name": "a"}\n'), io.StringIO())


def test_a_process_that_dies_is_reported_with_its_last_words():
    with Worker("tfidf", 1) as worker:
        assert worker.ask("keep", name="a", texts=["Снег."]) == {"texts": 1}
        with pytest.raises(
            WorkerError, match=r"process of tfidf ended with code 1: ModuleNotFoundError: .*contenders\.nobody"
        ):
            worker.ask("prepare", module="nobody", job={})
        with pytest.raises(WorkerError, match="process of tfidf ended"):  # and goes on being dead
            worker.ask("memory")


def test_work_that_is_done_apart_leaves_only_its_error(tmp_path):
    here = Path.cwd()
    apart(os.chdir, tmp_path)
    assert Path.cwd() == here
    with pytest.raises(ConfigError, match="device must be one of auto, cpu, cuda, got 'coda'"):
        apart(choose_device, "coda")
    with pytest.raises(WorkerError, match="a process has died without a word of why"):
        apart(os._exit, 3)


def test_every_library_gets_the_same_number_of_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    found = environment(2)
    assert {found[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")} == {"2"}
    assert environment(1)["TOKENIZERS_PARALLELISM"] == "false"


def test_a_contender_keeps_bytecode_as_an_installation_does(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment(1)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system pins no processes")
def test_processes_are_pinned_and_this_one_is_free_again():
    before = os.sched_getaffinity(0)
    (one,) = processor_ids(1)
    with pinned([one]):
        assert os.sched_getaffinity(0) == {one}
    assert os.sched_getaffinity(0) == before
    with pinned(None):
        assert os.sched_getaffinity(0) == before
