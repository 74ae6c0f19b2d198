"""Export to ONNX int8, with a gate: the int8 file must decide as the trained weights do, or the export fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from svodka.cascade import cut_logits
from svodka.engine import Engine
from svodka.errors import SvodkaError
from svodka.evaluation.metrics import f1_scores
from svodka.graph import EncoderShape, Exit, build_graph
from svodka.training.classifier import SentenceClassifier
from svodka.training.early_exits import ExitPlan, FittedExit, fit_exits
from svodka.training.ranges import measure_ranges
from svodka.training.token_ids import TokenIds

__all__ = [
    "ExportError",
    "Exported",
    "Parity",
    "Samples",
    "classifier_network",
    "compare_decisions",
    "export_checked",
    "export_onnx",
    "torch_logits",
]

FloatArray = npt.NDArray[np.float32]
PLACES = "embeddings.position_embeddings.weight"
LEAST_AGREEMENT = 0.99
MOST_F1_LOSS = 0.005
# From here on the quick file is good enough, and the smoothed one is not tried.
GOOD_AGREEMENT = 0.995
GOOD_F1_LOSS = 0.003


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

    @property
    def f1_loss(self) -> float:
        """The absolute difference of both macro-F1; 0 without labels."""
        if self.macro_f1_float is None or self.macro_f1_int8 is None:
            return 0.0
        return abs(self.macro_f1_float - self.macro_f1_int8)

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the figures, rounded to five digits."""
        return {k: round(v, 5) if isinstance(v, float) else v for k, v in asdict(self).items()}


def export_onnx(
    model: SentenceClassifier,
    path: Path,
    ids: Sequence[Sequence[int]],
    *,
    max_tokens: int | None = None,
    smooth: bool = False,
    exits: Sequence[Exit] = (),
) -> None:
    """Write the classifier to `path` as ONNX with 8-bit products.

    Args:
        model: the classifier, its calibration folded in.
        path: the file.
        ids: token ids of a few hundred ordinary texts, by which the products' input scales are fixed.
        max_tokens: no text will have more, so that no vectors are kept for further places; None keeps all.
        smooth: even out the products' inputs, which costs a tenth of the speed.
        exits: where sentences may leave; see `svodka.training.early_exits`.
    """
    import onnx

    network = classifier_network(model)
    network[0][PLACES] = network[0][PLACES][:max_tokens]
    ranges = measure_ranges(build_graph(*network, probes=True), ids)
    onnx.save(build_graph(*network, ranges=ranges, smooth=smooth, exits=exits), path)


def classifier_network(
    model: SentenceClassifier,
) -> tuple[dict[str, FloatArray], EncoderShape, tuple[FloatArray, FloatArray]]:
    """Return weights, shape and topic head of a classifier as `build_graph` takes them."""
    weights = {name: value.float().numpy() for name, value in model.bert.state_dict().items()}
    config = model.config.to_dict()
    shape = EncoderShape.from_config(config, config["num_hidden_layers"], first_token=model.pooling == "first")
    head = model.head.weight.detach().float().numpy(), model.head.bias.detach().float().numpy()
    return weights, shape, head


def torch_logits(model: SentenceClassifier, ids: Sequence[Sequence[int]]) -> FloatArray:
    """Return the float32 logits `(n, n_topics)` of token ids, computed one by one, so that padding plays no part."""
    with torch.inference_mode():
        rows = [model(torch.tensor([row]), torch.ones((1, len(row)), dtype=torch.long))["logits"] for row in ids]
    logits: FloatArray = torch.cat(rows).float().numpy()
    return logits


