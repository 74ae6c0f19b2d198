"""A recipe: every setting of one training run, in one frozen, checked object.

A recipe comes from a YAML file, and the command line changes it by the same door. Unknown keys and values out of
range are refused. The resolved recipe is saved beside the model.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from svodka.errors import ConfigError, did_you_mean
from svodka.training.augment import AUGMENTATIONS, JOINED

__all__ = [
    "BUILTIN",
    "Recipe",
    "builtin_recipes",
    "checkout_data_folder",
    "is_own_file",
    "load_recipe",
    "make_recipe",
    "own_data_folder",
    "resolve_files",
]

BUILTIN = "builtin:"
POSITIVE = (
    *("epochs", "batch_size", "learning_rate", "head_factor", "max_tokens", "positive_weight", "layers", "pieces"),
    *("feed_forward", "hidden", "layer_decay", "dropout_samples", "pretraining_steps"),
)
SHARES = (
    *("validation_share", "dropout", "attention_dropout", "label_smoothing", "warmup", "weight_decay", "averaging"),
    "exits",
)
NOT_NEGATIVE = ("words", "least_steps", "mix", "r_drop", "adversarial", "weight_perturbation", "vectors")
CHOICES = {
    "loss": ("bce", "focal", "asymmetric"),
    "pooling": ("mean", "first"),
    "pretraining": ("none", "masked", "contrastive"),
    "head_start": ("random", "definitions"),
    "topic_input": ("none", "titles"),
}
# Settings that came later. A run that leaves them as they are is the run that it was before there were any.
LATER = (
    *("words", "feed_forward", "layer_decay", "loss", "r_drop", "dropout_samples", "adversarial", "averaging"),
    *("pooling", "augment", "pretraining", "pretraining_steps", "pretraining_texts", "head_start"),
    *("weight_perturbation", "hidden", "topic_input", "vectors", "word_bits"),
)
# What the weights do not depend on.
EXPORT_ONLY = ("exits",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The settings of a training run.

    Attributes:
        name: name of the recipe, or its file's name without suffix.
        backbone: encoder to start from, below a new topic head: `rubert-mini-e5`, a Hub id, a local folder, or a model
            folder of svodka; `shipped` is the one that comes with it.
        start: model to go on from instead, encoder and topic head: `shipped`, or a model folder of svodka.
        train: labelled files to learn from; `builtin:NAME` is a file that comes with svodka.
        validation: labelled files that choose the best epoch, the thresholds and the calibration.
        validation_share: share, 0 to below 1, of the further training rows that is moved to validation; their texts
            decide which, not the seed.
        mix: how many of svodka's own training sentences are mixed in for each row of the others, at most all of them;
            0 for none.
        layers: number of encoder layers to keep; None keeps all.
        pieces: number of vocabulary pieces to keep, those that the training rows use most; None keeps all.
        words: number of words, frequent in the training rows, that become vocabulary pieces of their own before
            `pieces` are chosen; it makes sentences shorter. 0 for none.
        feed_forward: number of neurons to keep in the feed-forward part of each layer, those that matter most to the
            training rows; None keeps all.
        hidden: number of channels to keep in the token vectors, a multiple of the number of attention heads; None keeps
            all.
        word_bits: 4 rounds the word vectors to so many bits before training, which then leaves them as they are; the
            int8 file is the smaller for it. 8 is the ordinary way. See `svodka.training.coarse_words`.
        epochs: passes over the training rows.
        least_steps: with few rows there are as many more passes as it takes to make this many steps; 0 for none.
        batch_size: sentences in a step.
        learning_rate: highest learning rate of the encoder.
        head_factor: how much faster the topic head learns.
        weight_decay: AdamW's.
        warmup: share of the steps in which the learning rate climbs; afterwards it falls linearly to 0.
        dropout: share of the pooled vector's elements dropped.
        attention_dropout: share of the attention weights dropped; 0 trains a fifth quicker on a processor.
        label_smoothing: 0 to below 1.
        positive_weight: weight of a positive decision in the loss.
        layer_decay: each layer of the encoder learns so much slower than the one above it, above 0 to 1, the word
            vectors slowest; 1 for all alike.
        loss: `bce`, binary cross-entropy; `focal`, which heeds decisions less the better they are already; or
            `asymmetric`, which does so with negative decisions only. See `svodka.training.losses`.
        r_drop: weight, in the loss, of how far two passes with different dropout disagree; 0 for a single pass.
        dropout_samples: how many times the pooled vector is dropped out for each sentence, with the mean loss.
        adversarial: length of the change to the word vectors, in the direction that harms most, which each step learns
            to withstand; 0 for none.
        weight_perturbation: the same for the encoder's products: how far each is moved, as a share of its length; 0 for
            none.
        vectors: weight, in the loss, of how far a sentence's vector is from its teacher's, which `teach --vectors`
            wrote beside the answers; 0 for none. Changed copies of rows have none. See
            `svodka.training.taught_vectors`.
        averaging: how much of the running average of the weights stays at each step, 0 to below 1, such as 0.999; the
            average is evaluated and kept, not the weights. 0 for no average.
        pooling: what the head reads: `mean`, of the token vectors, or `first`, the first of them. The last layer then
            computes no other, which makes a model of few layers much quicker.
        augment: changed copies of training rows to learn from too: `case`, `slips`, `quotes`, `clauses`, `joined`. See
            `svodka.training.augment`.
        pretraining: what the encoder learns before it is fine-tuned: `none`; `masked`, to guess hidden words; or
            `contrastive`, to tell apart the training rows' topics. For trials only. See `svodka.training.pretraining`.
        pretraining_steps: how many steps that takes, of 64 sentences each.
        pretraining_texts: files of unlabelled text for `masked`; empty for the texts of the training rows.
        head_start: what the topic head begins with: `random` numbers, or, for each new topic, the vector of its
            title and `definitions` as the encoder sees them.
        topic_input: what is read behind each sentence: `none`, or the `titles` of the topics. For trials only. See
            `svodka.training.topic_input`.
        exits: share of the decisions on validation rows, such as 0.0005, that each exit on the way may turn; the more,
            the sooner easy sentences leave the network. 0 for no exits. See `svodka.training.early_exits`.
        max_tokens: what the model reads of a sentence, 8 to 512.
        seed: of every random choice.
    """

    name: str = "recipe"
    backbone: str = "rubert-mini-e5"
    start: str | None = None
    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    validation_share: float = 0.0
    mix: float = 0.0
    layers: int | None = None
    pieces: int | None = None
    words: int = 0
    feed_forward: int | None = None
    hidden: int | None = None
    word_bits: int = 8
    epochs: int = 5
    least_steps: int = 0
    batch_size: int = 32
    learning_rate: float = 1e-4
    head_factor: float = 20.0
    weight_decay: float = 0.01
    warmup: float = 0.1
    dropout: float = 0.1
    attention_dropout: float = 0.0
    label_smoothing: float = 0.0
    positive_weight: float = 1.0
    layer_decay: float = 1.0
    loss: str = "bce"
    r_drop: float = 0.0
    dropout_samples: int = 1
    adversarial: float = 0.0
    weight_perturbation: float = 0.0
    vectors: float = 0.0
    averaging: float = 0.0
    pooling: str = "mean"
    augment: tuple[str, ...] = ()
    pretraining: str = "none"
    pretraining_steps: int = 300
    pretraining_texts: tuple[str, ...] = ()
    head_start: str = "random"
    topic_input: str = "none"
    exits: float = 0.0
    max_tokens: int = 128
    seed: int = 13

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, ready for YAML or JSON."""
        plain = dataclasses.asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    def fingerprint(self) -> dict[str, Any]:
        """Return the settings by which a run is known again, plain values: those that its weights depend on.

        Later settings count only where they are in use, so that the runs and models of before are still known.
        """
        unused = {key: value for key, value in Recipe().to_dict().items() if key in LATER}
        counting = {key: value for key, value in self.to_dict().items() if key not in EXPORT_ONLY}
        return {key: value for key, value in counting.items() if key not in unused or value != unused[key]}


KINDS: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "int | None": (int, type(None)),
    "str | None": (str, type(None)),
    "tuple[str, ...]": (list, tuple),
}


def builtin_recipes() -> list[str]:
    """Return the names of the recipes that come with svodka."""
    folder = resources.files("svodka.configs") / "recipes"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_recipe(name: str, changes: Mapping[str, Any] | None = None) -> Recipe:
    """Read a recipe that comes with svodka by its name, or any other by the path of its YAML file.

    Args:
        name: such as `open`, or `my/recipe.yaml`.
        changes: settings that replace those of the file.

    Raises:
        ConfigError: there is no such recipe, it is no YAML, or a setting is unknown, of a wrong type or out of range.
    """
    known = builtin_recipes()
    if name in known:
        text = (resources.files("svodka.configs") / "recipes" / f"{name}.yaml").read_text(encoding="utf-8")
    elif Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8")
    else:
        raise ConfigError(
            f"no recipe {name!r}: neither a file nor one of {', '.join(known)}{did_you_mean(name, known)}"
        )
    try:
        settings = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {error}") from error
    if not isinstance(settings, dict):
        raise ConfigError(f"{name}: expected settings as 'key: value', got {type(settings).__name__}")
    return make_recipe({"name": Path(name).stem} | settings | dict(changes or {}), source=name)


def make_recipe(settings: Mapping[str, Any], source: str = "recipe") -> Recipe:
    """Return the checked recipe with these settings; `source` names them in errors.

    Raises:
        ConfigError: a setting is unknown, of a wrong type or out of range.
    """
    kinds = {field.name: str(field.type) for field in dataclasses.fields(Recipe)}
    for key, value in settings.items():
        if key not in kinds:
            raise ConfigError(f"{source}: unknown setting {key!r}{did_you_mean(key, kinds)}")
        if not isinstance(value, KINDS[kinds[key]]) or isinstance(value, bool):
            raise ConfigError(f"{source}: {key} must be {_words(key, kinds[key])}, got {value!r}{_number_hint(value)}")
    checked: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()
    }
    recipe = Recipe(**checked)
    _check_ranges(recipe, source)
    return recipe


def _words(key: str, kind: str) -> str:
    if key == "augment":
        return "a list of kinds of copies"
    words = {"int": "a whole number", "float": "a number", "str": "text"}
    words |= {"int | None": "a whole number or null", "str | None": "text or null"}
    return words.get(kind, "a list of file names")


def _number_hint(value: object) -> str:
    """Return a hint for YAML's trap that 1e-4 is text and 1.0e-4 a number."""
    return "; in YAML write 1.0e-4, not 1e-4" if isinstance(value, str) and "e-" in value else ""


