"""Texts to token ids, as the tagger makes them, by a tokenizer of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from svodka.normalise import normalise

__all__ = ["TokenIds"]


@dataclass(frozen=True, slots=True)
class TokenIds:
    """Normalises and tokenises texts.

    Attributes:
        tokenizer: of transformers.
        max_tokens: what lies behind so many tokens is cut off.
    """

    tokenizer: Any
    max_tokens: int

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, special tokens included."""
        if not texts:
            return []
        normalised = [normalise(text) for text in texts]
        ids: list[list[int]] = self.tokenizer(normalised, truncation=True, max_length=self.max_tokens)["input_ids"]
        return ids
