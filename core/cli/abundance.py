"""``masldatlas abundance``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.abundance import AbundanceParams
from core.analysis.abundance import design as design_of_abundance
from core.cli.context import Context
from core.cli.design import design
from core.cli.options import FORMAT
from core.cli.output import write_table
from core.services.memoized import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.analysis.design import DesignParams


@click.command()
@click.argument("dataset")
@design
@click.option("--types", default="", metavar="COLUMN", help="Column of the cell types. Default: that of the atlas.")
@click.option("--reference", default="", metavar="NAME", help="Cell type to which the others are related as well.")
@FORMAT
@click.pass_obj
def abundance(
    context: Context, dataset: str, design_of: Callable[..., DesignParams], types: str, reference: str, form: str
) -> None:
    """Compare the share of each cell type between the samples of two sides of DATASET (propeller)."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        params = AbundanceParams.of(atlas, design_of(atlas), types, reference)
        found = answer(services, atlas, params)
        for note in design_of_abundance(atlas, params).notes:
            click.echo(f"masldatlas: {note}", err=True)
    write_table(found.value, form, found.provenance, "abundance")
