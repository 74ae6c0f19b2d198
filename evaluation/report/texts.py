"""Every sentence of the report, from `templates/texts.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["LANGUAGES", "texts"]

LANGUAGES = ("ru", "en")


@cache
def texts(lang: str) -> Mapping[str, str]:
    """Return the texts in "ru" or "en" by their keys."""
    import yaml

    source = resources.files("svodka.evaluation.report") / "templates" / "texts.yaml"
    both = yaml.safe_load(source.read_text(encoding="utf-8"))
    return {key: one[lang] for key, one in both.items()}
