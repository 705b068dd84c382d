"""``masldatlas type-auroc``, ``concordance`` and ``conserved-correlates``: comparisons of two atlases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.analysis.concordance import FDR, MIN_CHANGE, QUADRANTS, ConcordanceParams
from core.analysis.conserved_correlates import BEST, MIN_R
from core.analysis.correlation import METHODS
from core.analysis.enrichment import EnrichmentOptions
from core.analysis.gene_sources import QuadrantSource
from core.analysis.matched_contrast import matched_sides, of_types
from core.analysis.set_collections import DEFAULT, named
from core.analysis.sides import Sides
from core.analysis.type_auroc import TypeAurocParams
from core.cli.context import Context
from core.cli.options import FORMAT
from core.cli.output import write_table
from core.services.between_species import conserved_params, described, of_cell_types
from core.services.match_verdicts import judged, with_verdict
from core.services.meaning import enrichment_params
from core.services.memoized import answer
from core.stats.count_engines import ENGINES

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.services.match_verdicts import Verdict

DATASET = click.argument("dataset")
OTHER = click.argument("other")
CELL_TYPES = (
    click.option(
        "--cell-type",
        "types",
        multiple=True,
        metavar="NAME",
        help="Cell type of DATASET; several are taken together. Default: all cells.",
    ),
    click.option(
        "--cell-type-2",
        "types_2",
        multiple=True,
        metavar="NAME",
        help="Cell type of OTHER. Default: that of the same name.",
    ),
)


@click.command(name="type-auroc")
@DATASET
@OTHER
@click.option("--by", default="", metavar="COLUMN", help="Column of cell types of DATASET. Default: that of the atlas.")
@click.option("--by-2", default="", metavar="COLUMN", help="Column of cell types of OTHER. Default: that of the atlas.")
@FORMAT
@click.pass_obj
def type_auroc(context: Context, dataset: str, other: str, by: str, by_2: str, form: str) -> None:
    """Match the cell types of DATASET and OTHER: AUROC of MetaNeighbor's fast vote over the genes that both share."""
    with context.services() as services:
        first, second = services.catalog.get(dataset), services.catalog.get(other)
        params = TypeAurocParams.of(first, second, described(services, first, second), by, by_2)
        found = answer(services, first, params)
        write_table(found.value, form, found.provenance, "pairs")


