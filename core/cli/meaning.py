"""``masldatlas enrichment`` and ``masldatlas activity``."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.analysis.activity import DEFAULT as DEFAULT_NETWORK
from core.analysis.activity import MIN_TARGETS, MODELS
from core.analysis.contrasts import MarkersParams
from core.analysis.count_engines import ENGINES
from core.analysis.differences import DifferencesParams
from core.analysis.enrichment import (
    FDR,
    MAX_SIZE,
    METHODS,
    MIN_CHANGE,
    MIN_SIZE,
    EnrichmentOptions,
    EnrichmentParams,
    best,
    toward,
)
from core.analysis.gene_rankings import read_ranking
from core.analysis.gene_set_scores import expanded
from core.analysis.gene_sources import FileSource, ListedSource, ListSource, MarkerSource, one_cell_type
from core.analysis.set_collections import DEFAULT, named
from core.cli.context import Context
from core.cli.design import MIN_COUNTS_OPTION, design
from core.cli.options import FORMAT
from core.cli.output import Progress, warn_unknown, write_table
from core.compute.watch import Watch, watching
from core.errors import InvalidQuery
from core.genes.lists import look_up
from core.genes.orthologs import species_of
from core.genes.set_names import renamed
from core.selection.model import Selection
from core.services import meaning
from core.services.memoized import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from core.analysis.activity import ActivityParams
    from core.analysis.design import DesignParams
    from core.analysis.gene_rankings import Ranking
    from core.analysis.gene_sources import GeneSource
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.services.meaning import Provenance

    SourceOf = Callable[[Services, Atlas], GeneSource]

SOURCES = (
    click.option("--cell-type", default="", metavar="NAME", help="Cell type whose differences are used."),
    click.option("--types", default="", metavar="COLUMN", help="Column of the cell types. Default: that of the atlas."),
    click.option("--pooled", is_flag=True, help="Differences of all cells together, whatever their type."),
    MIN_COUNTS_OPTION,
    click.option(
        "--engine",
        type=click.Choice(list(ENGINES)),
        default="trend",
        show_default=True,
        help="limma-trend, limma-voom, or DESeq2 (needs crest-sc).",
    ),
    click.option(
        "--category",
        default="",
        metavar="NAME",
        help="Instead of differences, the markers of this category of the column --by (default: the cell types).",
    ),
    click.option(
        "--genes",
        default="",
        metavar="A,B,C",
        help="Instead, a list of genes, or gmt:FILE/NAME; with a comparison, among the genes that it tested.",
    ),
    click.option(
        "--ranking",
        type=click.Path(path_type=Path),
        help="Instead, a CSV file with the columns gene and stat; p_adj and log2fc are used where given.",
    ),
)
TOP = click.option("--top", type=click.IntRange(1), help="Only the first rows; of each collection. Default: all.")


def gene_source(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the genes to a command, and pass a function of the atlas as ``source_of``."""

    @functools.wraps(command)
    def choosing(
        *args: object,
        design_of: Callable[..., DesignParams],
        cell_type: str,
        types: str,
        pooled: bool,
        min_counts: int,
        engine: str,
        category: str,
        genes: str,
        ranking: Path | None,
        **options: object,
    ) -> None:
        if sum(map(bool, (category, genes, ranking))) > 1:
            raise InvalidQuery("--category, --genes and --ranking exclude each other.", "Give one of them.")

        def source_of(services: Services, atlas: Atlas) -> GeneSource:
            if ranking is not None:
                return FileSource.of(ranking)
            text = expanded(services.gene_sets, genes)
            if genes and not any((given["by"], given["a"], given["b"], cell_type, pooled)):
                return ListSource.of(atlas, text)
            if category:
                selection = Selection.parse(*(given[name] for name in ("where", "ranges", "expr", "lasso", "exclude")))
                return MarkerSource(MarkersParams.of(atlas, given["by"], "", selection), category)
            params = DifferencesParams.of(atlas, design_of(atlas, min_counts), cell_type, types, engine, pooled=pooled)
            one = one_cell_type(atlas, params)
            return ListedSource.of(atlas, one, text) if genes else one

        given = click.get_current_context().params
        command(*args, source_of=source_of, ranking=ranking and read_ranking(ranking), **options)

    return design(functools.reduce(lambda decorated, option: option(decorated), reversed(SOURCES), choosing))