def _check_ranges(recipe: Recipe, source: str) -> None:
    for key in POSITIVE:
        value = getattr(recipe, key)
        if value is not None and not value > 0:
            raise ConfigError(f"{source}: {key} must be above 0, got {value!r}")
    for key in SHARES:
        if not 0 <= getattr(recipe, key) < 1:
            raise ConfigError(f"{source}: {key} must be from 0 to below 1, got {getattr(recipe, key)!r}")
    for key in NOT_NEGATIVE:
        if not getattr(recipe, key) >= 0:
            raise ConfigError(f"{source}: {key} must be 0 or more, got {getattr(recipe, key)!r}")
    _check_single(recipe, source)
    for key in ("train", "validation", "pretraining_texts"):
        if wrong := [item for item in getattr(recipe, key) if not isinstance(item, str)]:
            raise ConfigError(f"{source}: {key} must be a list of file names, got {wrong[0]!r} in it")
    for key, known in CHOICES.items():
        _check_known(key, [getattr(recipe, key)], known, source)
    _check_known("augment", recipe.augment, (*AUGMENTATIONS, JOINED), source)


def _check_single(recipe: Recipe, source: str) -> None:
    """Complain of what single settings must be, besides what many must."""
    if not recipe.layer_decay <= 1:
        raise ConfigError(f"{source}: layer_decay must be at most 1, got {recipe.layer_decay!r}")
    if not 8 <= recipe.max_tokens <= 512:
        raise ConfigError(f"{source}: max_tokens must be from 8 to 512, got {recipe.max_tokens!r}")
    if recipe.word_bits not in (4, 8):
        raise ConfigError(f"{source}: word_bits must be 4 or 8, got {recipe.word_bits!r}")
    if recipe.word_bits == 4 and recipe.adversarial:
        raise ConfigError(f"{source}: adversarial moves word vectors, which stay as they are with word_bits: 4")
    if recipe.pretraining_texts and recipe.pretraining != "masked":
        raise ConfigError(f"{source}: pretraining_texts are read with pretraining: masked, got {recipe.pretraining!r}")


