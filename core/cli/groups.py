"""``masldatlas dotplot`` and ``masldatlas composition``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.composition import CompositionParams
from core.analysis.dotplot import DotPlotParams
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import warn_unknown, write_table
from core.genes.lists import require
from core.services.memoized import answer

if TYPE_CHECKING:
    from core.selection.model import Selection


@click.command()
@click.argument("dataset")
@click.option("--genes", required=True, metavar="A,B,C", help="List of genes with any separators.")
@click.option("--by", default="", metavar="COLUMN", help="Default: the cell types.")
@click.option("--split", default="", metavar="COLUMN", help="Split each category by this column.")
@click.option("--layer", default="", help="Layer of the atlas. Default: expression.")
@cells
@FORMAT
@click.pass_obj
def dotplot(
    context: Context, dataset: str, genes: str, by: str, split: str, layer: str, selection: Selection, form: str
) -> None:
    """Print percentage of expressing cells and mean expression of genes of DATASET, by category."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        listed = require(atlas.genes, genes)
        params = DotPlotParams.of(atlas, listed.genes, by, split, layer, selection=selection)
        warn_unknown(listed)
        found = answer(services, atlas, params, listed=listed)
    write_table(found.value, form, found.provenance, "dotplot", atlas.genes)


@click.command()
@click.argument("dataset")
@click.option("--by", default="", metavar="COLUMN", help="Default: the cell types.")
@click.option("--sample", default="", metavar="COLUMN", help="Default: the samples of the atlas.")
@cells
@FORMAT
@click.pass_obj
def composition(context: Context, dataset: str, by: str, sample: str, selection: Selection, form: str) -> None:
    """Print the cell composition of the samples of DATASET: numbers of cells by category and sample."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        found = answer(services, atlas, CompositionParams.of(atlas, by, sample, selection))
    write_table(found.value.table, form, found.provenance, "composition")
