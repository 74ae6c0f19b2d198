"""Export to ONNX int8, with a gate: the int8 file must decide as the trained weights do, or the export fails."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from svodka.engine import Engine
from svodka.errors import SvodkaError
from svodka.evaluation.metrics import f1_scores
from svodka.training.classifier import SentenceClassifier
from svodka.training.quantise import quantise_linear, quantise_word_vectors

__all__ = ["ExportError", "Parity", "check_parity", "export_onnx", "torch_logits"]

FloatArray = npt.NDArray[np.float32]
OPSET = 18
LEAST_AGREEMENT = 0.99
MOST_F1_LOSS = 0.005


class ExportError(SvodkaError):
    """The exported file does not decide as the trained weights do."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How the exported file compares with the trained weights.

    Attributes:
        texts: number of texts compared.
        agreement: share of equal text × topic decisions, 0 to 1.
        largest_difference: largest absolute difference of two logits.
        macro_f1_float: macro-F1 of the trained weights on these texts; None without labels.
        macro_f1_int8: macro-F1 of the exported file.
    """

    texts: int
    agreement: float
    largest_difference: float
    macro_f1_float: float | None
    macro_f1_int8: float | None

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the figures, rounded to five digits."""
        return {k: round(v, 5) if isinstance(v, float) else v for k, v in asdict(self).items()}


class _Logits(nn.Module):
    """The classifier with a plain tensor as output, as ONNX wants it."""

    def __init__(self, model: SentenceClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the logits (batch, topics)."""
        return self.model(input_ids, attention_mask)["logits"]  # type: ignore[no-any-return]


def export_onnx(model: SentenceClassifier, path: Path) -> None:
    """Write the classifier to `path` as ONNX with int8 weights.

    Linear layers keep one scale for every 32 weights of a row, and their inputs are rounded in blocks of the same size
    inside each token, so no answer depends on the texts that share a batch; word vectors keep one scale each. One
    scale for a whole batch, as `quantize_dynamic` makes, is quicker, but turns more decisions and lets a text's
    answer depend on its neighbours.
    """
    import onnx

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        _export_float(model, plain)
        graph = quantise_linear(onnx.load(plain))
        quantise_word_vectors(graph)
        onnx.save(graph, path)


def _export_float(model: SentenceClassifier, path: Path) -> None:
    ids = torch.ones((2, 7), dtype=torch.long)
    batch, tokens = torch.export.Dim("batch", min=1), torch.export.Dim("tokens", min=2, max=512)
    shape = {0: batch, 1: tokens}
    torch.onnx.export(
        _Logits(model.eval()),
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_shapes={"input_ids": shape, "attention_mask": shape},
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )


def torch_logits(model: SentenceClassifier, ids: Sequence[Sequence[int]]) -> FloatArray:
    """Return the float32 logits `(n, n_topics)` of token ids, computed one by one, so that padding plays no part."""
    with torch.inference_mode():
        rows = [model(torch.tensor([row]), torch.ones((1, len(row)), dtype=torch.long))["logits"] for row in ids]
    logits: FloatArray = torch.cat(rows).float().numpy()
    return logits


def check_parity(
    model: SentenceClassifier,
    folder: Path,
    texts: Sequence[str],
    labels: FloatArray | None,
    thresholds: Mapping[str, float],
    max_tokens: int,
) -> Parity:
    """Compare the exported file in `folder` with the weights it came from, through the tagger's own engine.

    Args:
        model: the classifier that was exported.
        folder: holds `model.onnx` and `tokenizer.json`.
        texts: a few hundred texts.
        labels: 1, 0, or -1 for not judged `(n, n_topics)`; None leaves out the comparison of macro-F1.
        thresholds: probability of each topic from which it is assigned, in the order of the outputs.
        max_tokens: the model's limit.

    Raises:
        ExportError: under 99 % of the decisions agree, or macro-F1 differs by more than half a point.
    """
    engine = Engine(folder, max_tokens)
    encoded = engine.encode(texts)
    limits = np.array(list(thresholds.values()), dtype=np.float64)
    cut = np.log(limits / (1 - limits))
    exact = torch_logits(model, [e.ids for e in encoded])
    int8 = engine.logits(encoded, len(thresholds))
    before, after = exact >= cut, int8 >= cut
    parity = Parity(
        texts=len(texts),
        agreement=float((before == after).mean()),
        largest_difference=float(np.abs(exact - int8).max()),
        macro_f1_float=None if labels is None else f1_scores(labels, before)[0],
        macro_f1_int8=None if labels is None else f1_scores(labels, after)[0],
    )
    _refuse_if_different(parity)
    return parity


def _refuse_if_different(parity: Parity) -> None:
    if parity.agreement < LEAST_AGREEMENT:
        raise ExportError(
            f"the int8 file decides otherwise than the trained weights in {1 - parity.agreement:.2%} of {parity.texts} "
            f"texts × topics; at most {1 - LEAST_AGREEMENT:.0%} is allowed. A model that has learned little decides "
            "close to its thresholds, where rounding turns decisions: train longer, or on more rows"
        )
    if parity.macro_f1_float is not None and parity.macro_f1_int8 is not None:
        loss = abs(parity.macro_f1_float - parity.macro_f1_int8)
        if loss > MOST_F1_LOSS:
            raise ExportError(
                f"macro-F1 is {parity.macro_f1_float:.3f} with the trained weights and {parity.macro_f1_int8:.3f} with "
                f"the int8 file; they may differ by {MOST_F1_LOSS}"
            )
