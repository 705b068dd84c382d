"""``masldatlas differences``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.count_engines import DESEQ2, ENGINES
from core.analysis.differences import DifferencesParams, messages_of, without_means
from core.analysis.differences_by_type import opinion, report
from core.analysis.differences_overview import FDR, MIN_CHANGE, OverviewParams
from core.cli.context import Context
from core.cli.design import MIN_COUNTS_OPTION, design
from core.cli.options import FORMAT
from core.cli.output import Progress, write_table
from core.compute.watch import Watch, watching
from core.services.memoized import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from core.analysis.design import DesignParams
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.services.memoized import Answer


@click.command()
@click.argument("dataset")
@design
@MIN_COUNTS_OPTION
@click.option(
    "--cell-type", default="", metavar="NAME", help="One cell type. Default: each by itself, in a column cell_type."
)
@click.option("--types", default="", metavar="COLUMN", help="Column of the cell types. Default: that of the atlas.")
@click.option("--pooled", is_flag=True, help="All cells together, whatever their type.")
@click.option(
    "--method",
    type=click.Choice(list(ENGINES)),
    default="trend",
    show_default=True,
    help="limma-trend, limma-voom, or DESeq2 (needs crest-sc).",
)
@click.option("--second-opinion", is_flag=True, help="Test by DESeq2 too (needs crest-sc), and tell what both call.")
@click.option("--means", is_flag=True, help="Columns mean_a and mean_b too: counts per million on each side.")
@click.option("--overview", is_flag=True, help="One row a cell type instead of one a gene.")
@click.option(
    "--fdr", type=click.FloatRange(0, 1), default=FDR, show_default=True, help="Largest adjusted p in the overview."
)
@click.option(
    "--min-change",
    type=click.FloatRange(0),
    default=MIN_CHANGE,
    show_default=True,
    help="Smallest |log2FC| in the overview.",
)
@FORMAT
@click.pass_obj
def differences(
    context: Context,
    dataset: str,
    design_of: Callable[..., DesignParams],
    min_counts: int,
    cell_type: str,
    types: str,
    pooled: bool,  # noqa: FBT001
    method: str,
    second_opinion: bool,  # noqa: FBT001
    means: bool,  # noqa: FBT001
    overview: bool,  # noqa: FBT001
    fdr: float,
    min_change: float,
    form: str,
) -> None:
    """Compare the samples of two sides of DATASET gene by gene: counts summed by sample and cell type (pseudobulk)."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        asked = DifferencesParams.of(
            atlas, design_of(atlas, min_counts), cell_type, types, method, pooled=pooled, second_opinion=second_opinion
        )
        params = OverviewParams(asked, fdr, min_change) if overview else asked
        found = _answer(services, atlas, params, slow=method == DESEQ2 or second_opinion)
        for each in asked.each_type(atlas):
            told = report(atlas, each)
            prefix = f"masldatlas: {each.cell_type}: " if each.cell_type else "masldatlas: "
            notes = [told.why] if told.model is None else told.model.notes
            for note in notes:
                click.echo(f"{prefix}{note}", err=True)
        if not overview:
            said = [f"DESeq2: {message}." for message in messages_of(found.value)]
            for note in filter(None, [*said, opinion(asked, found.value)]):
                click.echo(f"masldatlas: {note}", err=True)
        table = found.value if means or overview else without_means(found.value)
        write_table(table, form, found.provenance, "differences", None if overview else atlas.genes)


def _answer(
    services: Services, atlas: Atlas, params: DifferencesParams | OverviewParams, *, slow: bool
) -> Answer[pa.Table]:
    """Compute differences, with progress on stderr where they are slow."""
    if not slow:
        return answer(services, atlas, params)
    progress = Progress()
    with watching(Watch(report=progress)):
        found = answer(services, atlas, params)
    progress.end()
    return found
