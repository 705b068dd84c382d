"""``masldatlas datasets``: list, info, remove, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from core.catalog import Catalog
from core.cli._common import Context, human_bytes
from core.imports import ImportState, clear_state, read_state, write_state
from core.places import AtlasId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.manifest import Manifest


@click.group(invoke_without_command=True)
@click.pass_context
def datasets(context: click.Context) -> None:
    """List the atlases; see also info, remove and check."""
    if context.invoked_subcommand:
        return
    settings = context.find_object(Context)
    catalog = Catalog(settings.settings.data_dir if settings else Path())
    rows = [_row(manifest) for manifest in catalog.manifests()]
    rows += [(name, "", "", "", "broken", error.message) for name, error in catalog.broken().items()]
    rows += [
        (
            state.id,
            "",
            "",
            "",
            f"importing {state.fraction:.0%}" if state.phase == "importing" else state.phase,
            state.error,
        )
        for state in catalog.imports()
    ]
    if not rows:
        click.echo(f"No atlases in {catalog.places.data}. Import one with: masldatlas import FILE.h5ad", err=True)
        return
    _table(("id", "cells", "genes", "size", "state", "title"), rows)


@datasets.command()
@click.argument("atlas", metavar="ID")
@click.pass_obj
def info(context: Context, atlas: str) -> None:
    """Print everything known of one atlas, as JSON."""
    manifest = Catalog(context.settings.data_dir).manifest(atlas)
    facts = {"id": manifest.id, **manifest.model_dump(mode="json")}
    click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())


@datasets.command()
@click.argument("atlas", metavar="ID")
@click.pass_obj
def remove(context: Context, atlas: str) -> None:
    """Delete one atlas; the file it was made from stays."""
    data = context.settings.data_dir
    catalog = Catalog(data)
    found = AtlasId.parse(atlas)
    state = read_state(data, found)
    if state and state.phase in ("failed", "waiting") and str(found) not in catalog.ids():
        _leave_alone(data, state.file, found)
        click.echo(f"Forgot the import of {found}.", err=True)
        return
    sources = list(catalog.places.datasets.glob("*/*.h5ad"))
    manifest = next((each for each in catalog.manifests() if each.id == atlas), None)
    catalog.remove(found)
    clear_state(data, found)
    for source in sources:
        if manifest and source.parent.name.lower() == manifest.species and source.name == manifest.source.file:
            _leave_alone(data, str(source), found)
            click.echo(f"{source} stays and will not be imported again unless it changes.", err=True)
    click.echo(f"Removed {found}.", err=True)


@datasets.command()
@click.argument("atlas", metavar="[ID]", required=False)
@click.pass_obj
def check(context: Context, atlas: str | None) -> int:
    """Compare every file of one atlas, or of all, with its checksum; exit 1 if one differs."""
    catalog = Catalog(context.settings.data_dir)
    n_faults = 0
    for name in [atlas] if atlas else catalog.ids():
        faults = catalog.check(AtlasId.parse(name))
        n_faults += len(faults)
        for fault in faults:
            click.echo(f"{name}  {fault.file} {fault.problem}")
        if not faults:
            click.echo(f"{name}  ok")
    return 1 if n_faults else 0


def _leave_alone(data: Path, file: str, atlas: AtlasId) -> None:
    """Remember that a drop-in file was removed on purpose, in the version it has now."""
    path = Path(file)
    if not file or not path.exists():
        clear_state(data, atlas)
        return
    stat = path.stat()
    write_state(
        data, ImportState(id=str(atlas), phase="removed", file=file, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns)
    )


def _row(manifest: Manifest) -> tuple[str, ...]:
    title = f"SIMULATED · {manifest.title}" if manifest.simulated else manifest.title
    return manifest.id, f"{manifest.n_cells:,}", f"{manifest.n_genes:,}", human_bytes(manifest.bytes), "ready", title


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]
    for row in [header, *rows]:
        cells = [
            cell.rjust(width) if at in (1, 2, 3) else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
