"""The model's own weights in torch, as they lie in the folder, in padded batches.

The folder holds an ordinary `BertForSequenceClassification`; its last layer only averages or normalises the tokens, and
the 8-bit file does without it. So there is a fair variant, too: without that layer, and with sentences sorted by their
length, which is the best that torch can do with these weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.bench.protocol import Answers, Contender, Job, chosen
from svodka.model_folder import ModelInfo, read_model_info

__all__ = ["prepare"]

BATCH = 32


class TorchEager(Contender):
    """Tags with torch.

    Args:
        tokenizer: of the folder.
        logits: from a tokenised batch to its logits `(texts, topics)`.
        info: of the folder.
        by_length: put sentences of like length into one batch; else they stay in the order given.
    """

    def __init__(self, tokenizer: Any, logits: Callable[[Any], Any], info: ModelInfo, *, by_length: bool) -> None:
        self._tokenizer, self._logits, self._by_length = tokenizer, logits, by_length
        self._max_tokens = info.max_tokens
        self._topics = tuple(topic.id for topic in info.topics)
        self._limits = np.array([info.thresholds[topic] for topic in self._topics])

    def tag(self, texts: Sequence[str]) -> Answers:
        """Tag sentences in batches of 32."""
        order = list(range(len(texts)))
        if self._by_length:
            order.sort(key=lambda place: len(texts[place]))
        scores = np.zeros((len(texts), len(self._topics)), dtype=np.float32)
        for begin in range(0, len(order), BATCH):
            rows = order[begin : begin + BATCH]
            scores[rows] = self._scores([texts[row] for row in rows])
        return chosen(scores, self._limits, self._topics)

    def _scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        batch = self._tokenizer(texts, padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt")
        with torch.inference_mode():
            probabilities: NDArray[np.float32] = self._logits(batch).float().sigmoid().numpy()
        return probabilities


def prepare(job: Job) -> Contender:
    """Load the weights; option: `fair` takes the variant without the averaging layer."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from svodka.training.classifier import from_stock
    from svodka.training.quiet import quiet_libraries

    torch.set_num_threads(job.threads)
    fair = bool(job.options.get("fair"))
    with quiet_libraries():
        tokenizer = AutoTokenizer.from_pretrained(job.model)
        if fair:
            model: Any = from_stock(job.model).eval()
        else:
            model = AutoModelForSequenceClassification.from_pretrained(job.model, use_safetensors=True).eval()

    def logits(batch: Any) -> Any:
        return model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])["logits"]

    return TorchEager(tokenizer, logits, read_model_info(Path(job.model)), by_length=fair)
