"""The schemas, in the order in which they are asked whether a table is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from svodka.training.formats import argilla, columns, doccano, label_studio, label_studio_flat
from svodka.training.formats.example import Drafts, Options, Table
from svodka.training.formats.names import TopicNames

__all__ = ["SCHEMAS", "Schema", "schema_of"]


@dataclass(frozen=True, slots=True)
class Schema:
    """What the columns of a table mean.

    Attributes:
        title: its name for people; empty if the columns speak for themselves.
        claims: tells whether a table is of this schema.
        drafts: makes drafts of its rows.
    """

    title: str
    claims: Callable[[Table], bool]
    drafts: Callable[[Table, TopicNames, Options], Drafts]


SCHEMAS = (
    Schema("Label Studio tasks", label_studio.claims, label_studio.drafts),
    Schema("Label Studio, a row for each annotation", label_studio_flat.claims, label_studio_flat.drafts),
    Schema("Argilla records", argilla.claims, argilla.drafts),
    Schema("doccano", doccano.claims, doccano.drafts),
    Schema("", columns.claims, columns.drafts),
)


def schema_of(table: Table) -> Schema:
    """Return the first schema that claims a table."""
    return next((schema for schema in SCHEMAS if schema.claims(table)), SCHEMAS[-1])
