"""The rows of a run, and the model that it goes on from, if there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError
from svodka.topics import Topic
from svodka.training.augment import augment
from svodka.training.continuation import tell_changes
from svodka.training.head_start import HeadStart
from svodka.training.loading import NOT_JUDGED
from svodka.training.quick_features import told
from svodka.training.recipe import Recipe, resolve_files
from svodka.training.soft import read_answers, soften
from svodka.training.splits import joined, load_parts, some_rows
from svodka.training.start import Start, load_start
from svodka.training.taught_vectors import read_taught

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

    from svodka.training.export import Samples
    from svodka.training.fit import Fitted

__all__ = ["RunRows", "fit_rows", "gather_rows"]

FloatArray = npt.NDArray[np.float32]
MOST_PARITY_ROWS = 1500
RANGE_ROWS = 500
FEWEST_POSITIVES = 20


@dataclass(frozen=True, slots=True)
class RunRows:
    """What a run learns from.

    Attributes:
        start: the model that it goes on from; None if it begins with an encoder.
        head: what the topic head begins with, and a teacher's vectors.
        parts: the rows by where they come from, see `load_parts`.
        splits: the rows as `train` and `validation`.
    """

    start: Start | None
    head: HeadStart
    parts: Mapping[str, datasets.Dataset]
    splits: datasets.DatasetDict

    @property
    def labels(self) -> FloatArray:
        """Return the labels `(n, n_topics)` of the validation rows: 1, 0, or -1 for not judged."""
        return np.asarray(self.splits["validation"]["labels"], dtype=np.float32)

    def earlier_thresholds(self, topics: Sequence[Topic]) -> npt.NDArray[np.float64] | None:
        """Return the thresholds of the model that the run goes on from, NaN where it has none."""
        return self.start.thresholds(topics) if self.start else None

    def samples(self, recipe: Recipe) -> Samples:
        """Return the texts that the export needs, and what the recipe says of exits."""
        from svodka.training.early_exits import ExitPlan
        from svodka.training.export import Samples

        train, some = self.splits["train"], slice(0, MOST_PARITY_ROWS)
        spread = train[:: max(1, len(train) // RANGE_ROWS)]["text"]
        held = self.splits["validation"]["text"]
        plan = ExitPlan(train["text"], held, recipe.exits, recipe.seed)
        return Samples(spread, plan, held[some], _countable(self.labels[some]))


def gather_rows(
    recipe: Recipe,
    topics: Sequence[Topic],
    out: Path | None,
    extra: Sequence[Path],
    soft: Sequence[Path] = (),
    say: Callable[[str], None] = lambda _line: None,
    only: int | None = None,
) -> RunRows:
    """Read all rows and tell what they are.

    Arguments and errors are those of `svodka.training.run.train`; without `out` no model is written. With `only`
    so many of the training rows are drawn by the recipe's seed, before any copies are made of them.
    """
    start = load_start(recipe.start, out) if recipe.start is not None else None
    if start and start.pooling != recipe.pooling:
        raise ConfigError(
            f"pooling: {recipe.pooling!r}, but the head of {start.name} reads the {start.pooling}; "
            f"--set pooling={start.pooling} goes on with it"
        )
    parts = load_parts(recipe, topics, extra, start.topics if start else ())
    splits = joined(parts)
    if start:
        tell_changes(start, topics, splits["train"], [*resolve_files(recipe.train), *extra], say)
    if soft:
        splits["train"] = soften(splits, read_answers(soft, [topic.id for topic in topics]))
    taught = read_taught(soft) if recipe.vectors else None
    splits["train"] = some_rows(splits["train"], only, recipe.seed)
    if recipe.augment:
        splits["train"] = augment(splits["train"], recipe.augment, recipe.seed)
    say(f"{len(splits['train'])} training rows, {len(splits['validation'])} validation rows, recipe {recipe.name!r}")
    definitions = [told(topic) for topic in topics] if recipe.head_start == "definitions" else []
    return RunRows(start, HeadStart(start.head_rows(topics) if start else None, definitions, taught), parts, splits)


def fit_rows(
    recipe: Recipe, rows: RunRows, backbone: str, checkpoints: Path, *, resume: bool = False, quiet: bool = False
) -> tuple[PreTrainedTokenizerBase, Fitted]:
    """Fine-tune the encoder in the folder `backbone` on rows; return its tokenizer and what came out."""
    from transformers import AutoTokenizer

    from svodka.training.fit import fine_tune

    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(backbone, trust_remote_code=False)
    return tokenizer, fine_tune(
        recipe, backbone, tokenizer, rows.splits, checkpoints, head=rows.head, resume=resume, quiet=quiet
    )


def _countable(labels: FloatArray) -> FloatArray:
    """Return the labels `(n, n_topics)` with rare topics as not judged.

    With few positives a single decision that rounding turns moves macro-F1 by more than the export's gate allows. For
    these topics only the gate on all decisions counts.
    """
    rare = (labels == 1).sum(axis=0) < FEWEST_POSITIVES
    return np.where(rare, NOT_JUDGED, labels).astype(np.float32)
