"""What a peer is, and how it was set, in the words of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svodka.evaluation.report.language import DASH, Language
from svodka.output.palette import clean

__all__ = ["peer_family", "peer_settings", "peer_title"]

WORDED = ("pooling", "chosen_by")  # settings whose values have a text of their own


def peer_title(peer: Mapping[str, Any], say: Language) -> str:
    """Return what to call a peer; its own title if the report has no text for its kind."""
    return say.if_known(f"peer_{peer['kind']}", clean(peer["title"]))


def peer_family(peer: Mapping[str, Any], say: Language) -> str:
    """Return to which family of systems a peer belongs."""
    return say.if_known(f"family_{peer['family'].replace(' ', '_').replace('-', '_')}", clean(peer["family"]))


def peer_settings(settings: Mapping[str, Any], say: Language) -> str:
    """Return the settings of a peer in a row, those that the report has no text for as name and value."""
    parts = (_setting(name, value, settings, say) for name, value in settings.items())
    return "; ".join(part for part in parts if part)


def _setting(name: str, value: Any, settings: Mapping[str, Any], say: Language) -> str:
    """Return one setting; nothing for one that another says."""
    if name == "folds":
        return ""
    if name in WORDED:
        return say.if_known(f"setting_{name}_{value}", clean(str(value)), folds=settings.get("folds"))
    if isinstance(value, bool):
        return say.if_known(f"setting_{name}_{'yes' if value else 'no'}", f"{clean(name)}: {value}")
    return say.if_known(f"setting_{name}", f"{clean(name)}: {_value(value, say)}", value=_value(value, say))


def _value(value: Any, say: Language) -> str:
    """Return the value of a setting; one that differs by topic names each."""
    if value is None:
        return DASH
    if isinstance(value, Mapping):
        return ", ".join(f"{_key(key, say)} {_value(one, say)}" for key, one in value.items())
    if isinstance(value, int):
        return say.count(value)
    if isinstance(value, float):
        return f"{value:g}".replace(".", "," if say.lang == "ru" else ".")
    return clean(str(value))


def _key(key: str, say: Language) -> str:
    """Return what a part of a setting is called: a topic, or a figure of SetFit's budget."""
    return say.topic(key) if say.knows_topic(key) else say.if_known(f"budget_{key}", clean(key))
