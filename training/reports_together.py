"""Reports of one model on the same sentences, put together: slow peers are measured in runs of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from svodka.errors import DataError
from svodka.training.card_measured import Shape, refuse_lacking, same_data

__all__ = ["FIGURES", "Report", "check_peers", "computed", "estimates", "peers_together", "put_together"]

Report = Mapping[str, Any]
FIGURES = ("macro_f1", "micro_f1", "mean_average_precision")
NUMBER = float | int | None


def estimates(where: str, figures: Sequence[str] = FIGURES) -> Shape:
    """Return what figures with their intervals must be, if they stand under these keys."""
    return {f"{where}.{figure}.{end}": NUMBER for figure in figures for end in ("value", "low", "high")}


PEER: Shape = {
    "kind": str,
    "title": str,
    "family": str,
    "n_train": int,
    "train_seconds": NUMBER,
    "settings": dict,
    "result": dict,
    "difference": dict,
}
WITH_PEERS: Shape = {
    "train.files.*.name": str,
    "train.files.*.sha256": str,
    **{f"peers.*.{key}": kind for key, kind in PEER.items()},
    **estimates("peers.*.result"),
    **{f"peers.*.difference.{key}": NUMBER for key in ("value", "low", "high", "p_value")},
}


def check_peers(path: Path, report: Report) -> None:
    """Make sure that a report tells of its peers, if it has any, all that a table of them needs.

    Raises:
        DataError: something is missing, or is no number.
    """
    if report.get("peers"):
        refuse_lacking(path, report, WITH_PEERS)


def computed(report: Report) -> tuple[str | None, str]:
    """Return in which precision a report's model answered, None if it does not tell, and on which device.

    Older reports tell no device; they are of the processor, as nearly all are.
    """
    return report["model"].get("precision"), report["model"].get("device", "cpu")


def peers_together(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Return the peers of all reports, each with the day on which it was measured.

    Raises:
        DataError: they learned from different files, or one stands in two reports.
    """
    peers: dict[str, Any] = {}
    trained: list[Any] = []
    for report in reports:
        for peer in report.get("peers") or ():
            if peer["kind"] in peers:
                raise DataError(f"the peer {peer['kind']!r} stands in two reports")
            peers[peer["kind"]] = {key: peer[key] for key in PEER} | {"date": report["date"]}
            trained.append(sorted(one["sha256"] for one in report["train"]["files"]))
    if any(one != trained[0] for one in trained):
        raise DataError("peers of these reports learned from different files; a table of them would compare nothing")
    return list(peers.values())


def put_together(reports: Sequence[Report]) -> list[Report]:
    """Return reports of one model, where the first one of those with equal terms has the peers of the others.

    The terms are the files, the precision and the device, as a peer's lag is behind the answers of its own report. A
    later report without peers, which would bring the first nothing, stays one of its own.

    Args:
        reports: as `check_peers` allows them.

    Raises:
        DataError: their peers do not go together.
    """
    groups: list[list[Report]] = []
    for report in reports:
        group = next((one for one in groups if _same_terms(one[0], report)), None) if report.get("peers") else None
        if group is None:
            groups.append([report])
        else:
            group.append(report)
    return [{**group[0], "peers": peers_together(group)} for group in groups]


def _same_terms(one: Report, other: Report) -> bool:
    return same_data(one, other) and computed(one) == computed(other)
