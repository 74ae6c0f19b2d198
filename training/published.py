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
from svodka.training.card_measured import Shape, flatters, read_report, refuse_lacking, same_data, warnings
from svodka.training.reports_together import FIGURES, Report, check_peers, computed, estimates, peers_together

__all__ = ["KIND", "main", "published", "read", "rows"]

KIND = "evaluation"
# What is read of a report here, besides what every card reads of it: always, and with sentences that were seen.
SHAPE: Shape = {"versions": dict, "hardware": dict, "git_commit": str | None, **estimates("result")}
WITH_SEEN: Shape = {"overlap.without.n": int, **estimates("overlap.without", FIGURES[:2])}


def read(path: Path) -> Report:
    """Read a report and make sure that its figures may be published.

    Raises:
        DataError: it cannot be read, lacks something, or measured what the model has seen, wholly or a whole file.
    """
    report = read_report(path, None)
    refuse_lacking(path, report, SHAPE)
    check_peers(path, report)
    if report["overlap"]["without"]:
        refuse_lacking(path, report, WITH_SEEN)
    if flatters(report):
        told = " ".join(warnings(report))
        raise DataError(f"{path}: {told} Such figures are not for publishing; measure on sentences new to the model")
    return report


def published(reports: Sequence[Report], others: Sequence[tuple[str, Report]], title: str) -> dict[str, Any]:
    """Return what reports of one model say together.

    Args:
        reports: of one model, one at least, as `read` returns them; figures come from the first, peers from all.
        others: reports of other models, each behind what the model is called.
        title: of the model.

    Raises:
        ConfigError: two rows of the table would have one title.
        DataError: the reports are about several models, on different files, in several precisions or on several
            devices; their peers learned from different files, or one stands in two of them.
    """
    first = reports[0]
    for report in (*reports[1:], *(report for _title, report in others)):
        if not same_data(report, first):
            raise DataError(f"{_told(report)} is on other files than {_told(first)}")
    for report in reports:
        if report["model"]["digest"] != first["model"]["digest"]:
            raise DataError(f"{_told(report)} is about another model than {_told(first)}; give it with --other")
        if computed(report) != computed(first):
            raise DataError(
                f"{_told(report)} is of answers in {_computed(report)}, {_told(first)} in {_computed(first)}; measure "
                "both with one --precision and on one --device"
            )
    peers = peers_together(reports)
    titles = [title, *(peer["title"] for peer in peers), *(name for name, _report in others)]
    if double := [name for name in titles if titles.count(name) > 1]:
        raise ConfigError(f"two rows would be called {double[0]!r}; give each model a title of its own")
    train = next((without_folders(report["train"]["files"]) for report in reports if report.get("peers")), [])
    return {
        "kind": KIND,
        "title": title,
        "data": without_folders(first["data"]["files"]),
        "train": train,
        **_figures(first),
        "peers": peers,
        "others": [{"title": name} | _figures(report) for name, report in others],
        **{key: first[key] for key in ("versions", "hardware", "git_commit")},
    }


def _figures(report: Report) -> dict[str, Any]:
    """Return whose figures they are, the figures, and what the model had seen of the sentences."""
    overlap = {key: report["overlap"][key] for key in ("exact", "near", "without")}
    return {
        "digest": report["model"]["digest"],
        "date": report["date"],
        "result": report["result"],
        "overlap": overlap,
    }


def _told(report: Report) -> str:
    return f"the report of {report['date']}"


def _computed(report: Report) -> str:
    precision, device = computed(report)
    return f"{precision or 'an untold precision'} on {device}"


def rows(content: Mapping[str, Any]) -> list[list[str]]:
    """Return a header and a row for the model, each peer and each other model: figures, intervals, and how far behind.

    Below a model that has seen some of the sentences stand its figures on the others.

    Args:
        content: what `published` returned.
    """
    table = [["", "macro-F1", "micro-F1", "mean AP", "behind, points of macro-F1"]]
    table += _model(f"**{content['title']}**", content)
    for peer in sorted(content["peers"], key=_worst_last):
        behind = points(peer["difference"], signed=False, p_value=True)
        table.append([peer["title"], *_scores(peer["result"]), behind])
    return table + [row for other in content["others"] for row in _model(other["title"], other)]


def _worst_last(peer: Mapping[str, Any]) -> float:
    """Return what to sort peers by; those without macro-F1 come last."""
    value = peer["result"]["macro_f1"]["value"]
    return 1.0 if value is None else -float(value)


def _model(title: str, figures: Mapping[str, Any]) -> list[list[str]]:
    """Return a model's row, and one without the sentences that it has seen, if there are such."""
    table = [[title, *_scores(figures["result"]), ""]]
    if rest := figures.get("overlap", {}).get("without"):  # files from before this was kept have no overlap
        table.append([f"the same, sentences new to it only (n = {rest['n']:,})", *_scores(rest), ""])
    return table


def _scores(result: Mapping[str, Any]) -> list[str]:
    cells = []
    for key in FIGURES:
        one = result.get(key)
        if one is None or one["value"] is None:
            cells.append(UNDEFINED)
        else:
            between = "" if None in (one["low"], one["high"]) else f" [{one['low']:.3f}, {one['high']:.3f}]"
            cells.append(f"{one['value']:.3f}{between}")
    return cells


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file; return 0.

    Raises:
        ConfigError: another model has no title, or that of a second one.
        DataError: a report cannot be published, or does not go with the others.
    """
    parser = argparse.ArgumentParser(prog="svodka.training.published", description=__doc__.split("\n", 1)[0])
    parser.add_argument("reports", nargs="+", type=Path, help="folders or report.json of `svodka evaluate --out`")
    parser.add_argument("--title", default="shipped", help="what the model is called (default: shipped)")
    parser.add_argument("--other", action="append", default=[], metavar="REPORT=TITLE", help="of another model")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    args = parser.parse_args(argv)
    others = []
    for given in args.other:
        path, found, title = given.partition("=")
        if not found:
            raise ConfigError(f"--other {given}: expected REPORT=TITLE")
        others.append((title, read(Path(path))))
    content = published([read(path) for path in args.reports], others, args.title)
    with atomic_write(args.out) as out:
        json.dump(content, out, ensure_ascii=False, indent=1)
        out.write("\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
