"""What a model folder tells of itself: its description, the card made from it, and the sums of all its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svodka.files import atomic_write
from svodka.model_folder import CARD_FILE, INFO_FILE, write_manifest
from svodka.training.card import model_card

__all__ = ["write_description"]


def write_description(folder: Path, details: Mapping[str, Any]) -> None:
    """Write `model.json`, the card and, as the last file of a folder, the manifest.

    Raises:
        OSError: a file cannot be written.
    """
    with atomic_write(folder / INFO_FILE) as out:
        json.dump(details, out, ensure_ascii=False, indent=2)
        out.write("\n")
    (folder / CARD_FILE).write_text(model_card(details), encoding="utf-8")
    write_manifest(folder)
