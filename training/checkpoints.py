"""The checkpoints of an unfinished run: which run they belong to, and which of them are whole.

A checkpoint counts only when its seal, a manifest with the SHA-256 of its files, was written after all of them, so a
kill or a power cut in the middle of writing leaves one that is passed over. The last two are kept, and the best ones
that these know of: whatever happens to the last, the one before is there.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.model_folder import MANIFEST_FILE, file_digest, write_manifest
from svodka.training.head_start import HeadStart
from svodka.training.recipe import Recipe

if TYPE_CHECKING:
    import datasets

__all__ = [
    "checkpoint_folder",
    "claim_checkpoints",
    "last_whole",
    "prune",
    "run_fingerprint",
    "seal",
    "told",
]

FINGERPRINT_FILE = "run.json"
STATE_FILE = "trainer_state.json"
NAME = re.compile(r"checkpoint-\d+")
KEPT = 2
DIFFERENCES = {
    "recipe": "another recipe",
    "data": "other rows",
    "encoder": "another encoder to start from",
    "head_rows": "other topics",
    "definitions": "other definitions of topics",
    "processes": "another number of processes",
    "vectors": "other vectors of a teacher",
}


def checkpoint_folder(out: Path) -> Path:
    """Return the folder beside `out` that holds a run's checkpoints until the model folder is whole.

    A link is followed, so that both are in one file system.
    """
    place = out.resolve() if out.is_symlink() else out
    return place.with_name(place.name + ".checkpoints")


def run_fingerprint(
    recipe: Recipe,
    splits: datasets.DatasetDict,
    backbone: str,
    head: HeadStart,
    processes: int,
) -> dict[str, Any]:
    """Return what must be the same for a run to be resumed, as JSON can hold it."""
    digests = {}
    for name, split in splits.items():
        content = json.dumps([split["text"][:], split["labels"][:]], ensure_ascii=False)
        digests[str(name)] = hashlib.sha256(content.encode("utf-8")).hexdigest()
    # Without definitions there is no such entry, so that the runs of before there were any are still known.
    definitions = {"definitions": list(head.definitions)} if head.definitions else {}
    return {
        "recipe": recipe.fingerprint(),
        "data": digests,
        "encoder": [file_digest(path) for path in sorted(Path(backbone).glob("*.safetensors"))],
        "head_rows": None if head.rows is None else list(head.rows),
        "processes": processes,
        **definitions,
        **({"vectors": head.taught.digest} if head.taught else {}),
    }


def claim_checkpoints(folder: Path, fingerprint: dict[str, Any], *, resume: bool) -> Path | None:
    """Return the checkpoint to go on from, None to begin anew; note in `folder` which run its checkpoints belong to.

    Raises:
        ConfigError: there are checkpoints and no `resume`, or the checkpoints belong to another run.
    """
    last = last_whole(folder)
    if last and not resume:
        raise ConfigError(f"{folder} holds checkpoints of an unfinished run; add --resume, or remove that folder")
    if resume and folder.is_dir():
        _refuse_another_run(folder, fingerprint)
    for checkpoint in _numbered(folder):
        if last is None or _step(checkpoint) > _step(last):  # what a kill left half-written
            shutil.rmtree(checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / FINGERPRINT_FILE) as out:
        json.dump(fingerprint, out, ensure_ascii=False, indent=2)
    return last


def _refuse_another_run(folder: Path, fingerprint: dict[str, Any]) -> None:
    """Complain if the folder's note tells of a run with other settings, rows or origins."""
    note = folder / FINGERPRINT_FILE
    if not note.is_file() and not _numbered(folder):
        return
    found = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    for part, what in DIFFERENCES.items():
        if found.get(part) != fingerprint.get(part):
            changed = _changed_keys(found.get(part), fingerprint.get(part))
            raise ConfigError(f"{folder} belongs to a run with {what}{changed}; give the same, or remove that folder")


def _changed_keys(found: Any, wanted: Any) -> str:
    """Return which settings differ, for the message."""
    if not isinstance(found, dict) or not isinstance(wanted, dict):
        return ""
    keys = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
    return f" ({', '.join(keys)})"


def last_whole(folder: Path) -> Path | None:
    """Return the last checkpoint of which nothing is missing, the best one that it leads back to included."""
    for checkpoint in reversed(_numbered(folder)):
        if _is_whole(checkpoint) and ((best := _best_of(checkpoint)) is None or _is_whole(best)):
            return checkpoint
    return None


def told(checkpoint: Path) -> str:
    """Return where a run stood at a checkpoint, in words: `step 11 of 21 (epoch 1.57), saved in …`."""
    state = _state(checkpoint)
    return f"step {state['global_step']} of {state['max_steps']} (epoch {state['epoch']:.2f}), saved in {checkpoint}"


def seal(checkpoint: Path) -> None:
    """Declare a checkpoint whole: write the SHA-256 of each of its files."""
    write_manifest(checkpoint)


def prune(folder: Path) -> None:
    """Remove checkpoints that nothing leads back to: all but the last two sealed ones and the best that these name."""
    sealed = [path for path in _numbered(folder) if (path / MANIFEST_FILE).is_file()][-KEPT:]
    kept = {*sealed, *filter(None, map(_best_of, sealed))}
    for checkpoint in _numbered(folder):
        if checkpoint not in kept:
            shutil.rmtree(checkpoint, ignore_errors=True)


def _numbered(folder: Path) -> list[Path]:
    """Return the folders of checkpoints, whole or not, in the order of their steps."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in found if NAME.fullmatch(path.name)), key=_step)


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.partition("-")[2])


def _best_of(checkpoint: Path) -> Path | None:
    """Return the checkpoint with the best validation score until then; None if none was scored yet."""
    step = _state(checkpoint)["best_global_step"]
    return None if step is None else checkpoint.with_name(f"checkpoint-{step}")


def _is_whole(checkpoint: Path) -> bool:
    """Return whether every file is there as the seal says."""
    try:
        files = json.loads((checkpoint / MANIFEST_FILE).read_text(encoding="utf-8"))["files"]
        return all(file_digest(checkpoint / name) == entry["sha256"] for name, entry in files.items())
    except (OSError, ValueError, KeyError):  # killed while it was written, or while it was removed
        return False


def _state(checkpoint: Path) -> dict[str, Any]:
    """Return what the trainer knew of the run at a checkpoint."""
    state: dict[str, Any] = json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    return state
