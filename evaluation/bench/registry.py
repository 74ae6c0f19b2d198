"""The contenders, as data: what each is called, how it is made, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from svodka.errors import ConfigError, did_you_mean
from svodka.evaluation.peers.registry import PEERS
from svodka.float32 import WEIGHT_FILES

__all__ = ["FIRST", "KINDS", "TEACHER", "Family", "Kind", "choose_kinds", "lacks"]

Family = Literal["svodka", "same weights", "other"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of contender.

    Attributes:
        id: its name on the command line and in results.
        title: what it is.
        family: "svodka"; "same weights", run by others or otherwise; or "other" models.
        module: of `svodka.evaluation.bench.contenders`, has its `prepare`.
        options: for `prepare`.
        raw: it gets whole texts and splits them; the others get the sentences, split beforehand and for nothing.
        needs: packages that it imports.
        extra: the optional dependencies of svodka that bring them.
        files: what it needs from the model folder besides what tagging needs.
        learns: it is trained on the files of `--train`.
        threads: how many it may use; None for as many as all others.
        pictured: it has a place in the picture of accuracy against speed.
        eight_bits: it is there to show the 8-bit products, which only the processor has.
    """

    id: str
    title: str
    family: Family
    module: str
    options: Mapping[str, Any] = field(default_factory=dict)
    raw: bool = False
    needs: tuple[str, ...] = ()
    extra: str = ""
    files: tuple[str, ...] = ()
    learns: bool = False
    threads: int | None = None
    pictured: bool = True
    eight_bits: bool = False


def _ours(id: str, title: str, way: str, *, precision: str = "int8", **more: Any) -> Kind:
    """Return svodka itself in one of its ways."""
    return Kind(id, title, "svodka", "ours", {"way": way, "precision": precision}, **more)


def _torch(id: str, title: str, module: str, **options: Any) -> Kind:
    """Return something that runs the folder's weights with torch."""
    needs = ("torch", "transformers")
    return Kind(id, title, "same weights", module, options, needs=needs, extra="train", files=WEIGHT_FILES)


def _peer(id: str) -> Kind:
    """Return a peer of `svodka evaluate` that learns."""
    peer = PEERS[id]
    return Kind(id, peer.title, "other", "learned", {"peer": id}, needs=peer.needs, extra=peer.extra, learns=True)


TEACHER = _ours("teacher", "the teacher, raw text in", "articles", raw=True)
KINDS = {
    kind.id: kind
    for kind in (
        _ours("svodka", "svodka, raw text in, tagged sentences out", "articles", raw=True),
        _ours("svodka-1-thread", "the same on one thread", "articles", raw=True, threads=1, pictured=False),
        _ours("svodka-single", "svodka, one sentence at a time", "single", pictured=False),
        _ours("onnx-int8", "svodka, sentences in: ONNX int8", "sentences", pictured=False, eight_bits=True),
        _ours(
            "onnx-float32",
            "svodka, sentences in: ONNX float32",
            "sentences",
            precision="float32",
            needs=("onnx", "safetensors"),
            extra="float32",
            files=WEIGHT_FILES,
        ),
        _torch("torch", "torch eager, padded batches of 32", "torch_eager"),
        _torch("torch-sorted", "the same sorted by length, without the averaging layer", "torch_eager", fair=True),
        _torch("pipeline-1", "transformers.pipeline, batch 1", "transformers_pipeline", batch=1),
        _torch("pipeline-32", "transformers.pipeline, batch 32", "transformers_pipeline", batch=32),
        Kind(
            "static",
            "mean of the encoder's word vectors + logistic regression, like model2vec",
            "other",
            "static_vectors",
            needs=("sklearn", "safetensors"),
            extra="float32,report",
            files=WEIGHT_FILES,
            learns=True,
        ),
        _peer("navec"),
        _peer("tfidf"),
    )
}
FIRST = "svodka"  # against which all others are measured


def choose_kinds(names: Sequence[str]) -> list[Kind]:
    """Return the kinds of these names, in the order of `KINDS`; a name may hold several, parted by commas.

    No name means all. The first kind is always among them.

    Raises:
        ConfigError: there is no kind of a name.
    """
    given = {name.strip() for part in names for name in part.split(",") if name.strip()}
    for name in sorted(given):
        if name not in KINDS:
            known = ", ".join(KINDS)
            raise ConfigError(f"--only: no contender {name!r}{did_you_mean(name, KINDS)} (contenders: {known})")
    return [kind for kind in KINDS.values() if not given or kind.id in given | {FIRST}]


def lacks(kind: Kind, folder: Path, *, trains: bool, device: str = "cpu") -> str | None:
    """Return why a kind cannot take part, and the fix; None if it can.

    Args:
        kind: the kind.
        folder: the model folder.
        trains: there are files to learn from.
        device: where svodka computes, "cpu" or "cuda".
    """
    if kind.eight_bits and device == "cuda":
        return "a graphics card has no 8-bit products; measure it with --device cpu"
    if any(find_spec(package) is None for package in kind.needs):
        return f"needs: pip install 'svodka[{kind.extra}]'"
    if missing := [name for name in kind.files if not (folder / name).is_file()]:
        return f"needs {missing[0]}, which this model folder lacks; give a folder that `svodka train` wrote"
    if kind.learns and not trains:
        return "learns from labelled sentences: give --train FILE"
    return None
