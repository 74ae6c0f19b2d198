"""What a folder of runs says about the chain that is run in it: from what it is made, and how far it has come.

`chain.json` is written whole before and after every step. What a step has written counts if the step was begun by the
same chain with the same files, and if nothing has changed it since. The last step is kept once for each `--out`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from svodka.errors import ConfigError, DataError, ModelFilesError
from svodka.files import atomic_write
from svodka.model_folder import file_digest, json_digest, model_digest, verify_files
from svodka.source import SHIPPED, shipped_folder
from svodka.topics import load_topics
from svodka.training.chain import Chain, Places
from svodka.training.digested import own_labels
from svodka.training.recipe import load_recipe, resolve_files

__all__ = [
    "LOCK_FILE",
    "STATE_FILE",
    "Made",
    "State",
    "digest_of_made",
    "digest_of_output",
    "origin_of",
    "read_state",
    "write_state",
]

STATE_FILE = "chain.json"
LOCK_FILE = "chain.lock"
FORMAT_VERSION = 1
WAY_OUT = "give another --runs, or remove what the chain has made, and this file"
DIFFERENCES = {
    "chain": "other steps",
    "today": "a different choice of --today",
    "data": "other files for --data",
    "unlabelled": "other files for --unlabelled",
    "recipes": "other recipes",
    "topics": "other topics",
    "own": "other sentences or labels of svodka's own",
    "shipped": "another shipped model",
    "runs": "another spelling of --runs",  # half-done trainings know their files by it
}


@dataclass(frozen=True, slots=True)
class Made:
    """How far one step is.

    Attributes:
        begun: when it was begun, the first time since it was last whole.
        minutes: that it has taken, all its beginnings together but those that were killed.
        digest: of what it wrote; None until that is whole.
    """

    begun: str
    minutes: float = 0.0
    digest: str | None = None


@dataclass(slots=True)
class State:
    """How far a chain is: what it depends on, as `origin_of` tells it, and its begun steps by their `Job.name`."""

    origin: Mapping[str, Any]
    steps: dict[str, Made] = field(default_factory=dict)

    @property
    def minutes(self) -> float:
        """Minutes of all steps together."""
        return sum(made.minutes for made in self.steps.values())


def origin_of(chain: Chain, given: Places, runs: Path, *, today: bool) -> dict[str, Any]:
    """Return what the result of a chain depends on, as JSON holds it.

    Raises:
        ConfigError: a recipe of the chain, or a file of topics, is wrong or not there.
        ModelFilesError: the chain goes on from the shipped model, and there is none.
        OSError: a file cannot be read.
    """
    recipes = {name: load_recipe(name) for name in chain.values("--config")}
    own = {path for recipe in recipes.values() for path in resolve_files((*recipe.train, *recipe.validation))}
    return {
        "chain": chain.digest,
        "today": today,
        "recipes": {name: recipe.fingerprint() for name, recipe in recipes.items()},
        "topics": [_topics_digest(path) for path in (None, *map(Path, chain.values("--topics")))],
        "own": _digests(sorted({*own, own_labels()})),
        "runs": str(runs),
        **({"shipped": model_digest(shipped_folder())} if _of_shipped(chain) else {}),
        **{name: _digests(given[name]) for name in chain.needed()},
    }


def _of_shipped(chain: Chain) -> bool:
    """Tell whether a chain goes on from the shipped model, as whose teacher or whose backbone it is named."""
    return SHIPPED in chain.values("--teacher") or f"backbone={SHIPPED}" in chain.values("--set")


def _digests(paths: Sequence[Path]) -> list[dict[str, str]]:
    return [{"name": path.name, "sha256": file_digest(path)} for path in paths]


def _topics_digest(path: Path | None) -> str:
    """Return the SHA-256 of what the file says of topics; comments do not count."""
    return json_digest([asdict(topic) for topic in load_topics(path)])


def read_state(folder: Path, origin: Mapping[str, Any]) -> State:
    """Return the state of the folder, a new one if it has none.

    Raises:
        ConfigError: the chain was begun from something else than `origin`, or by another version of svodka.
        DataError: the file is not what `write_state` writes.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return State(origin)
    with _complaining(path):
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content["format_version"]
    if version != FORMAT_VERSION:
        raise ConfigError(f"{path} has format version {version!r}, this svodka reads {FORMAT_VERSION}; {WAY_OUT}")
    with _complaining(path):
        before, steps = _origin(content["origin"]), {name: _made(one) for name, one in content["steps"].items()}
    for part, what in DIFFERENCES.items():
        if before.get(part) != origin.get(part):
            raise ConfigError(f"{path} belongs to a chain begun with {what}; give the same, or another --runs")
    return State(origin, steps)


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    """Turn errors about the content of the file into one that says what to do."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} does not hold the state of a chain ({error!r}); {WAY_OUT}") from error


def _origin(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise TypeError(f"origin: {content!r}")
    return content


def _made(content: Any) -> Made:
    made = Made(**content)
    words = isinstance(made.begun, str) and isinstance(made.digest, str | None)
    if not words or not isinstance(made.minutes, int | float):
        raise TypeError(f"step: {content!r}")
    return made


def write_state(folder: Path, state: State) -> None:
    """Write the state of the folder, whole or not at all."""
    steps = {name: asdict(made) | {"minutes": round(made.minutes, 2)} for name, made in state.steps.items()}
    content = {"format_version": FORMAT_VERSION, "origin": state.origin, "steps": steps}
    with atomic_write(folder / STATE_FILE, keep=False) as out:
        json.dump(content | {"minutes": round(state.minutes, 1)}, out, ensure_ascii=False, indent=1)
        out.write("\n")


def digest_of_output(path: Path) -> str:
    """Return a digest of a file, or of a model folder, which is verified.

    Raises:
        ModelFilesError: the folder is incomplete or damaged.
        OSError: there is nothing, or it cannot be read.
    """
    if not path.is_dir():
        return file_digest(path)
    verify_files(path)
    return model_digest(path)


def digest_of_made(path: Path, made: Made | None, later: Sequence[Path] = ()) -> str | None:
    """Return the digest of what a step wrote, None if it is not there: files and folders are put in their places whole.

    Args:
        path: where the step writes.
        made: how far it is; None if it was never begun.
        later: what is there already that was made from it.

    Raises:
        ConfigError: there is something that this chain did not write, or that was changed since.
        ModelFilesError: it is a damaged model folder.
    """
    if not path.exists():
        return None
    if made is None:
        raise ConfigError(f"{path} exists, and this chain did not make it; give another place, or remove it")
    anew = "to have it made anew, remove " + ", ".join(map(str, (path, *later)))
    try:
        found = digest_of_output(path)
    except ModelFilesError as error:
        raise ModelFilesError(f"{error}; {anew}") from error
    if made.digest not in (None, found):
        raise ConfigError(f"{path} is not what this chain made last; {anew}")
    return found
