"""``masldatlas correlate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pyarrow as pa

from core.analysis.correlation import METHODS, CorrelationParams, correlates
from core.atlas.catalog import Catalog
from core.cli.context import Context
from core.cli.options import FORMAT, cells
from core.cli.output import write_table
from core.compute.executor import open_workers
from core.errors import InvalidQuery
from core.selection.masks import mask_of
from core.services.provenance import of_correlation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.atlas.store import Atlas
    from core.compute.executor import Workers
    from core.selection.model import Selection


@click.command()
@click.argument("dataset")
@click.argument("gene")
@click.option("--method", type=click.Choice(METHODS), default="spearman", show_default=True)
@cells
@click.option("--drop-zeros", is_flag=True, help="For each pair of genes, only the cells where both are nonzero.")
@click.option("--layer", default="", help="Default: expression.")
@click.option("--top", type=click.IntRange(1), help="Only the first rows. Default: all genes.")
@click.option("--by", metavar="COLUMN", help="Within each level of a column; adds the column `stratum`.")
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
    atlas = Catalog(context.settings.data_dir).get(dataset)
    params = CorrelationParams.of(atlas, gene, method, layer, drop_zeros=drop_zeros, selection=selection)
    pool = open_workers(context.settings)
    try:
        table = _stratified(atlas, params, by, pool, top) if by else _first(correlates(atlas, params, pool), top)
    finally:
        pool.close()
    write_table(table, form, of_correlation(atlas, params), "correlations")


def _stratified(atlas: Atlas, params: CorrelationParams, by: str, pool: Workers, top: int | None) -> pa.Table:
    left_out: list[str] = []
    tables = list(_levels(atlas, params, by, pool, top, left_out))
    if not tables:
        raise InvalidQuery(f"No level of {by} holds enough of the selected cells.", "Select more cells.")
    for note in left_out:
        click.echo(note, err=True)
    return pa.concat_tables(tables)


def _levels(
    atlas: Atlas, params: CorrelationParams, by: str, pool: Workers, top: int | None, left_out: list[str]
) -> Iterator[pa.Table]:
    for category in atlas.categorical(by).categories:
        within = params.within(by, category)
        if within is None or not mask_of(atlas, within.selection).any():
            continue
        try:
            table = _first(correlates(atlas, within, pool), top)
        except InvalidQuery as error:
            left_out.append(f"masldatlas: {by}={category} is left out: {error}")
            continue
        yield table.add_column(0, "stratum", pa.array([category] * table.num_rows))


def _first(table: pa.Table, top: int | None) -> pa.Table:
    # Arrow takes no number beyond 64 bits, and the command line does.
    return table if top is None else table.slice(0, min(top, table.num_rows))
