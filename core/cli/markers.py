"""``masldatlas markers`` and ``masldatlas compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.markers import markers as markers_of
from core.analysis.markers import rows_of
from core.atlas.catalog import Catalog
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import write_table
from core.compute.executor import open_workers
from core.selection.model import Selection
from core.services.provenance import of_contrast

if TYPE_CHECKING:
    from core.analysis.contrasts import ContrastParams
    from core.atlas.store import Atlas

LAYER = click.option("--layer", default="", help="Default: expression.")
TOP = click.option("--top", type=click.IntRange(1), help="Only the first rows of each category. Default: all genes.")


@click.command()
@click.argument("dataset")
@click.option("--by", default="", metavar="COLUMN", help="Whose categories are compared. Default: the cell types.")
@click.option("--category", default="", metavar="NAME", help="Only the rows of one category.")
@TOP
@LAYER
@cells
@FORMAT
@click.pass_obj
def markers(
    context: Context,
    dataset: str,
    by: str,
    category: str,
    top: int | None,
    layer: str,
    selection: Selection,
    form: str,
) -> None:
    """Compare each category of DATASET with all other cells, gene by gene (Wilcoxon rank-sum)."""
    atlas = Catalog(context.settings.data_dir).get(dataset)
    _print(context, atlas, MarkersParams.of(atlas, by, layer, selection), category, top, form)


@click.command()
@click.argument("dataset")
@click.argument("a")
@click.argument("b")
@TOP
@LAYER
@FORMAT
@click.pass_obj
def compare(context: Context, dataset: str, a: str, b: str, top: int | None, layer: str, form: str) -> None:
    """Compare the cells A of DATASET with the cells B, each written as in a URL: where=CellType=Hepatocyte."""
    atlas = Catalog(context.settings.data_dir).get(dataset)
    params = ComparisonParams.of(atlas, Selection.from_text(a), Selection.from_text(b), layer)
    _print(context, atlas, params, "", top, form)


def _print(context: Context, atlas: Atlas, params: ContrastParams, category: str, top: int | None, form: str) -> None:
    groups = params.groups(atlas)
    pool = open_workers(context.settings)
    try:
        table = rows_of(markers_of(atlas, params, pool), groups, category, top)
    finally:
        pool.close()
    write_table(table, form, of_contrast(atlas, params, groups), "markers")
