"""The model card, `README.md` of a model folder: every figure comes from `model.json` or from a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from svodka.training.backbone import OFFLINE_BACKBONE
from svodka.training.card_measured import TASK, index_entries, measured_section

__all__ = ["model_card"]

USE = """\
## Use

```python
from svodka import Tagger

Tagger.load("this/folder").predict("Расчёты ПВО сбили над морем два беспилотника.").topics
```

The folder also loads in plain `transformers`, with the same scores up to the rounding of int8:

```python
from transformers import pipeline

pipeline("text-classification", model="this/folder", top_k=None, function_to_apply="sigmoid")
```

{last_layer} Scores are calibrated; each topic has its own threshold, listed below.
"""
LAST_LAYER = {  # by what the head reads
    "mean": """\
The last encoder layer is fixed: in it every token attends to all tokens alike, so that the first token, which the stock
head reads, holds the mean of all token vectors.""",
    "first": """\
The last encoder layer is fixed and only normalises: the head, like the stock one, was trained on the first token.""",
}
LIMITS = """\
## Intended use

- To find, count and look through sentences about these topics in Russian news, official and analytical text, where a
  person reads what was found.

## Not intended

- Decisions about persons, the selection of targets of any kind, and judging whether a statement is true.
- Chats, fiction and other languages: not measured.

## Limits

- It reads single sentences, and knows nothing of those around them.
- A topic that is told in unusual words, or beside a stronger one, may be missed.
- svodka's own sentences, written for training and testing, were written by instances of a large language model.
- It reads at most {max_tokens} tokens of a sentence; what lies behind is reported as truncated.
"""


def model_card(
    details: Mapping[str, Any],
    reports: Sequence[Mapping[str, Any]] = (),
    beside: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the card of a model in Markdown with a YAML head that the Hugging Face Hub understands.

    Args:
        details: the content of `model.json`.
        reports: contents of `report.json` files about this model; their figures stand first in the card and its head.
        beside: of such files about other models, on the same sentences.
    """
    name = f"svodka-{details['recipe']['name']}"
    parts = [
        f"---\n{yaml.safe_dump(_head(name, details, reports), allow_unicode=True, sort_keys=False)}---\n",
        f"# {name}\n\nTags Russian sentences with {len(details['topics'])} topics, any number each.\n",
        USE.format(last_layer=LAST_LAYER[details["recipe"].get("pooling", "mean")]),
        *filter(None, [measured_section(reports, beside)]),
        _figures(details),
        _origin(details),
        LIMITS.format(max_tokens=details["max_tokens"]),
    ]
    return "\n".join(parts)


