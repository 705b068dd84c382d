"""``masldatlas import``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, Tracker, clear_state
from core.atlas.integrity import stamp
from core.atlas.manifest import SCALES, SPECIES
from core.atlas.paths import AtlasId, one_line, printable, stem_of
from core.cli.context import Context, Stop
from core.cli.output import Progress
from core.errors import AtlasError
from core.system.limits import threads

if TYPE_CHECKING:
    from core.atlas.manifest import Species
    from core.ingest.import_request import ImportRequest
    from core.ingest.subset import Subset
    from core.settings.settings import Settings

LOWER_PRIORITY = 10
NO_CITATION = "The atlas has no citation, so no methods text can cite it. Import again with --replace --citation TEXT."


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--species", type=click.Choice(SPECIES), help="Species. Default: detected from the file.")
@click.option("--name", help="Name of the atlas. Default: from the file's name.")
@click.option("--cell-type", metavar="COL", help="obs column of the cell types.")
@click.option("--group", metavar="COL", help="obs column of the groups (condition, disease stage).")
@click.option("--sample", metavar="COL", help="obs column of the samples (donors, replicates).")
@click.option("--layer", "layers", metavar="NAME", multiple=True, help="Additional layer to import; may be repeated.")
@click.option("--modality", default="", metavar="NAME", help="Modality of an .h5mu file. Default: rna.")
@click.option(
    "--scale",
    type=click.Choice([scale for scale in SCALES if scale != "signed"]),
    help="Scale of the expression. Default: told from its values.",
)
@click.option("--title", help="Title of the atlas. Default: from the file.")
@click.option("--citation", help="Citation of the atlas. Default: from the file.")
@click.option("--abstract", help="Abstract, for the page of the atlas. Default: from the file.")
@click.option("--doi", help="DOI of the publication, such as 10.1000/182. Default: from the file or the citation.")
@click.option(
    "--subset",
    type=click.IntRange(1),
    metavar="N",
    help="Import a random subset of N cells, stratified by cell type and sample.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed of the subset.")
@click.option("--simulated", is_flag=True, help="Mark the data as simulated on every page.")
@click.option("--replace", is_flag=True, help="Replace an existing atlas with the same id.")
@click.option("--tracked", is_flag=True, hidden=True, help="Write the state for the home page instead of stderr.")
@click.pass_obj
def import_(
    context: Context,
    file: Path,
    tracked: bool,  # noqa: FBT001 - click passes flags by name
    subset: int | None,
    seed: int,
    **options: object,
) -> None:
    """Import FILE as an atlas; its id is the last line of stdout.

    FILE is an .h5ad, .h5ad.gz or .h5mu file, the .h5 file or the folder with matrix.mtx of 10x Genomics, or a .zarr
    folder.
    """
    from core.ingest.import_process import import_watched
    from core.ingest.import_request import ImportRequest
    from core.ingest.store_swap import recover

    stop = Stop()
    data, n_threads = context.writable_data(), threads(context.settings)
    request = ImportRequest(
        path=file.absolute(),
        species=options["species"],  # pyright: ignore[reportArgumentType] - click has checked it
        name=options["name"],  # pyright: ignore[reportArgumentType]
        roles={role: options[role] for role in ("cell_type", "group", "sample")},  # pyright: ignore[reportArgumentType]
        layers=options["layers"],  # pyright: ignore[reportArgumentType]
        modality=str(options["modality"]),
        scale=options["scale"],  # pyright: ignore[reportArgumentType]
        title=options["title"],  # pyright: ignore[reportArgumentType]
        citation=options["citation"],  # pyright: ignore[reportArgumentType]
        abstract=options["abstract"],  # pyright: ignore[reportArgumentType]
        doi=options["doi"],  # pyright: ignore[reportArgumentType]
        replace=bool(options["replace"]),
        simulated=bool(options["simulated"]),
        subset=None if subset is None else _subset(subset, seed),
    )
    if tracked:
        atlas = _tracked(request, data, context.settings, stop)
    else:
        recover(data)
        progress = Progress()
        try:
            atlas = import_watched(request, data, stop.watched(progress), n_threads, context.settings.import_timeout)
        finally:
            progress.end()
    if not tracked and not Catalog(data).manifest(str(atlas)).citation:
        click.echo(f"masldatlas: {NO_CITATION}", err=True)
    click.echo(str(atlas))


def _subset(n: int, seed: int) -> Subset:
    from core.ingest.subset import Subset

    return Subset(n, seed)


def _tracked(request: ImportRequest, data: Path, settings: Settings, stop: Stop) -> AtlasId:
    from core.ingest.file_safety import check_kind
    from core.ingest.import_process import import_watched

    os.nice(LOWER_PRIORITY)
    size, mtime_ns = stamp(request.path)
    species: Species = request.species or "other"
    atlas = AtlasId(species, request.name or stem_of(request.path))
    state = ImportState(
        id=str(atlas),
        phase="importing",
        title=request.title or one_line(request.path.name),
        file=printable(request.path),
        bytes=size,
        mtime_ns=mtime_ns,
    )
    tracker = Tracker(data, state)
    try:
        # It was no link when it was found.
        check_kind(request.path, follow=False)
        import_watched(request, data, stop.watched(tracker), threads(settings), settings.import_timeout)
    except AtlasError as error:
        tracker.failed(str(error))
        raise
    clear_state(data, atlas)
    return atlas
