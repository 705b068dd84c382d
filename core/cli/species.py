"""``masldatlas species``: orthologs and paralogs of a gene, matching cell types, and the numbers of the dot plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from core.cli.context import Context
from core.cli.options import FORMAT
from core.cli.output import write_table
from core.genes.ortholog_table import SPECIES
from core.services.gene_family import family_table
from core.urls.page_queries import SpeciesQuery
from core.views.species import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.services.provenance import Provenance

OTHERS = click.option(
    "--with",
    "others",
    multiple=True,
    metavar="DATASET",
    help="An atlas beside DATASET; several are allowed, or none. Default: the nearest one of each other species.",
)
MATCH = click.option(
    "--match",
    multiple=True,
    metavar="TYPE=TYPE",
    help="A cell type of DATASET and the one that matches it: TYPE=ONE|TWO takes two together, TYPE= says no match, "
    "TYPE=OTHER:ONE speaks of one atlas.",
)


def _compared(command: Callable[..., None]) -> Callable[..., None]:
    return OTHERS(MATCH(FORMAT(command)))


@click.group()
def species() -> None:
    """Compare species: orthologs of a gene, matching cell types, and genes in them."""


@species.command()
@click.argument("gene")
@click.option(
    "--species", "whose", type=click.Choice(SPECIES), default=None, help="Species of GENE. Default: by its spelling."
)
@FORMAT
@click.pass_obj
def genes(context: Context, gene: str, whose: str | None, form: str) -> None:
    """List GENE, its paralogs and its orthologs, with their evidence and the atlases that have them."""
    with context.services() as services:
        table, provenance = family_table(services, gene, whose or "")
    write_table(table, form, provenance, "genes")


@species.command()
@click.argument("dataset")
@_compared
@click.pass_obj
def types(context: Context, dataset: str, others: tuple[str, ...], match: tuple[str, ...], form: str) -> None:
    """List the cell types of DATASET with those that match them in other atlases."""
    with context.services() as services:
        table, provenance = tables.types(services, _query(dataset, others, match))
    _warn(provenance)
    write_table(table, form, provenance, "types")


@species.command()
@click.argument("dataset")
@click.argument("genes", nargs=-1, required=True)
@_compared
@click.pass_obj
def dotplot(
    context: Context,
    dataset: str,
    genes: tuple[str, ...],
    others: tuple[str, ...],
    match: tuple[str, ...],
    form: str,
) -> None:
    """Compare GENES, of any species, and their orthologs in the matching cell types of DATASET and other atlases."""
    query = _query(dataset, others, match)
    one = len(genes) == 1
    with context.services() as services:
        query = query.but(gene=genes[0]) if one else query.but(genes="\n".join(genes))
        table, provenance = tables.dotplot(services, query)
    _warn(provenance)
    write_table(table, form, provenance, "dotplot")


def _warn(provenance: Provenance) -> None:
    """Say on stderr which matched types are hardly alike."""
    for sentence in cast("list[str]", provenance["below_auroc"]):
        click.echo(f"masldatlas: {sentence}", err=True)


def _query(dataset: str, others: tuple[str, ...], match: tuple[str, ...]) -> SpeciesQuery:
    return SpeciesQuery(dataset, others=",".join(others), match=";".join(match))
