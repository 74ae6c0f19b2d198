"""Writes measured figures into a text, so that nobody types them: `python -m svodka.training.readme_figures README.md`.

Between `<!-- figures: NAME.json -->` and `<!-- end of figures -->` stands what is made of that file in
`training/data/curves`, which `svodka.training.active_learning` or `svodka.training.few_labels` wrote, or in
`evaluation/measured`, by `svodka.training.published`. Several names of the first kind make one table.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from svodka.cli.main import guarded
from svodka.errors import DataError
from svodka.files import atomic_write
from svodka.training import active_learning, few_labels, published
from svodka.training.recipe import checkout_data_folder

__all__ = ["filled", "main"]

BLOCK = re.compile(r"(<!-- figures: (?P<names>[\w. -]+?) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
Contents = Sequence[Mapping[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Rewrite the figures of the files named; return 0.

    Raises:
        DataError: a file of figures is missing or of another kind.
    """
    parser = argparse.ArgumentParser(prog="svodka.training.readme_figures", description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path, metavar="FILE", help="Markdown with markers")
    parser.add_argument(
        "--figures",
        type=Path,
        metavar="DIR",
        nargs="+",
        default=[
            checkout_data_folder() / "curves",
            Path(str(resources.files("svodka.evaluation") / "measured")),
        ],
        help="where the JSON files are (default: training/data/curves and evaluation/measured)",
    )
    args = parser.parse_args(argv)
    for path in args.texts:
        text = filled(path.read_text(encoding="utf-8"), args.figures)
        with atomic_write(path) as out:
            out.write(text)
        sys.stderr.write(f"svodka: wrote {path}\n")
    return 0


def filled(text: str, folders: Sequence[Path]) -> str:
    """Return the text with the figures of some folders' files between its markers; the first that has a file counts.

    Raises:
        DataError: a file is missing or of another kind.
    """
    return BLOCK.sub(lambda found: f"{found[1]}{_table(found['names'].split(), folders)}\n{found[3]}", text)


def _table(names: Sequence[str], folders: Sequence[Path]) -> str:
    paths = {name: [folder / name for folder in folders] for name in names}
    contents = [_read(next((path for path in some if path.is_file()), some[0])) for some in paths.values()]
    kinds = {content.get("kind") for content in contents}
    kind = kinds.pop() if len(kinds) == 1 else None
    if not isinstance(kind, str) or kind not in TABLES:
        raise DataError(f"{', '.join(names)}: expected files of one kind, of {', '.join(TABLES)}")
    return TABLES[kind](contents)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DataError(f"{path}: not valid JSON: {error}") from error
    return content


def _saved(contents: Contents) -> str:
    """Return a row for each simulation: its last round at random, and what the same figure takes with suggest."""
    header = ["pool", "sentences", "labels at random", *("mean AP", "labels by suggest", "saved")]
    header += ["macro F1", "labels by suggest", "saved"]
    rows = []
    for content in contents:
        cells = [content["title"], f"{content['pool']['rows']:,}"]
        for place, figure in enumerate(active_learning.FIGURES):
            last = active_learning.saved_labels(content, figure)[-1]
            cells += [] if place else [f"{last['random']:,.0f}"]
            cells += [f"{last['figure']:.3f}", *active_learning.needed_labels(last)]
        rows.append(cells)
    return _markdown(header, rows)


def _few(contents: Contents) -> str:
    """Return a table for each file: a row for each number of positives, and what comes without any label."""
    tables = []
    for content in contents:
        figures = {name: few_labels.mean_figures(content, key) for key, name in FEW.items()}
        systems = list(figures["AP"])
        header = ["positives", *(f"{system}: {name}" for name in FEW.values() for system in systems)]
        precision, share = few_labels.zero_shot_figures(content)
        empty = [""] * (len(header) - 2)
        rows = [
            ["none, in random order", f"{share:.3f}", *empty],
            ["none, by the definition", f"{precision:.3f}", *empty],
        ]
        for k in figures["AP"][systems[0]]:
            rows.append([str(k), *(f"{figures[name][one][k]:.3f}" for name in FEW.values() for one in systems)])
        topics = ", ".join(content["zero_shot"])
        seeds = len({point["seed"] for point in content["points"]})
        draws = f"{seeds} draw{'s' if seeds > 1 else ''} each"
        steps = f"; setfit: {content['setfit_steps']} steps" if content.get("setfit_steps") else ""
        about = f"{content['title']} (means over {topics}; {draws}; vectors: {content['encoder']}{steps}):"
        tables.append(f"{about}\n\n{_markdown(header, rows)}")
    return "\n\n".join(tables)


def _measured(contents: Contents) -> str:
    """Return a table for each file: the model, the peers and other models."""
    tables = [published.rows(content) for content in contents]
    return "\n\n".join(_markdown(header, lines) for header, *lines in tables)


FEW = {"average_precision": "AP", "f1": "F1"}
TABLES: Mapping[str, Callable[[Contents], str]] = {
    active_learning.KIND: _saved,
    few_labels.KIND: _few,
    published.KIND: _measured,
}


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *rows])


if __name__ == "__main__":
    raise SystemExit(guarded(main))
