"""`svodka data`: commands about labelled data, each in a module of its own."""

from __future__ import annotations

import argparse

from svodka.training import data_audit, data_card_cli, data_check, data_export, data_import

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `data` with its own commands."""
    data = subparsers.add_parser("data", help="look after labelled data")
    commands = data.add_subparsers(dest="data_command", metavar="COMMAND", required=True)
    for module in (data_import, data_export, data_check, data_audit, data_card_cli):
        module.add_parser(commands)


def run(args: argparse.Namespace) -> int:
    """Run the command that was asked for and return its exit code."""
    code: int = args.run(args)
    return code