def _head(name: str, details: Mapping[str, Any], reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    validation = details["metrics"]
    results = [
        {"type": "f1", "name": "macro F1", "value": validation["macro_f1"]},
        {"type": "f1", "name": "micro F1", "value": validation["micro_f1"]},
    ]
    dataset = {"name": "validation rows of the recipe", "type": "svodka"}
    entries = [*index_entries(reports), {"task": dict(TASK), "dataset": dataset, "metrics": results}]
    return {
        "language": "ru",
        "license": "mit",
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "tags": ["multi-label", "defence", "news"],
        "model-index": [{"name": name, "results": entries}],
    }


def _figures(details: Mapping[str, Any]) -> str:
    validation = details["metrics"]
    lines = [
        "## Validation",
        "",
        f"On the {validation['rows']} validation rows, which also chose the epoch, the thresholds and the "
        "calibration and so flatter the model: "
        f"macro-F1 {validation['macro_f1']:.3f}, micro-F1 {validation['micro_f1']:.3f}. "
        "Measure it on rows of your own with `svodka evaluate --model this/folder --data FILE`.",
        "",
        "| topic | title | threshold | validation F1 | positives |",
        "|---|---|---|---|---|",
    ]
    for topic in details["topics"]:
        one = validation["topics"][topic["id"]]
        f1 = "–" if one["f1"] is None else f"{one['f1']:.3f}"
        threshold = details["thresholds"][topic["id"]]
        lines.append(f"| `{topic['id']}` | {topic['title_ru']} | {threshold:.3f} | {f1} | {one['support']} |")
    return "\n".join(lines) + "\n"


def _origin(details: Mapping[str, Any]) -> str:
    parity, recipe = details["export_parity"], details["recipe"]
    lines = [
        "## Origin",
        "",
        f"- Backbone: {details['backbone']['name']} ({details['backbone']['origin']}).{_vocabulary(details)}",
        f"- Recipe `{recipe['name']}`, seed {recipe['seed']}, {recipe['epochs']} epochs; trained in "
        f"{details['minutes']:.0f} minutes on {details['hardware']['cpu']}, {details['hardware']['cores']} cores"
        f"{', counted from where the run was last resumed' if details.get('resumed') else ''}.",
        f"- Code: commit {details['git_commit'] or 'unknown'}; {_versions(details['versions'])}.",
        f"- ONNX int8 against the stored weights: {parity['agreement']:.2%} of the decisions on {parity['texts']} "
        "texts are equal.",
        *_exits(details.get("exits", [])),
        *_blended(details.get("blended", [])),
        *_cascade(details.get("cascade")),
        *_data(details),
    ]
    return "\n".join(lines) + "\n"


def _blended(models: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say of which models the weights are the average; what else the card tells of the run is true of the last one."""
    if not models:
        return []
    told = ", ".join(f"{one['share']:g} of {one['name']} ({one['digest'][:12]}…)" for one in models)
    return [
        f"- The weights are an average: {told}. Seed, passes, minutes and data are those of the last one's run; "
        "the minutes of the earlier runs come on top."
    ]


def _exits(exits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Tell where sentences leave; nothing where they do not."""
    if not exits:
        return []
    shares = ", ".join(f"{one['leaving']:.0%} behind layer {one['layer']}" for one in exits)
    turned = sum(one["turned"] for one in exits)
    return [
        f"- Easy sentences leave the int8 network early: of the {exits[0]['sentences']} sentences that fixed how sure "
        f"an exit must be, {shares}, which turned {turned:.2%} of the decisions (by the unrounded weights)."
    ]


def _cascade(told: Mapping[str, Any] | None) -> list[str]:
    """Tell of the quick model that reads before this one; nothing where none does."""
    if not told:
        return []
    recipe, metrics = told["quick"]["recipe"], told["quick"]["metrics"]
    shape = f"{recipe['layers']} layers" if recipe.get("layers") else "all layers of its backbone"
    return [
        f"- A quick model ({told['digest'][:12]}…; recipe `{recipe['name']}`, {shape}) reads every sentence first. "
        f"What it is likely to have wrong, {told['share']:.0%} of {told['texts']} ordinary texts, this one reads; how "
        f"likely that is was seen on {told['unseen']} texts that the quick one had not learned from. "
        f"{told['agreement']:.2%} of the decisions on the ordinary texts are those of this model alone. On its own the "
        f"quick one has a macro-F1 of {metrics['macro_f1']:.3f} on its {metrics['rows']} validation rows; what is said "
        "of validation above is about this model alone, which `early_exits=False`, float32 and a graphics card ask."
    ]


def _vocabulary(details: Mapping[str, Any]) -> str:
    """Say where the vocabulary comes from, if the line of models began with the offline backbone."""
    backbone = details["backbone"]
    if OFFLINE_BACKBONE not in (backbone["name"], *backbone["origin"].replace(":", " ").split()):
        return ""
    return " Its vocabulary was cut by counting over unlabelled Russian news; nothing else was learned from that text."


def _data(details: Mapping[str, Any]) -> list[str]:
    """Tell what the model learned from: files of the recipe, and files that its trainer added."""
    recipe, data = details["recipe"], details["data"]
    start, mixed, earlier = details.get("start"), data.get("mixed", ()), data.get("earlier", {}).get("train", ())
    own, given = data["train"][: len(recipe["train"])], data["train"][len(recipe["train"]) :]
    copies = ", changed copies of some of them included," if recipe.get("augment") else ""
    lines = [
        f"- It learned from {data['rows']['train']} rows{copies} and was tuned on {data['rows']['validation']} others."
    ]
    lines += [f"- Training file of the recipe: {_file(one)}." for one in own]
    lines += [f"- Validation file of the recipe: {_file(one)}." for one in data["validation"]]
    share = f", of which {recipe['validation_share']:.0%} went to the tuning" if recipe["validation_share"] else ""
    lines += [f"- Added by whoever trained it, and not part of svodka: {_file(one)}{share}." for one in given]
    for one in details.get("soft_labels", ()):
        teachers = ", ".join(f"{teacher['name']} ({teacher['digest'][:12]}…)" for teacher in one.get("teachers", ()))
        files = ", ".join(f"`{file['name']}` ({file['sha256'][:12]}…)" for file in one.get("unlabelled_files", ()))
        lines.append(
            f"- It also learned what its teachers {teachers or 'hold'} answered (`{one['name']}`, SHA-256 "
            f"{one['sha256'][:12]}…) on {one.get('labelled', 'the')} labelled and {one.get('unlabelled', 'some')} "
            f"unlabelled sentences{f' of {files}' if files else ''}. Unlabelled text is not part of svodka."
        )
    lines += [f"- Mixed in, {recipe['mix']:g} rows of it for each of the others: {_file(one)}." for one in mixed]
    if start:
        lines.append(f"- Went on from the model `{start['name']}` (digest {start['digest'][:12]}…).")
        lines += [f"- That model had learned from: {_file(one)}." for one in earlier]
    return lines


def _versions(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _file(one: Mapping[str, Any]) -> str:
    return f"`{one['name']}` ({one['rows']} rows, SHA-256 {one['sha256'][:12]}…)"