@click.command()
@DATASET
@OTHER
@CELL_TYPES[0]
@CELL_TYPES[1]
@click.option("--by", default="", metavar="COLUMN", help="Column that is compared. Default: the groups.")
@click.option("--a", multiple=True, metavar="LEVEL", help="Level of the side A. Default: the last level.")
@click.option("--b", multiple=True, metavar="LEVEL", help="Level of the side B. Default: the first level.")
@click.option("--by-2", default="", metavar="COLUMN", help="Column of OTHER. Default: the one of the same name.")
@click.option("--a-2", multiple=True, metavar="LEVEL", help="Level of OTHER. Default: those of the same names.")
@click.option("--b-2", multiple=True, metavar="LEVEL", help="Level of OTHER, likewise.")
@click.option(
    "--covariate",
    "covariates",
    multiple=True,
    metavar="COLUMN",
    help="Adjust DATASET for a column with one value a sample; repeat for several.",
)
@click.option("--covariate-2", "covariates_2", multiple=True, metavar="COLUMN", help="Likewise OTHER.")
@click.option("--paired", default="", metavar="COLUMN", help="Pair DATASET by donors that are on both sides.")
@click.option("--paired-2", default="", metavar="COLUMN", help="Likewise OTHER.")
@click.option(
    "--method", type=click.Choice(list(ENGINES)), default="trend", show_default=True, help="limma-trend or limma-voom."
)
@click.option("--fdr", type=float, default=FDR, show_default=True, help="Largest adjusted p of a gene that changed.")
@click.option(
    "--min-change", type=float, default=MIN_CHANGE, show_default=True, help="Smallest |log2FC| of a gene that changed."
)
@click.option(
    "--quadrant",
    type=click.Choice(QUADRANTS),
    default=None,
    help="Print the gene sets that are over-represented in this quadrant instead of the genes.",
)
@click.option(
    "--collection", default=DEFAULT, show_default=True, metavar="NAMES", help="Of gene sets, separated by commas."
)
@FORMAT
@click.pass_obj
def concordance(
    context: Context,
    dataset: str,
    other: str,
    types: tuple[str, ...],
    types_2: tuple[str, ...],
    by: str,
    a: tuple[str, ...],
    b: tuple[str, ...],
    by_2: str,
    a_2: tuple[str, ...],
    b_2: tuple[str, ...],
    covariates: tuple[str, ...],
    covariates_2: tuple[str, ...],
    paired: str,
    paired_2: str,
    method: str,
    fdr: float,
    min_change: float,
    quadrant: str | None,
    collection: str,
    form: str,
) -> None:
    """Compare the changes of 1:1 orthologs in one cell type and contrast of DATASET and OTHER."""
    with context.services() as services:
        first, second = services.catalog.get(dataset), services.catalog.get(other)
        sides = Sides.of(first, by, a, b)
        params = ConcordanceParams.of(
            described(services, first, second),
            of_types(first, sides, types, engine=method, covariates=covariates, paired=paired),
            of_types(
                second,
                matched_sides(sides, second, by_2, a_2, b_2),
                types_2 or types,
                engine=method,
                covariates=covariates_2,
                paired=paired_2,
            ),
            fdr,
            min_change,
        )
        said = _judged(services, first, second, types, types_2)
        if quadrant:
            source = QuadrantSource.of(params, quadrant)
            asked = enrichment_params(services, first, source, named(collection), EnrichmentOptions.of("ora"))
            found = with_verdict(answer(services, first, asked), said)
            write_table(found.value, form, found.provenance, "enrichment")
            return
        found = with_verdict(answer(services, first, params), said)
        write_table(found.value, form, found.provenance, "genes", first.genes)


@click.command(name="conserved-correlates")
@DATASET
@OTHER
@click.argument("gene")
@click.option("--gene-2", default="", metavar="GENE", help="Ortholog in OTHER. Default: the only one.")
@CELL_TYPES[0]
@CELL_TYPES[1]
@click.option(
    "--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True, help="Kind of the correlation."
)
@click.option("--best", type=int, default=BEST, show_default=True, help="Number of the best correlates compared.")
@click.option("--min-r", type=float, default=MIN_R, show_default=True, help="Smallest |r| of a correlate.")
@FORMAT
@click.pass_obj
def conserved_correlates(
    context: Context,
    dataset: str,
    other: str,
    gene: str,
    gene_2: str,
    types: tuple[str, ...],
    types_2: tuple[str, ...],
    method: str,
    best: int,
    min_r: float,
    form: str,
) -> None:
    """Compare the correlates of GENE in DATASET with those of its ortholog in OTHER."""
    with context.services() as services:
        first, second = services.catalog.get(dataset), services.catalog.get(other)
        cells = of_cell_types(first, types), of_cell_types(second, types_2 or types)
        params = conserved_params(
            services, (first, second), gene, gene_2, method=method, cells=cells, best=best, min_r=min_r
        )
        said = _judged(services, first, second, types, types_2)
        found = with_verdict(answer(services, first, params), said)
        write_table(found.value, form, found.provenance, "genes", first.genes)


def _judged(
    services: Services, first: Atlas, second: Atlas, types: tuple[str, ...], types_2: tuple[str, ...]
) -> Verdict | None:
    """Judge the matched cell types, and say on stderr where they are hardly alike."""
    said = judged(services, first, second, types, types_2 or types)
    if said is not None and said.sentence:
        click.echo(f"masldatlas: {said.sentence}", err=True)
    return said
