"""The model folder: what training writes and the tagger loads.

`MANIFEST.json` holds the SHA-256 and size of every other file. It is checked before anything else is parsed, so that a
damaged or edited file is named instead of giving wrong answers. Safetensors, ONNX and JSON only: a folder with files
that can carry code is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svodka.errors import ModelFilesError
from svodka.files import atomic_write
from svodka.topics import Topic

__all__ = [
    "CARD_FILE",
    "CASCADE_KEY",
    "FEWEST_TOKENS",
    "FORMAT_VERSION",
    "INFO_FILE",
    "MODEL_FILE",
    "QUICK",
    "QUICK_FILES",
    "TOKENIZER_FILE",
    "ModelInfo",
    "file_digest",
    "json_digest",
    "manifest_files",
    "model_digest",
    "read_model_info",
    "verify_files",
    "write_manifest",
]

FORMAT_VERSION = 1
INFO_FILE = "model.json"
MANIFEST_FILE = "MANIFEST.json"
CARD_FILE = "README.md"
TOKENIZER_FILE = "tokenizer.json"
MODEL_FILE = "model.onnx"
INFERENCE_FILES = (INFO_FILE, MODEL_FILE, TOKENIZER_FILE)
CASCADE_KEY = "cascade"  # of model.json: a quick model stands in the folder, too; see `svodka.cascade`
QUICK = "quick_"  # what its files' names begin with
QUICK_FILES = (f"{QUICK}{MODEL_FILE}", f"{QUICK}{TOKENIZER_FILE}")
FEWEST_TOKENS = 8
REFUSED_SUFFIXES = {".bin", ".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".py"}


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What `model.json` says.

    Attributes:
        topics: the model's topics in the order of its outputs.
        thresholds: for each topic id the probability, 0 to 1, from which it is assigned.
        max_tokens: the model reads that many tokens of a text, special ones included.
        digest: SHA-256 over the manifest's entries but the card's: it stands for all files that make answers.
        details: everything in the file, among it backbone, data digests, seed, git commit, versions and metrics.
    """

    topics: tuple[Topic, ...]
    thresholds: Mapping[str, float]
    max_tokens: int
    digest: str
    details: Mapping[str, Any]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def json_digest(content: object) -> str:
    """Return the SHA-256 of what JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()


def write_manifest(folder: Path) -> None:
    """Write `MANIFEST.json` with the SHA-256 and size of every other file in `folder`."""
    entries = {
        path.name: {"bytes": path.stat().st_size, "sha256": file_digest(path)}
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST_FILE
    }
    with atomic_write(folder / MANIFEST_FILE) as out:
        json.dump({"format_version": FORMAT_VERSION, "files": entries}, out, indent=2)
        out.write("\n")


def verify_files(folder: Path, names: Iterable[str] | None = None) -> None:
    """Check files against the manifest; None checks all of them.

    Raises:
        ModelFilesError: a file is missing, not in the manifest, of another size or content, or of a kind that can carry
            code.
    """
    entries = _manifest(folder)
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in REFUSED_SUFFIXES:
            raise ModelFilesError(f"{path} can carry code; a model folder holds safetensors, ONNX and JSON only")
    for name in entries if names is None else names:
        if name not in entries:
            raise ModelFilesError(f"{folder / MANIFEST_FILE} does not list {name}; the folder is incomplete")
        _verify(folder / name, entries[name])


def manifest_files(folder: Path) -> list[str]:
    """Return the names of all files that make the folder: those in the manifest, and the manifest itself.

    Raises:
        ModelFilesError: there is no manifest, or it is damaged.
    """
    return [*_manifest(folder), MANIFEST_FILE]


def _manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ModelFilesError(f"no model folder {str(folder)!r}; give a folder that `svodka train` wrote")
    manifest = _read_json(folder / MANIFEST_FILE)
    _check_version(manifest, folder / MANIFEST_FILE)
    entries = manifest.get("files")
    if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
        raise ModelFilesError(f"{folder / MANIFEST_FILE} has no table of files")
    for name in entries:
        if name in ("", ".", "..") or set(name) & set("/\\:"):
            raise ModelFilesError(f"{folder / MANIFEST_FILE} lists {name!r}, which is no file of the folder")
    return entries


def _verify(path: Path, entry: Mapping[str, Any]) -> None:
    if not path.is_file():
        raise ModelFilesError(f"{path} is missing; copy the model folder again, whole")
    size = path.stat().st_size
    if size != entry.get("bytes"):
        raise ModelFilesError(f"{path} has {size} bytes, the manifest says {entry.get('bytes')}: cut short or edited")
    if file_digest(path) != entry.get("sha256"):
        raise ModelFilesError(f"{path} is not the file that training wrote (SHA-256 differs): damaged or edited")


def read_model_info(folder: Path) -> ModelInfo:
    """Verify the files that tagging needs, then read `model.json`.

    Raises:
        ModelFilesError: the folder is missing, incomplete, damaged or of another format version.
    """
    verify_files(folder, INFERENCE_FILES)
    path = folder / INFO_FILE
    details = _read_json(path)
    _check_version(details, path)
    if CASCADE_KEY in details:
        verify_files(folder, QUICK_FILES)
    try:
        topics = tuple(Topic(**topic) for topic in details["topics"])
        thresholds = {topic.id: float(details["thresholds"][topic.id]) for topic in topics}
        max_tokens = int(details["max_tokens"])
        _check_values(thresholds, max_tokens)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelFilesError(f"{path} is not a description of a model: {error!r}") from error
    return ModelInfo(topics, thresholds, max_tokens, model_digest(folder), details)


def model_digest(folder: Path) -> str:
    """Return a digest that changes with every file but the card, which tells of measurements made later.

    It is made of the sums in the manifest; no file is verified.

    Raises:
        ModelFilesError: there is no manifest, or it is damaged.
    """
    entries = {name: entry for name, entry in _manifest(folder).items() if name != CARD_FILE}
    return json_digest(entries)


def _check_values(thresholds: Mapping[str, float], max_tokens: int) -> None:
    if not thresholds:
        raise ValueError("no topics")
    for topic, threshold in thresholds.items():
        if not 0 <= threshold <= 1:
            raise ValueError(f"the threshold of {topic!r} is {threshold!r}, not from 0 to 1")
    if max_tokens < FEWEST_TOKENS:
        raise ValueError(f"max_tokens is {max_tokens}, below {FEWEST_TOKENS}")


def _check_version(content: Mapping[str, Any], path: Path) -> None:
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise ModelFilesError(
            f"{path} has format version {version!r}; this svodka reads version {FORMAT_VERSION}: "
            "upgrade svodka or train the model again"
        )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFilesError(f"{path} is missing; this is no model folder of svodka, or an incomplete one") from error
    except OSError as error:
        raise ModelFilesError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ModelFilesError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ModelFilesError(f"{path} does not hold a JSON object")
    return content
