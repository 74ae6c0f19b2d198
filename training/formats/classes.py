"""Class numbers of the library `datasets`, and the names behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["class_names", "named_classes"]


def class_names(features: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the names of the classes for each column that holds class numbers, alone or in lists.

    `features` is what `Features.to_dict()` gives: `{"_type": "ClassLabel", "names": […]}`, bare, in a list, or under
    `feature` of a list type.
    """
    found = ((column, _names(feature)) for column, feature in features.items())
    return {column: names for column, names in found if names is not None}


def _names(feature: object) -> list[str] | None:
    """Return the names of the classes of one feature; None if it has none."""
    if isinstance(feature, list | tuple) and len(feature) == 1:
        return _names(feature[0])
    if not isinstance(feature, Mapping):
        return None
    if feature.get("_type") == "ClassLabel" and isinstance(feature.get("names"), list):
        return [str(name) for name in feature["names"]]
    return _names(feature.get("feature"))


def named_classes(row: Mapping[str, object], names: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return a row with the names of its classes in place of their numbers; -1, which means "none given", is None."""
    return {column: _named(value, names[column]) if column in names else value for column, value in row.items()}


def _named(value: object, names: Sequence[str]) -> object:
    """Return the name of a class number, or the names of a list of them; what is no such number stays."""
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return names[value] if 0 <= value < len(names) else None if value == -1 else value
