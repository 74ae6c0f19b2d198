"""A chain of commands that makes a model: a table of steps in YAML, read and checked before anything is run.

    steps:
      - makes: teacher-13
        why: the first teacher, twelve layers
        run: svodka train --config shipped --data {data}
      - makes: student
        why: goes on from it
        run: svodka train --config student --data {data} --set backbone={teacher-13}

`makes` names what the step writes, a file or a model folder. `run` is a command line without `--out`, which is added.
In place of `run` there may be `git: COMMIT:PATH`, a file of svodka's own data as it was in an earlier commit.

A name in braces stands for what an earlier step made, `{data}` and `{unlabelled}` for the files that are given. By
itself it becomes as many words as there are files, an option before it repeated (`--data a --data b`); in a longer word
(`train=[{data}]`) they stand as YAML has them.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.cli.main import COMMANDS
from svodka.errors import ConfigError, did_you_mean
from svodka.model_folder import json_digest
from svodka.yaml_nodes import YamlSource

if TYPE_CHECKING:
    import yaml

__all__ = ["GIVEN", "Chain", "Places", "Step", "read_chain"]

GIVEN = ("data", "unlabelled")
Places = Mapping[str, Sequence[Path]]  # what names in braces stand for

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLAIN_NAME = re.compile(r"\w[\w.-]*")
PLAIN_PATH = re.compile(r"[\w.-]*/[\w./-]*")  # without a folder it might be a number or a `no`
OWN_FILE = re.compile(r"[0-9a-f]{7,40}:training/data/[\w./-]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain.

    Attributes:
        makes: name of the file or model folder that it writes.
        why: what it is for, in words.
        words: the command line, `svodka …` or `python -m svodka.…`; empty if the file is taken from git.
        git: `COMMIT:PATH` of that file.
    """

    makes: str
    why: str
    words: tuple[str, ...] = ()
    git: str | None = None

    @property
    def uses(self) -> list[str]:
        """Return the names in braces, in their order."""
        return [name for word in self.words for name in PLACEHOLDER.findall(word)]

    @property
    def trains(self) -> bool:
        """Tell whether it is a training, which keeps checkpoints."""
        return self.words[:2] == ("svodka", "train")

    def command(self, places: Places) -> list[str]:
        """Return the words of the command line with files in place of names, and the place of what it writes."""
        filled: list[str] = []
        for word in self.words:
            alone = PLACEHOLDER.fullmatch(word)
            if alone:
                option = [filled.pop()] if filled[-1].startswith("--") else []
                filled += [part for path in places[alone[1]] for part in (*option, str(path))]
            else:
                filled.append(PLACEHOLDER.sub(lambda name: _as_yaml(places[name[1]]), word))
        return [*filled, "--out", str(places[self.makes][0])]


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps in the order in which they are run; each needs only what is given and what steps before it made."""

    name: str
    steps: tuple[Step, ...]

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what the steps do; comments and words about them do not count."""
        return json_digest([[step.makes, step.words, step.git] for step in self.steps])

    def values(self, option: str) -> list[str]:
        """Return the values that an option, such as `--config`, has in the commands, each once."""
        pairs = [pair for step in self.steps for pair in pairwise(step.words)]
        return list(dict.fromkeys(value for word, value in pairs if word == option))

    def needed(self) -> list[str]:
        """Return which of the `GIVEN` files the steps use."""
        return [name for name in GIVEN if any(name in step.uses for step in self.steps)]


def read_chain(name: str = "shipped") -> Chain:
    """Read a chain that comes with svodka by its name, or any other by the path of its YAML file.

    Raises:
        ConfigError: there is no such file, it is no YAML, a key or a name in braces is unknown, two steps write the
            same, or a command is none of svodka's.
    """
    own = resources.files("svodka.configs") / "chains" / f"{name}.yaml"
    source = YamlSource(name, ConfigError)
    root = source.read(own if own.is_file() else Path(name))
    if root is None:
        raise ConfigError(f"{name}: the file is empty; expected the key 'steps'")
    steps: list[Step] = []
    for node in source.sequence(source.mapping(root, ("steps",))["steps"], "steps"):
        steps.append(_step(node, source, [*GIVEN, *(step.makes for step in steps)]))
    if not steps:
        raise ConfigError(f"{name}: has no steps")
    return Chain(Path(name).stem, tuple(steps))


def _step(node: yaml.Node, source: YamlSource, known: Sequence[str]) -> Step:
    """Return the step of a node; `known` are the names that it may use and must not make."""
    found = source.mapping(node, ("makes", "why"), ("run", "git"))
    told = {key: source.text(value, key) for key, value in found.items()}
    if ("run" in told) == ("git" in told):
        raise source.wrong(node, "expected either 'run' or 'git'")
    if not PLAIN_NAME.fullmatch(told["makes"]) or told["makes"] in known:
        raise source.wrong(found["makes"], f"'makes' must be a new name without a folder, got {told['makes']!r}")
    if "git" in told and not OWN_FILE.fullmatch(told["git"]):
        raise source.wrong(found["git"], f"expected COMMIT:training/data/FILE, got {told['git']!r}")
    step = Step(told["makes"], told["why"], tuple(shlex.split(told.get("run", ""))), told.get("git"))
    if "run" in told:
        _check_command(step, found["run"], source, known)
    return step


def _check_command(step: Step, node: yaml.Node, source: YamlSource, known: Sequence[str]) -> None:
    """Refuse a command that is none of svodka's, and names in braces that stand for nothing."""
    ours = step.words[:1] == ("svodka",) and step.words[1:2] and step.words[1] in COMMANDS
    module = step.words[:2] == ("python", "-m") and "".join(step.words[2:3]).startswith("svodka.")
    if not ours and not module:
        raise source.wrong(node, f"expected `svodka COMMAND` or `python -m svodka.MODULE`, got {step.words[:3]}")
    for name in step.uses:
        if name not in known:
            hint = did_you_mean(name, known) or f" (known here: {', '.join(known)})"
            raise source.wrong(node, f"{{{name}}} stands for nothing that is given or made before{hint}")


def _as_yaml(paths: Sequence[Path]) -> str:
    """Return paths as items of a YAML list, in quotation marks if YAML might take them for something else."""
    names = map(str, paths)
    return ", ".join(name if PLAIN_PATH.fullmatch(name) else json.dumps(name, ensure_ascii=False) for name in names)
