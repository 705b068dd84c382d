"""``masldatlas markers`` and ``masldatlas compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.markers import rows_of
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import write_table
from core.selection.model import Selection
from core.services.memoized import answer

if TYPE_CHECKING:
    from core.analysis.contrasts import ContrastParams
    from core.atlas.store import Atlas
    from core.services.container import Services

LAYER = click.option("--layer", default="", help="Layer of the atlas. Default: expression.")
TOP = click.option("--top", type=click.IntRange(1), help="Only the first rows of each category. Default: all genes.")


@click.command()
@click.argument("dataset")
@click.option(
    "--by", default="", metavar="COLUMN", help="Column whose categories are compared. Default: the cell types."
)
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
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        _print(services, atlas, MarkersParams.of(atlas, by, layer, selection), category, top, form)


@click.command()
@click.argument("dataset")
@click.argument("a")
@click.argument("b")
@TOP
@LAYER
@FORMAT
@click.pass_obj
def compare(context: Context, dataset: str, a: str, b: str, top: int | None, layer: str, form: str) -> None:
    """Compare the cells A of DATASET with the cells B, each a selection as in a URL: where=CellType=Hepatocyte."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        params = ComparisonParams.of(atlas, Selection.from_text(a), Selection.from_text(b), layer)
        _print(services, atlas, params, "", top, form)


def _print(services: Services, atlas: Atlas, params: ContrastParams, category: str, top: int | None, form: str) -> None:
    groups = params.groups(atlas)
    found = answer(services, atlas, params)
    write_table(rows_of(found.value, groups, category, top), form, found.provenance, "markers", atlas.genes)
