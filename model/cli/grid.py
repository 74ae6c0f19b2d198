"""A table for people: in a frame on a terminal, only spaces in a file or a pipe."""

from __future__ import annotations

from collections.abc import Container, Sequence

__all__ = ["grid"]

PLAIN_WIDTH = 4000  # of a file or a pipe: more than the widest table, so that nothing is cut or folded


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], *, texts: Container[str] = ()) -> str:
    """Return a table without a line end behind it, its first column to the left and all others to the right.

    Args:
        header: names of the columns.
        rows: cells, one for each column.
        texts: names of the columns that hold words: they go to the left, and are folded on a narrow terminal.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, header_style="bold", pad_edge=False)
    for place, name in enumerate(header):
        words = name in texts
        table.add_column(name, justify="left" if words or not place else "right", no_wrap=not words, overflow="fold")
    for row in rows:
        table.add_row(*row)
    # Rich would end the program by itself when the pipe is closed; svodka's command line has its own answer to that.
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().strip("\n").split("\n"))
