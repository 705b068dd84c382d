"""Options that several commands share."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from core.selection.model import Selection

if TYPE_CHECKING:
    from collections.abc import Callable


CELLS = (
    click.option(
        "--where", multiple=True, metavar="COLUMN=VALUE", help="Only these cells; several of one column mean OR."
    ),
    click.option(
        "--range", "ranges", multiple=True, metavar="COLUMN:MIN:MAX", help="Only cells whose number lies within."
    ),
    click.option(
        "--expr",
        multiple=True,
        metavar="GENE:ABOVE:MAX",
        help="Only cells with expression above and at most; GENE:0: expresses.",
    ),
    click.option("--lasso", multiple=True, metavar="MAP:X_Y~X_Y~…", help="Only cells inside a polygon on a map."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="SELECTION",
        help="Without these cells, as a URL writes them: where=CellType=B.",
    ),
)


def cells(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name cells, and hand them over as one argument ``selection``."""

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

    return functools.reduce(lambda made, option: option(made), reversed(CELLS), selecting)


FORMAT = click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
