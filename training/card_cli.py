"""`svodka card`: write the measured figures into the model card of a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svodka.errors import DataError
from svodka.files import atomic_write
from svodka.model_folder import CARD_FILE, read_model_info, verify_files, write_manifest
from svodka.training.card import model_card
from svodka.training.card_measured import flatters, read_report, same_data, same_model, warnings
from svodka.training.reports_together import check_peers, put_together

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "card",
        help="write measured figures into a model's card",
        description="Write README.md of a model folder anew, with the figures of the reports given. The model's "
        "digest, by which reports know it, does not depend on its card.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="model folder")
    parser.add_argument(
        "reports",
        nargs="+",
        type=Path,
        metavar="REPORT",
        help="folders or report.json of `svodka evaluate --out`; a later one on the same files, in the same "
        "precision and on the same device, adds its peers to the first",
    )
    parser.add_argument(
        "--beside",
        nargs="+",
        type=Path,
        default=[],
        metavar="REPORT",
        help="reports about other models, for comparison; each must be on the files of one of the others",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the card and the manifest; return 0.

    Raises:
        ModelFilesError: the model folder is damaged.
        DataError: a report is wrong, or about another model, or made with other thresholds; peers of reports with
            equal terms do not go together; or one given with --beside is on other files, or about this very model in
            the same precision.
    """
    verify_files(args.model)
    info = read_model_info(args.model)
    reports = [read_report(path, info.digest) for path in args.reports]
    for path, report in zip(args.reports, reports, strict=True):
        check_peers(path, report)
    beside = [read_report(path, None) for path in args.beside]
    for path, report in zip(args.beside, beside, strict=True):
        on_its_files = [one for one in reports if same_data(report, one)]
        if not on_its_files:
            raise DataError(f"{path}: is on other files than the reports about {args.model}; they must be the same")
        if any(same_model(report, one) for one in on_its_files):
            raise DataError(f"{path}: is about {args.model} itself, in the same precision; expected another model")
    for path, report in zip(args.reports, reports, strict=True):
        left_out = " The card says so, and its model-index leaves these figures out." if flatters(report) else ""
        _warn(path, report, left_out)
    for path, report in zip(args.beside, beside, strict=True):
        _warn(path, report, " The card says so.")
    with atomic_write(args.model / CARD_FILE) as out:
        out.write(model_card(info.details, put_together(reports), beside))
    write_manifest(args.model)
    sys.stderr.write(f"svodka: wrote {args.model / CARD_FILE}\n")
    return 0


def _warn(path: Path, report: Mapping[str, Any], then: str) -> None:
    """Say why the figures of a report may flatter its model, and what the card makes of it."""
    for text in warnings(report):
        sys.stderr.write(f"svodka: WARNING: {path}: {text}{then}\n")
