"""``masldatlas score``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.gene_set_scores import METHODS, ScoreParams, cell_moments, expanded, table
from core.analysis.gene_set_scores import score as score_of
from core.atlas.catalog import Catalog
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import tell_unknown, write_table
from core.compute.executor import open_workers
from core.genes.gene_set_library import GeneSets
from core.genes.lists import require
from core.services.provenance import of_scores

if TYPE_CHECKING:
    from core.selection.model import Selection


@click.command()
@click.argument("dataset")
@click.option("--genes", required=True, metavar="A,B,C", help="A list of genes, or gmt:FILE/NAME for a mounted set.")
@click.option("--method", type=click.Choice(METHODS), default="ulm", show_default=True)
@click.option("--layer", default="", help="Default: expression.")
@cells
@FORMAT
@click.pass_obj
def score(context: Context, dataset: str, genes: str, method: str, layer: str, selection: Selection, form: str) -> None:
    """Print how much each cell of DATASET expresses a set of genes."""
    settings = context.settings
    atlas = Catalog(settings.data_dir).get(dataset)
    listed = require(atlas.genes, expanded(GeneSets(settings.gene_sets), genes))
    params = ScoreParams.of(atlas, listed.genes, method, layer)
    tell_unknown(listed)
    pool = open_workers(settings)
    try:
        scores = score_of(atlas, params, cell_moments(atlas, params.layer, pool) if params.method == "ulm" else None)
    finally:
        pool.close()
    write_table(table(atlas, scores, selection), form, of_scores(atlas, params, listed, selection), "scores")
