"""``masldatlas datasets``: list, info, remove, check, upgrade; ``core/cli/pull.py`` adds available and pull."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from core.atlas.catalog import Catalog, Fault
from core.atlas.import_state import ImportState, clear_state, read_state, write_state
from core.atlas.integrity import stamp
from core.atlas.manifest import SCHEMA_VERSION
from core.atlas.paths import AtlasId
from core.atlas.store import MANIFEST
from core.atlas.visibility import VISIBILITIES, Visibility, set_visibility, visibility_of
from core.cli.context import Context
from core.cli.output import Progress, human_bytes
from core.errors import AtlasError
from core.ingest.drop_folder import drop_ins, owners_of
from core.system.limits import threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.manifest import Manifest


@click.group(invoke_without_command=True)
@click.pass_context
def datasets(context: click.Context) -> None:
    """List the atlases; see also available, pull, info, visibility, remove, check and upgrade."""
    if context.invoked_subcommand:
        return
    settings = context.find_object(Context)
    catalog = Catalog(settings.settings.data_dir if settings else Path())
    data = catalog.places.data
    rows = [_row(manifest, visibility_of(data, AtlasId.parse(manifest.id))) for manifest in catalog.manifests()]
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
    table(("id", "cells", "genes", "size", "state", "title"), rows)


@datasets.command()
@click.argument("atlas", metavar="ID")
@click.pass_obj
def info(context: Context, atlas: str) -> None:
    """Print the metadata of one atlas as JSON."""
    manifest = Catalog(context.settings.data_dir).manifest(atlas)
    metadata = {"id": manifest.id, **manifest.model_dump(mode="json")}
    click.echo(orjson.dumps(metadata, option=orjson.OPT_INDENT_2).decode())


@datasets.command()
@click.argument("atlas", metavar="ID")
@click.pass_obj
def remove(context: Context, atlas: str) -> None:
    """Delete one atlas; its source file is kept."""
    data = context.settings.data_dir
    catalog = Catalog(data)
    found = AtlasId.parse(atlas)
    state = read_state(data, found)
    if state and state.phase in ("failed", "waiting") and str(found) not in catalog.ids():
        _mark_removed(data, state.file, found)
        click.echo(f"Removed the failed or waiting import of {found}.", err=True)
        return
    file = _drop_in_of(catalog, found)
    if file:
        # Before the atlas is deleted, so that no server takes its source file for a new one.
        _mark_removed(data, file, found)
    try:
        catalog.remove(found)
    except AtlasError:
        if file and state:
            write_state(data, state)
        elif file:
            clear_state(data, found)
        raise
    if file:
        click.echo(f"{file} is kept and is not imported again unless it changes.", err=True)
    else:
        clear_state(data, found)
    click.echo(f"Removed {found}.", err=True)
    kept = visibility_of(data, found)
    if kept != "public":
        click.echo(f"An atlas that is imported as {found} again will be {kept} too.", err=True)


@datasets.command()
@click.argument("atlas", metavar="ID")
@click.argument("state", metavar="[public|unlisted|private]", type=click.Choice(VISIBILITIES), required=False)
@click.pass_obj
def visibility(context: Context, atlas: str, state: Visibility | None) -> None:
    """Print who may see an atlas, or change it; possible before the import, and kept by each further one.

    A public atlas is for everybody; an unlisted one is in no list and no search, but opens at its address; a private
    one opens for requests with the access header of the proxy alone, and is answered 404 otherwise.
    """
    found = AtlasId.parse(atlas)
    if state is None:
        click.echo(visibility_of(context.settings.data_dir, found))
        return
    data = context.writable_data()
    set_visibility(data, found, state)
    there = str(found) in Catalog(data).ids()
    click.echo(f"{found} is {state}." if there else f"{found} will be {state} once it is imported.", err=True)
    if state == "private" and context.settings.access_value is None:
        click.echo("Nobody sees it over HTTP until MASLDATLAS_ACCESS_VALUE is set for the server.", err=True)


@datasets.command()
@click.argument("atlas", metavar="[ID]", required=False)
@click.pass_obj
def check(context: Context, atlas: str | None) -> int:
    """Verify the checksums of one atlas, or of all; exit code 1 if a file differs."""
    catalog = Catalog(context.settings.data_dir)
    n_faults = 0
    broken = {} if atlas else catalog.broken()
    for name in [atlas] if atlas else catalog.ids():
        # A broken atlas may have an invalid name.
        faults = [Fault(MANIFEST, broken[name].message)] if name in broken else catalog.check(AtlasId.parse(name))
        n_faults += len(faults)
        for fault in faults:
            click.echo(f"{name}  {fault.file} {fault.problem}")
        if not faults:
            click.echo(f"{name}  ok")
    return 1 if n_faults else 0


@datasets.command()
@click.argument("atlas", metavar="[ID]", required=False)
@click.pass_obj
def upgrade(context: Context, atlas: str | None) -> None:
    """Rewrite one atlas, or all, in the newest form of the store: a third the size, and faster.

    Content, id, address, permalinks, roles and visibility stay. The old store serves until the new one is complete.
    """
    from core.ingest.store_swap import recover
    from core.ingest.upgrade import upgrade as rewrite

    data, n_threads = context.writable_data(), threads(context.settings)
    recover(data)
    catalog = Catalog(data)
    for manifest in [catalog.manifest(atlas)] if atlas else catalog.manifests():
        if manifest.schema_version == SCHEMA_VERSION:
            click.echo(f"{manifest.id}  has version {SCHEMA_VERSION} of the store")
            continue
        progress = Progress()
        try:
            upgraded = rewrite(AtlasId.parse(manifest.id), data, progress, n_threads)
        finally:
            progress.end()
        sizes = f"{human_bytes(manifest.bytes)} became {human_bytes(upgraded.bytes)}"
        click.echo(f"{manifest.id}  upgraded to version {SCHEMA_VERSION} of the store: {sizes}")


def _drop_in_of(catalog: Catalog, atlas: AtlasId) -> str:
    """Return the file below ``datasets/`` from which an atlas was imported; empty if there is none."""
    manifest = next((each for each in catalog.manifests() if each.id == str(atlas)), None)
    drop = owners_of(drop_ins(catalog.places), {manifest.id: manifest.source} if manifest else {}).get(atlas)
    if drop is None or (manifest is not None and manifest.source.file != drop.name):
        return ""
    return drop.key


def _mark_removed(data: Path, file: str, atlas: AtlasId) -> None:
    """Record that the atlas of a drop-in file was removed, so that the file is not imported again until it changes."""
    path = Path(file)
    if not file or not path.exists():
        clear_state(data, atlas)
        return
    size, mtime_ns = stamp(path)
    write_state(data, ImportState(id=str(atlas), phase="removed", file=file, bytes=size, mtime_ns=mtime_ns))


def _row(manifest: Manifest, visibility: Visibility) -> tuple[str, ...]:
    title = f"SIMULATED · {manifest.title}" if manifest.simulated else manifest.title
    cells = manifest.cells_in_words.rpartition(" ")[0]
    state = "ready" if visibility == "public" else f"ready, {visibility}"
    return manifest.id, cells, f"{manifest.n_genes:,}", human_bytes(manifest.bytes), state, title


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (1, 2, 3)) -> None:
    """Print rows in columns; the columns in `right` are right-aligned."""
    # A title from a file must not contain control characters.
    rows = [["".join(char for char in cell if char.isprintable()) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