@dataclass(frozen=True, slots=True)
class Samples:
    """Ordinary texts that the export needs, a few hundred of each kind, and more for the exits.

    Attributes:
        ranges: by these the scales of the int8 file are fixed.
        exits: the exits on the way are made from these.
        texts: on these its decisions are compared with those of the weights; others than `ranges`, but perhaps among
            those by which the exits' sureness is fixed.
        labels: of `texts`: 1, 0, or -1 for not judged `(n, n_topics)`; None leaves out the comparison of macro-F1.
    """

    ranges: Sequence[str]
    exits: ExitPlan
    texts: Sequence[str]
    labels: FloatArray | None


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported.

    Attributes:
        parity: how the file compares with the weights.
        exits: those that it has.
        refused: how a file with exits compared that decided too much otherwise; None if there was no such file.
    """

    parity: Parity
    exits: tuple[FittedExit, ...] = ()
    refused: Parity | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what `model.json` tells."""
        return {"exits": [one.to_dict() for one in self.exits], "export_parity": self.parity.to_dict()}


def export_checked(
    model: SentenceClassifier,
    folder: Path,
    ids: TokenIds,
    samples: Samples,
    thresholds: Mapping[str, float],
) -> Exported:
    """Write `model.onnx` into `folder`, the quick kind if that decides as the weights do, else the smoothed kind.

    Exits come last, and stay out if the file decides otherwise with them.

    Args:
        model: the classifier, its calibration folded in.
        folder: holds `tokenizer.json`.
        ids: turns texts into the model's token ids.
        samples: texts that fix the scales, make the exits and compare decisions.
        thresholds: by topic id, in the order of the outputs.

    Raises:
        ExportError: even of the smoothed file's decisions under 99 % agree, or macro-F1 differs by over half a point.
    """
    scaling = ids(samples.ranges)

    def tried(*, smooth: bool, exits: Sequence[FittedExit] = ()) -> Parity:
        export_onnx(
            model,
            folder / "model.onnx",
            scaling,
            max_tokens=ids.max_tokens,
            smooth=smooth,
            exits=[one.exit for one in exits],
        )
        return compare_decisions(model, folder, samples.texts, samples.labels, thresholds, ids.max_tokens)

    for smooth in (False, True):
        parity = tried(smooth=smooth)
        if parity.agreement >= GOOD_AGREEMENT and parity.f1_loss <= GOOD_F1_LOSS:
            break
    _refuse_if_different(parity)
    exits = fit_exits(model, samples.exits, ids, cut_logits(thresholds))
    if not exits:
        return Exported(parity)
    early = tried(smooth=smooth, exits=exits)
    if early.agreement >= LEAST_AGREEMENT and early.f1_loss <= MOST_F1_LOSS:
        return Exported(early, tuple(exits))
    return Exported(tried(smooth=smooth), refused=early)


def compare_decisions(
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

    """
    # The folder is not finished, so that no card can take it, and what is compared is the 8-bit file.
    engine = Engine(folder, max_tokens, device="cpu")
    encoded = engine.encode(texts)
    cut = cut_logits(thresholds)
    exact = torch_logits(model, [e.ids for e in encoded])
    int8 = engine.logits(encoded, len(thresholds))
    before, after = exact >= cut, int8 >= cut
    return Parity(
        texts=len(texts),
        agreement=float((before == after).mean()),
        largest_difference=float(np.abs(exact - int8).max()),
        macro_f1_float=None if labels is None else f1_scores(labels, before)[0],
        macro_f1_int8=None if labels is None else f1_scores(labels, after)[0],
    )


def _refuse_if_different(parity: Parity) -> None:
    if parity.agreement < LEAST_AGREEMENT:
        raise ExportError(
            f"the int8 file decides otherwise than the trained weights in {1 - parity.agreement:.2%} of {parity.texts} "
            f"texts × topics; at most {1 - LEAST_AGREEMENT:.0%} is allowed. A model that has learned little decides "
            "close to its thresholds, where rounding turns decisions: train longer, or on more rows"
        )
    if parity.f1_loss > MOST_F1_LOSS:
        raise ExportError(
            f"macro-F1 is {parity.macro_f1_float:.3f} with the trained weights and {parity.macro_f1_int8:.3f} with "
            f"the int8 file; they may differ by {MOST_F1_LOSS}"
        )
