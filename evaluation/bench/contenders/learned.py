"""Peers of `svodka evaluate` that learn from labelled files: they are trained here and then only asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from svodka.evaluation.bench.protocol import Answers, Contender, Job, chosen
from svodka.evaluation.labelled import read_labelled
from svodka.evaluation.peers.protocol import FittedPeer
from svodka.evaluation.peers.registry import PEERS

__all__ = ["Learned", "prepare"]


class Learned(Contender):
    """Tags with a peer that has been trained."""

    def __init__(self, peer: FittedPeer, topics: Sequence[str]) -> None:
        self._peer, self._topics = peer, topics
        self._limits = np.array([peer.thresholds[topic] for topic in topics])

    def tag(self, texts: Sequence[str]) -> Answers:
        """Tag a list of sentences."""
        return chosen(self._peer.predict_proba(texts), self._limits, self._topics)


def prepare(job: Job) -> Contender:
    """Train a peer on the files of the job; option: `peer`, its id."""
    rows = read_labelled([Path(name) for name in job.train], job.topics)
    return Learned(PEERS[job.options["peer"]].fit(rows.texts, rows.gold, job.topics, job.seed), job.topics)
