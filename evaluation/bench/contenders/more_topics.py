"""svodka with more topics than the model has, to see what topics cost: the rows of its topic head are repeated."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from svodka.engine import Engine
from svodka.evaluation.bench.contenders.ours import Sentences
from svodka.evaluation.bench.protocol import Contender, Job
from svodka.float32 import read_network
from svodka.graph import build_graph
from svodka.model_folder import ModelInfo, read_model_info
from svodka.source import ModelSource
from svodka.tagger import Tagger
from svodka.training.ranges import measure_ranges

__all__ = ["prepare", "with_topics"]


def prepare(job: Job) -> Contender:
    """Build the 8-bit graph anew, without exits.

    Options: `topics`, how many; `sentences`, by which its input scales are fixed.
    """
    folder = Path(job.model)
    info = read_model_info(folder)
    weights, shape, (matrix, bias) = read_network(folder)
    n = job.options["topics"]
    head = np.resize(matrix, (n, matrix.shape[1])), np.resize(bias, n)
    ids = [list(one.ids) for one in Engine(folder, info.max_tokens, 1, device="cpu").encode(job.options["sentences"])]
    ranges = measure_ranges(build_graph(weights, shape, head, probes=True), ids)
    graph = build_graph(weights, shape, head, ranges=ranges)
    with tempfile.TemporaryDirectory() as name:
        built = Path(name)
        (built / "model.onnx").write_bytes(graph.SerializeToString())
        shutil.copy(folder / "tokenizer.json", built)
        engine = Engine(built, info.max_tokens, job.threads, device="cpu")  # a card would want the weights, too
    return Sentences(Tagger(with_topics(info, n), engine, ModelSource("given", folder)))


def with_topics(info: ModelInfo, n: int) -> ModelInfo:
    """Return a description with `n` topics: the model's own, again and again, under new ids."""
    own = info.topics
    topics = tuple(replace(own[i % len(own)], id=f"{own[i % len(own)].id}_{i}") for i in range(n))
    limits = [info.thresholds[own[i % len(own)].id] for i in range(n)]
    return replace(info, topics=topics, thresholds=dict(zip((topic.id for topic in topics), limits, strict=True)))
