"""Examples as tasks of Label Studio and rows of doccano, ready to be imported there.

The rest of an example (id, genre, unknown, scores, meta) travels with the text: in `data` of a task, as metadata in
doccano. Both tools give it back on export, so that nothing is lost on the way.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence

from svodka.errors import ConfigError
from svodka.topics import Topic
from svodka.training.formats.doccano import LABELLED, REST
from svodka.training.formats.example import Example
from svodka.training.formats.label_studio import ID_KEY
from svodka.training.formats.names import fold
from svodka.training.formats.native import record_of

__all__ = [
    "NAME_KINDS",
    "doccano_labels",
    "doccano_rows",
    "label_studio_config",
    "label_studio_tasks",
    "spoken_names",
]

NAME_KINDS = {"ru": "title_ru", "en": "title_en", "id": "id"}
CONTROL, OBJECT = "topics", "text"
DIGITS = 4


def spoken_names(topics: Sequence[Topic], kind: str = "ru") -> dict[str, str]:
    """Return what people see of each topic, by id: Russian titles ("ru"), English ones ("en"), or the ids ("id").

    Raises:
        ConfigError: two topics have the same title.
    """
    names = {topic.id: str(getattr(topic, NAME_KINDS[kind])) for topic in topics}
    if len({fold(name) for name in names.values()}) < len(names):
        raise ConfigError(f"two topics have the same title ({kind}), which labels must not have; take --names id")
    return names


def label_studio_config(topics: Sequence[Topic], names: Mapping[str, str]) -> str:
    """Return the labelling configuration (XML) of a Label Studio project in which sentences get these topics."""
    view = ET.Element("View")
    ET.SubElement(view, "Text", name=OBJECT, value="$text")
    choices = ET.SubElement(view, "Choices", name=CONTROL, toName=OBJECT, choice="multiple")
    for topic in topics:
        ET.SubElement(choices, "Choice", value=names[topic.id], hint=topic.definition_ru)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def label_studio_tasks(
    examples: Iterable[Example],
    names: Mapping[str, str],
    *,
    thresholds: Mapping[str, float] | float = 0.5,
    model_version: str = "svodka",
) -> Iterator[dict[str, object]]:
    """Yield examples as tasks; those with `scores` also carry them as a prediction, which readers see ticked.

    Args:
        examples: sentences; labelled ones become annotations, those with an empty list an annotation without a choice.
        names: what people see of each topic, by id, as in the configuration.
        thresholds: score from which on a topic is predicted, for all topics or for each.
        model_version: what Label Studio calls the model.

    The score of a prediction is how sure the model is of its least sure decision, 0.5 to 1: sort by it, and the
    sentences that teach most come first.
    """
    for example in examples:
        task: dict[str, object] = {"data": _data(example)}
        if example.topics is not None:
            task["annotations"] = [{"result": _result(example, example.topics, names)}]
        if example.scores:
            limits = thresholds if isinstance(thresholds, Mapping) else dict.fromkeys(names, thresholds)
            likely = [topic for topic in names if example.scores.get(topic, 0.0) >= limits.get(topic, 0.5)]
            sure = min(max(score, 1 - score) for score in example.scores.values())
            prediction = {"model_version": model_version, "score": round(sure, DIGITS)}
            task["predictions"] = [prediction | {"result": _result(example, likely, names)}]
        yield task


def _data(example: Example) -> dict[str, object]:
    """Return what a task says of its sentence; the id stands where no export of Label Studio puts its own."""
    return {ID_KEY if key == "id" else key: value for key, value in record_of(example, with_topics=False).items()}


def _result(example: Example, topics: Sequence[str], names: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the results of an annotation or a prediction: one with all choices, or none without a choice."""
    if not topics:
        return []
    identity = hashlib.sha256(example.text.encode("utf-8")).hexdigest()[:10]
    value = {"choices": [names[topic] for topic in topics]}
    return [{"id": identity, "from_name": CONTROL, "to_name": OBJECT, "type": "choices", "value": value}]


def doccano_labels(names: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the labels of a project; without them doccano offers only those that occur in the rows."""
    return [{"text": name} for name in names.values()]


def doccano_rows(examples: Iterable[Example], names: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """Yield examples as rows for a project of text classification.

    Every row has the same keys, as doccano reads them with pandas: `labelled` tells "no topic" from "not read", and
    `svodka` holds the rest of the example.
    """
    for example in examples:
        labels = [names[topic] for topic in example.topics or ()]
        rest = record_of(example, with_topics=False)
        row = {"id": rest.pop("id", ""), "text": rest.pop("text"), "label": labels}
        yield row | {LABELLED: example.topics is not None, REST: rest}