def _check_known(key: str, given: Sequence[object], known: Sequence[str], source: str) -> None:
    """Complain of the first value that is not among the known ones, or stands there twice."""
    for i, value in enumerate(given):
        if value not in known:
            hint = did_you_mean(str(value), known)
            raise ConfigError(f"{source}: {key} knows {', '.join(known)}, got {value!r}{hint}")
        if value in given[:i]:
            raise ConfigError(f"{source}: {key} has {value!r} twice")


def own_data_folder() -> Path:
    """Return the folder of svodka's own labelled sentences."""
    return Path(str(resources.files("svodka.training") / "data"))


def checkout_data_folder() -> Path:
    """Return the folder where svodka's own labelled sentences stand, with `readings` and `curves` if in a checkout.

    An installation for development may be a tree of links to a checkout's files, and has links to packaged ones only.
    """
    return (own_data_folder() / "train.jsonl").resolve().parent


def is_own_file(path: Path) -> bool:
    """Tell whether a file is one of svodka's own labelled files.

    In an installation for development they are links, so that neither the link's folder nor the file's need be the one
    that Python names.
    """
    folder = own_data_folder()
    own = {folder.resolve(), *(one.resolve().parent for one in folder.glob("*.jsonl"))}
    return path.parent.resolve() in own or path.resolve().parent in own


def resolve_files(names: tuple[str, ...]) -> list[Path]:
    """Return the paths of a recipe's files; `builtin:NAME` becomes the file in svodka's own data.

    Raises:
        ConfigError: svodka has no such file.
    """
    folder = own_data_folder()
    paths = [folder / name.removeprefix(BUILTIN) if name.startswith(BUILTIN) else Path(name) for name in names]
    for name, path in zip(names, paths, strict=True):
        if name.startswith(BUILTIN) and not path.is_file():
            known = [f"{BUILTIN}{p.name}" for p in sorted(folder.glob("*.jsonl"))]
            raise ConfigError(f"svodka has no data file {name!r}{did_you_mean(name, known)}")
    return paths
