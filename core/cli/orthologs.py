"""``masldatlas orthologs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.cli.context import Context
from core.cli.options import FORMAT
from core.cli.output import write_table
from core.genes.ortholog_table import SPECIES
from core.services.orthologs import orthologs_of

if TYPE_CHECKING:
    from core.genes.ortholog_table import Species


@click.command()
@click.argument("gene")
@click.option("--species", type=click.Choice(SPECIES), default="human", show_default=True, help="Species of GENE.")
@FORMAT
@click.pass_obj
def orthologs(context: Context, gene: str, species: Species, form: str) -> None:
    """List the orthologs of GENE in the other species, with their evidence; a species without any is named too."""
    with context.services() as services:
        table, provenance, note = orthologs_of(services, gene, species)
    if note:
        click.echo(f"masldatlas: {note}", err=True)
    write_table(table, form, provenance, "orthologs")
