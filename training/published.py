"""Figures to publish: what some reports of one model on the same sentences say, without the sentences.

    python -m svodka.training.published report report-setfit --other open-report="the open recipe" --out real.json

Peers take hours each, so they may stand in several reports; here they come together, if they learned from the same
files. `svodka.training.readme_figures` makes a table of it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from svodka.cli.main import guarded
from svodka.errors import ConfigError, DataError
from svodka.evaluation.cells import UNDEFINED, points, without_folders
from svodka.files import atomic_write
from svodka.training.card_measured import read_report, same_data

__all__ = ["KIND", "main", "published", "rows"]

KIND = "evaluation"
Report = Mapping[str, Any]
PEER = ("kind", "title", "family", "n_train", "train_seconds", "settings", "result", "difference")


def published(reports: Sequence[Report], others: Mapping[str, Report], title: str) -> dict[str, Any]:
    """Return what reports of one model say together.

    Args:
        reports: of one model, one at least; figures come from the first, peers from all.
        others: reports of other models by what each is.
        title: of the model.

    Raises:
        DataError: the reports are about several models, or on different files; their peers learned from different
            files, or one stands in two of them.
    """
    first = reports[0]
    for report in (*reports[1:], *others.values()):
        if not same_data(report, first):
            raise DataError(f"{_told(report)} is on other files than {_told(first)}")
    peers: dict[str, Any] = {}
    trained: list[Any] = []
    for report in reports:
        if report["model"]["digest"] != first["model"]["digest"]:
            raise DataError(f"{_told(report)} is about another model than {_told(first)}; give it with --other")
        for peer in report.get("peers") or ():
            if peer["kind"] in peers:
                raise DataError(f"the peer {peer['kind']!r} stands in two reports")
            peers[peer["kind"]] = {key: peer[key] for key in PEER} | {"date": report["date"]}
            trained.append(sorted(one["sha256"] for one in report["train"]["files"]))
    if any(one != trained[0] for one in trained):
        raise DataError("peers of these reports learned from different files; a table of them would compare nothing")
    train = next((without_folders(report["train"]["files"]) for report in reports if report.get("peers")), [])
    return {
        "kind": KIND,
        "title": title,
        "data": without_folders(first["data"]["files"]),
        "train": train,
        **_figures(first),
        "peers": list(peers.values()),
        "others": [{"title": name} | _figures(report) for name, report in others.items()],
        **{key: first[key] for key in ("versions", "hardware", "git_commit")},
    }


def _figures(report: Report) -> dict[str, Any]:
    """Return whose figures they are, and the figures."""
    return {"digest": report["model"]["digest"], "date": report["date"], "result": report["result"]}


def _told(report: Report) -> str:
    return f"the report of {report['date']}"


def rows(content: Mapping[str, Any]) -> list[list[str]]:
    """Return a header and a row for the model, each peer and each other model: figures, intervals, and how far behind.

    Args:
        content: what `published` returned.
    """
    table = [["", "macro-F1", "micro-F1", "mean AP", "behind, points of macro-F1"]]
    table.append([f"**{content['title']}**", *_scores(content["result"]), ""])
    best_first = sorted(content["peers"], key=lambda peer: -peer["result"]["macro_f1"]["value"])
    table += [
        [peer["title"], *_scores(peer["result"]), points(peer["difference"], signed=False, p_value=True)]
        for peer in best_first
    ]
    return table + [[other["title"], *_scores(other["result"]), ""] for other in content["others"]]


def _scores(result: Mapping[str, Any]) -> list[str]:
    cells = []
    for key in ("macro_f1", "micro_f1", "mean_average_precision"):
        one = result[key]
        between = "" if one["low"] is None else f" [{one['low']:.3f}, {one['high']:.3f}]"
        cells.append(UNDEFINED if one["value"] is None else f"{one['value']:.3f}{between}")
    return cells


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file; return 0.

    Raises:
        ConfigError: another model has no title.
    """
    parser = argparse.ArgumentParser(prog="svodka.training.published", description=__doc__.split("\n", 1)[0])
    parser.add_argument("reports", nargs="+", type=Path, help="folders or report.json of `svodka evaluate --out`")
    parser.add_argument("--title", default="shipped", help="what the model is called (default: shipped)")
    parser.add_argument("--other", action="append", default=[], metavar="REPORT=TITLE", help="of another model")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    args = parser.parse_args(argv)
    others = {}
    for given in args.other:
        path, found, title = given.partition("=")
        if not found:
            raise ConfigError(f"--other {given}: expected REPORT=TITLE")
        others[title] = read_report(Path(path), None)
    content = published([read_report(path, None) for path in args.reports], others, args.title)
    with atomic_write(args.out) as out:
        json.dump(content, out, ensure_ascii=False, indent=1)
        out.write("\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