@click.command()
@click.argument("dataset")
@gene_source
@click.option(
    "--collection",
    default=DEFAULT,
    show_default=True,
    metavar="NAME",
    help="Collection of gene sets; several with commas, `all`, or gmt:FILE for a mounted file.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="ora",
    show_default=True,
    help="Over-representation in the genes within the thresholds, or GSEA along all genes.",
)
@click.option("--direction", type=click.Choice(("up", "down")), help="Only sets of genes that are higher, or lower.")
@click.option("--fdr", type=click.FloatRange(0, 1), default=FDR, show_default=True, help="Largest adjusted p (ora).")
@click.option(
    "--min-change", type=click.FloatRange(0), default=MIN_CHANGE, show_default=True, help="Smallest |log2FC| (ora)."
)
@click.option("--min-size", type=int, default=MIN_SIZE, show_default=True, help="Smallest set, in tested genes.")
@click.option("--max-size", type=int, default=MAX_SIZE, show_default=True, help="Largest set, in tested genes.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the random sets (gsea).")
@TOP
@FORMAT
@click.pass_obj
def enrichment(
    context: Context,
    dataset: str,
    source_of: SourceOf,
    ranking: Ranking | None,
    collection: str,
    method: str,
    direction: str | None,
    fdr: float,
    min_change: float,
    min_size: int,
    max_size: int,
    seed: int,
    top: int | None,
    form: str,
) -> None:
    """Test gene sets among the genes that differ between the samples of two sides of DATASET."""
    options = EnrichmentOptions.of(
        method, fdr=fdr, min_change=min_change, min_size=min_size, max_size=max_size, seed=seed
    )
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        params = meaning.enrichment_params(services, atlas, source_of(services, atlas), named(collection), options)
        progress = Progress()
        with watching(Watch(report=progress)):
            table, provenance = _answer(services, atlas, params, ranking)
        progress.end()
        write_table(best(toward(table, direction or ""), top or 0), form, provenance, "enrichment")


@click.command()
@click.argument("dataset")
@gene_source
@click.option(
    "--network",
    default=DEFAULT_NETWORK,
    show_default=True,
    metavar="NAME",
    help="Network of sources and targets: collectri (transcription factors), progeny (pathways), or one of yours.",
)
@click.option(
    "--model",
    type=click.Choice(MODELS),
    help="Each source by itself (ulm), or all together (mlm). Default: mlm for networks of at most 50 sources.",
)
@click.option(
    "--min-targets", type=int, default=MIN_TARGETS, show_default=True, help="Fewest tested targets of a source."
)
@click.option(
    "--source", default="", metavar="NAME", help="The targets of this source, or alias of one, instead of activities."
)
@TOP
@FORMAT
@click.pass_obj
def activity(
    context: Context,
    dataset: str,
    source_of: SourceOf,
    ranking: Ranking | None,
    network: str,
    model: str | None,
    min_targets: int,
    source: str,
    top: int | None,
    form: str,
) -> None:
    """Estimate the activity of transcription factors or pathways from how their targets differ in DATASET."""
    with context.services() as services:
        atlas = services.catalog.get(dataset)
        params = meaning.activity_params(
            services,
            atlas,
            source_of(services, atlas),
            network,
            model=model or "",
            min_targets=min_targets,
            targets_of=source,
        )
        if params.found_by:
            click.echo(f"masldatlas: {params.found_by}", err=True)
        table, provenance = _answer(services, atlas, params, ranking)
        write_table(table[:top], form, provenance, "targets" if source else "activity")


def _answer(
    services: Services, atlas: Atlas, params: EnrichmentParams | ActivityParams, ranking: Ranking | None
) -> tuple[pa.Table, Provenance]:
    """Answer from the atlas, or from the ranking of a file, which no cache keeps."""
    if ranking is None:
        text = str(click.get_current_context().params["genes"])
        listed = look_up(atlas.genes, expanded(services.gene_sets, text)) if text else None
        if listed is not None:
            warn_unknown(listed)
        found = answer(services, atlas, params, listed=listed)
        return found.value, found.provenance
    other = renamed(atlas.genes, ranking.genes, services.orthologs.names, species_of(atlas) or "human")
    if other.sentence:
        click.echo(f"masldatlas: {other.sentence}", err=True)
    ranking = ranking.renamed(other)
    if isinstance(params, EnrichmentParams):
        table = meaning.enriched(services, atlas, params, ranking)
        return table, meaning.of_enrichment(atlas, params, table)
    table = meaning.activities(services, atlas, params, ranking)
    return table, meaning.of_activity(atlas, params, table)
