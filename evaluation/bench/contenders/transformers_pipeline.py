"""`transformers.pipeline` on the same model folder: what somebody without svodka would write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from svodka.evaluation.bench.protocol import Answers, Contender, Job
from svodka.model_folder import ModelInfo, read_model_info

__all__ = ["prepare"]


class Pipeline(Contender):
    """Tags with the pipeline and compares its scores with the model's thresholds."""

    def __init__(self, classify: Any, info: ModelInfo, batch: int) -> None:
        self._classify, self._batch = classify, batch
        self._max_tokens = info.max_tokens
        self._limits = dict(info.thresholds)

    def tag(self, texts: Sequence[str]) -> Answers:
        """Tag a list of sentences."""
        if not texts:
            return []  # the pipeline looks at the first
        found = self._classify(list(texts), batch_size=self._batch, truncation=True, max_length=self._max_tokens)
        return [self._over({one["label"]: one["score"] for one in scores}) for scores in found]

    def _over(self, scores: dict[str, float]) -> tuple[str, ...]:
        return tuple(topic for topic, limit in self._limits.items() if scores[topic] >= limit)


def prepare(job: Job) -> Contender:
    """Load the pipeline; option: `batch`, its batch size."""
    import torch
    from transformers import pipeline

    from svodka.training.quiet import quiet_libraries

    torch.set_num_threads(job.threads)
    with quiet_libraries():
        classify = pipeline("text-classification", model=job.model, top_k=None, function_to_apply="sigmoid", device=-1)
    return Pipeline(classify, read_model_info(Path(job.model)), job.options["batch"])
