"""``masldatlas score``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.gene_set_scores import METHODS, ScoreParams, expanded, table
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import warn_unknown, write_table
from core.genes.lists import require
from core.services.memoized import answer

if TYPE_CHECKING:
    from core.selection.model import Selection


@click.command()
@click.argument("dataset")
@click.option("--genes", required=True, metavar="A,B,C", help="List of genes, or gmt:FILE/NAME for a mounted gene set.")
@click.option("--method", type=click.Choice(METHODS), default="ulm", show_default=True, help="Scoring method.")
@click.option("--layer", default="", help="Layer of the atlas. Default: expression.")
@cells
@FORMAT
@click.pass_obj
def score(context: Context, dataset: str, genes: str, method: str, layer: str, selection: Selection, form: str) -> None:
    """Score a gene set in each cell of DATASET."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        listed = require(atlas.genes, expanded(services.gene_sets, genes))
        params = ScoreParams.of(atlas, listed.genes, method, layer)
        warn_unknown(listed)
        found = answer(services, atlas, params, listed=listed, cells=selection)
    scores = found.value["score"].to_numpy()
    write_table(table(atlas, scores, selection), form, found.provenance, "scores")
