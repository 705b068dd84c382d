"""``masldatlas correlate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pyarrow as pa

from core.analysis.correlation import METHODS, CorrelationParams
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import write_table
from core.errors import InvalidQuery
from core.selection.masks import mask_of
from core.services.memoized import answer
from core.services.provenance import of_correlation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.atlas.store import Atlas
    from core.selection.model import Selection
    from core.services.container import Services


@click.command()
@click.argument("dataset")
@click.argument("gene")
@click.option("--method", type=click.Choice(METHODS), default="spearman", show_default=True, help="Coefficient.")
@cells
@click.option("--drop-zeros", is_flag=True, help="For each pair of genes, only the cells where both are nonzero.")
@click.option("--layer", default="", help="Layer of the atlas. Default: expression.")
@click.option("--top", type=click.IntRange(1), help="Only the first rows. Default: all genes.")
@click.option("--by", metavar="COLUMN", help="Separately in each category of a column; adds the column `stratum`.")
@FORMAT
@click.pass_obj
def correlate(
    context: Context,
    dataset: str,
    gene: str,
    method: str,
    selection: Selection,
    drop_zeros: bool,  # noqa: FBT001
    layer: str,
    top: int | None,
    by: str | None,
    form: str,
) -> None:
    """Correlate GENE with every other gene of DATASET, sorted by |r|."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        params = CorrelationParams.of(atlas, gene, method, layer, drop_zeros=drop_zeros, selection=selection)
        if by:
            table = _stratified(services, atlas, params, by, top)
            provenance = of_correlation(atlas, params, table)
        else:
            found = answer(services, atlas, params)
            table, provenance = _first(found.value, top), found.provenance
    write_table(table, form, provenance, "correlations", atlas.genes)


def _stratified(services: Services, atlas: Atlas, params: CorrelationParams, by: str, top: int | None) -> pa.Table:
    notes: list[str] = []
    tables = list(_categories(services, atlas, params, by, top, notes))
    if not tables:
        raise InvalidQuery(f"No category of {by} contains enough of the selected cells.", "Select more cells.")
    for note in notes:
        click.echo(note, err=True)
    return pa.concat_tables(tables)


def _categories(
    services: Services, atlas: Atlas, params: CorrelationParams, by: str, top: int | None, notes: list[str]
) -> Iterator[pa.Table]:
    for category in atlas.categorical(by).categories:
        within = params.within(by, category)
        if within is None or not mask_of(atlas, within.selection).any():
            continue
        try:
            table = _first(answer(services, atlas, within).value, top)
        except InvalidQuery as error:
            notes.append(f"masldatlas: {by}={category} is omitted: {error}")
            continue
        yield table.add_column(0, "stratum", pa.array([category] * table.num_rows))


def _first(table: pa.Table, top: int | None) -> pa.Table:
    # Arrow accepts no integer beyond 64 bits, unlike the command line.
    return table if top is None else table.slice(0, min(top, table.num_rows))
