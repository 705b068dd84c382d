"""Options of a comparison of samples, shared by ``differences`` and ``abundance``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from core.analysis.design import MIN_CELLS, MIN_COUNTS, DesignParams
from core.analysis.sides import Sides, reason_of_default
from core.cli.options import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.atlas.store import Atlas
    from core.selection.model import Selection

SIDES = (
    click.option("--by", default="", metavar="COLUMN", help="Column that is compared. Default: the groups."),
    click.option(
        "--a",
        multiple=True,
        metavar="LEVEL",
        help="Level of the side A; repeat for several. Without --by also a selection as in a URL: where=Group=MASH. "
        "Default: the last stage of disease; without a known order the level with the most samples.",
    ),
    click.option(
        "--b",
        multiple=True,
        metavar="LEVEL",
        help="Likewise of the side B. Default: the first stage; without a known order a control by its name.",
    ),
    click.option("--sample", default="", metavar="COLUMN", help="Default: the samples of the atlas."),
    click.option(
        "--covariate",
        multiple=True,
        metavar="COLUMN",
        help="Adjust for a column with one value a sample; repeat for several.",
    ),
    click.option("--paired", default="", metavar="COLUMN", help="Pair by donors that are on both sides."),
    click.option(
        "--min-cells",
        type=click.IntRange(1),
        default=MIN_CELLS,
        show_default=True,
        help="Drop samples with fewer cells.",
    ),
)
MIN_COUNTS_OPTION = click.option(
    "--min-counts",
    type=click.IntRange(0),
    default=MIN_COUNTS,
    show_default=True,
    help="Drop samples with fewer counts.",
)


def design(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of sides, samples and cells to a command, and pass a function of the atlas as ``design_of``."""

    @functools.wraps(command)
    def designing(
        *args: object,
        by: str,
        a: tuple[str, ...],
        b: tuple[str, ...],
        sample: str,
        covariate: tuple[str, ...],
        paired: str,
        min_cells: int,
        selection: Selection,
        **options: object,
    ) -> None:
        def design_of(atlas: Atlas, min_counts: int = MIN_COUNTS) -> DesignParams:
            sides = Sides.of(atlas, by, a, b)
            if sides.by and not (a or b) and (why := reason_of_default(atlas, sides.by)):
                click.echo(f"masldatlas: {sides.words}. {why}", err=True)
            return DesignParams.of(
                atlas,
                sides,
                sample=sample,
                covariates=covariate,
                paired=paired,
                selection=selection,
                min_cells=min_cells,
                min_counts=min_counts,
            )

        command(*args, design_of=design_of, **options)

    return functools.reduce(lambda decorated, option: option(decorated), reversed(SIDES), cells(designing))
