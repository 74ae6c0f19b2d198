"""Run the steps of a chain one after another, each as a process of its own, and go on with what is there already."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from svodka.errors import ConfigError
from svodka.provenance import now
from svodka.training.chain import Chain, Places, Step
from svodka.training.chain_state import (
    LOCK_FILE,
    STATE_FILE,
    Made,
    State,
    digest_of_made,
    digest_of_output,
    write_state,
)
from svodka.training.checkpoints import checkpoint_folder
from svodka.training.history import own_file, show_words, write_earlier, write_today

__all__ = ["Job", "Run", "run_process"]

Run = Callable[[Sequence[str]], int]


def run_process(words: Sequence[str], lock: int) -> int:
    """Run `svodka …` or `python …` with the Python of this process; return its exit code.

    What interrupts or ends this process interrupts the other one, once: a training then saves a checkpoint. What kills
    it leaves the other one running, which then holds the lock.

    Args:
        words: the command line.
        lock: descriptor of a locked file, which the process inherits; not on Windows.
    """
    program = ["-m", *words] if words[0] == "svodka" else list(words[1:])
    # In a group of its own, or the terminal would send Ctrl-C to both, and a second one makes a training leave at once.
    unix = {"process_group": 0, "pass_fds": (lock,)} if os.name == "posix" else {}
    with _hearing_ctrl_c():
        process = subprocess.Popen([sys.executable, "-P", *program], **unix)  # type: ignore[call-overload]
    with process:
        try:
            code: int = process.wait()
        except BaseException:
            _end(process)
            raise
    return code if code >= 0 else 128 - code  # as a shell tells of signals


@contextmanager
def _hearing_ctrl_c() -> Iterator[None]:
    """Inside the block a process can be started that heeds SIGINT, even if this one ignores it, as in the background.

    A signal that is ignored stays so in a new program, one that has a handler gets its default there.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        if before is signal.SIG_IGN:
            signal.signal(signal.SIGINT, before)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a process and wait for its end; who interrupts again does not wait for checkpoints."""
    for _ in range(2):
        with suppress(KeyboardInterrupt):
            if os.name == "posix":  # elsewhere the terminal has told it
                process.send_signal(signal.SIGINT)
            process.wait()
            return
    process.kill()


@dataclass(frozen=True, slots=True)
class Job:
    """A chain with the files that it is run on.

    Attributes:
        chain: the steps.
        given: the files that are given.
        runs: the folder for what the steps make.
        out: where the last one puts its result.
        today: take today's files of svodka's own data in place of those of earlier commits.
    """

    chain: Chain
    given: Places
    runs: Path
    out: Path
    today: bool = False

    @property
    def places(self) -> Places:
        """Return what each name in braces stands for."""
        made = {step.makes: [self.runs / step.makes] for step in self.chain.steps[:-1]}
        return {**self.given, **made, self.chain.steps[-1].makes: [self.out]}

    def name(self, step: Step) -> str:
        """Return what the state calls a step: what it makes, and the last one by its place, of which there may be many.

        A place is told from the folder of the runs, however the two are spelled.
        """
        if step is not self.chain.steps[-1]:
            return step.makes
        out, runs = self.out.resolve(), self.runs.resolve()
        return Path(os.path.relpath(out, runs)).as_posix() if out.drive == runs.drive else str(out)

    def check_places(self) -> None:
        """Refuse places that would overwrite one another, or where nothing can be written.

        Raises:
            ConfigError: `out` is the place of another step or in no folder, a given file is the place of any step, or a
                step would write where the state of the chain is kept.
        """
        places = [self.places[step.makes][0].resolve() for step in self.chain.steps]
        runs = self.runs.resolve()
        if places[-1] in places[:-1]:
            raise ConfigError(f"--out {self.out} is what an earlier step writes; give another one")
        for place in places:
            if place in (runs, runs / STATE_FILE, runs / LOCK_FILE):
                raise ConfigError(f"{place} is where the chain keeps its state; what a step makes needs another name")
        if not places[-1].parent.is_dir() and places[-1].parent != runs:
            raise ConfigError(f"--out {self.out}: there is no folder {str(self.out.parent)!r}")
        for path in (path for paths in self.given.values() for path in paths):
            if path.resolve() in places:
                raise ConfigError(f"{path} is what a step of the chain writes; give another --runs")

    def titled(self) -> Iterator[tuple[str, Step]]:
        """Yield each step with its number, what it makes and why."""
        for number, step in enumerate(self.chain.steps, start=1):
            yield f"{number} of {len(self.chain.steps)}, {step.makes}: {step.why}", step

    def line(self, step: Step) -> str:
        """Return the command line of a step as one types it."""
        if step.git is None:
            return shlex.join(step.command(self.places))
        words = ["cat", str(own_file(step.git))] if self.today else show_words(step.git)
        return f"{shlex.join(words)} > {shlex.quote(str(self.places[step.makes][0]))}"

    def made(self, state: State) -> dict[str, str]:
        """Return what is there already, with its digest.

        Raises:
            ConfigError: there is something that this chain did not make, or that was made from what is not there.
            ModelFilesError: a model folder is damaged.
        """
        made: dict[str, str] = {}
        for step in self.chain.steps:
            path, later = self.places[step.makes][0], self._made_from(step.makes)
            digest = digest_of_made(path, state.steps.get(self.name(step)), later)
            if digest is not None:
                made[step.makes] = digest
        for step in self.chain.steps:
            if step.makes not in made and (later := self._made_from(step.makes)):
                path, told = self.places[step.makes][0], ", ".join(map(str, later))
                raise ConfigError(f"{path} is gone; bring it back, or remove what was made from it, too: {told}")
        return made

    def _made_from(self, name: str) -> list[Path]:
        """Return what is there already of all that is made from what a step makes, directly or not."""
        reached = {name}
        for step in self.chain.steps:
            if not reached.isdisjoint(step.uses):
                reached.add(step.makes)
        later = [self.places[step.makes][0] for step in self.chain.steps if step.makes in reached - {name}]
        return [path for path in later if path.exists()]

    def run(self, state: State, say: Callable[[str], None], run: Run) -> int:
        """Run the steps whose results are not there, and keep the state; return 0, or the exit code of one that failed.

        Args:
            state: how far the chain is; it is changed, and written before and after each step.
            say: takes a line about what is being done.
            run: runs a command line and returns its exit code.

        Raises:
            ConfigError: as for `made`, before anything is run; or git does not give a file.
            ModelFilesError: as for `made`.
            OSError: a place cannot be written.
        """
        there = self.made(state)
        for step in self.chain.steps:
            name = self.name(step)
            if step.makes in there and state.steps[name].digest is None:  # a kill came between a result and its note
                shutil.rmtree(checkpoint_folder(self.places[step.makes][0]), ignore_errors=True)
                state.steps[name] = replace(state.steps[name], digest=there[step.makes])
        write_state(self.runs, state)
        for title, step in self.titled():
            say(f"\n# {title}")
            if step.makes in there:
                say(f"# {self.places[step.makes][0]} is there already")
                continue
            digest_of_made(self.places[step.makes][0], None)  # what somebody has put there since is not the chain's
            say(self.line(step))
            try:
                code = self._timed(step, state, run)
            except BaseException:
                say("broken off; the same command goes on with this step")
                raise
            if code:
                say(f"{step.makes}: failed with exit code {code}; the same command begins with this step again")
                return code
        return 0

    def _timed(self, step: Step, state: State, run: Run) -> int:
        """Do a step and note when it began, how long it took and what came of it; return its exit code."""
        path, name = self.places[step.makes][0], self.name(step)
        if step is not self.chain.steps[-1]:  # what is elsewhere was made from what this step made before
            names = [self.name(one) for one in self.chain.steps]
            state.steps = {one: made for one, made in state.steps.items() if one in names}
        before = state.steps.get(name)
        made = before if before and before.digest is None else Made(now())
        state.steps[name] = replace(made, digest=None)
        write_state(self.runs, state)
        started = time.monotonic()
        try:
            code = self._act(step, path, run, again=before is not None)
        finally:
            made = replace(made, minutes=made.minutes + (time.monotonic() - started) / 60, digest=None)
            state.steps[name] = made
            write_state(self.runs, state)
        if code == 0:
            state.steps[name] = replace(made, digest=digest_of_output(path))
            write_state(self.runs, state)
        return code

    def _act(self, step: Step, path: Path, run: Run, *, again: bool) -> int:
        """Write a file, or run a command; a training that was begun goes on from its checkpoints."""
        if step.git is not None:
            (write_today if self.today else write_earlier)(step.git, path)
            return 0
        resume = ["--resume"] if again and step.trains and checkpoint_folder(path).is_dir() else []
        return run([*step.command(self.places), *resume])
