"""Options shared by several commands."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from core.selection.model import Selection

if TYPE_CHECKING:
    from collections.abc import Callable


CELLS = (
    click.option(
        "--where",
        multiple=True,
        metavar="COLUMN=VALUE",
        help="Only these cells; several values of one column are combined by OR.",
    ),
    click.option(
        "--range", "ranges", multiple=True, metavar="COLUMN:MIN:MAX", help="Only cells with a number in this range."
    ),
    click.option(
        "--expr",
        multiple=True,
        metavar="GENE:ABOVE:MAX",
        help="Only cells with expression above ABOVE and at most MAX; GENE:0: for expressing cells.",
    ),
    click.option("--lasso", multiple=True, metavar="MAP:X_Y~X_Y~…", help="Only cells inside a polygon on a map."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="SELECTION",
        help="Exclude these cells, as in a URL: where=CellType=B.",
    ),
)


def cells(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that select cells to a command, and pass them as one argument ``selection``."""

    @functools.wraps(command)
    def selecting(
        *args: object,
        where: tuple[str, ...],
        ranges: tuple[str, ...],
        expr: tuple[str, ...],
        lasso: tuple[str, ...],
        exclude: tuple[str, ...],
        **options: object,
    ) -> None:
        command(*args, selection=Selection.parse(where, ranges, expr, lasso, exclude), **options)

    return functools.reduce(lambda decorated, option: option(decorated), reversed(CELLS), selecting)


FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="Format of the output.",
)
