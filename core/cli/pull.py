"""``masldatlas datasets available`` and ``pull``: published atlases."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import click

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId, name_from
from core.cli.context import Context, Stop
from core.cli.datasets import table
from core.cli.output import Progress, human_bytes
from core.ingest.remote.zenodo import PUBLISHED
from core.system.limits import threads

if TYPE_CHECKING:
    from collections.abc import Callable

# The rate is measured over the last seconds, since the speed of a connection varies.
WINDOW_SECONDS = 10.0
MINUTE, HOUR = 60, 3_600


@click.command()
@click.pass_obj
def available(context: Context) -> None:
    """List the published atlases and their local state."""
    from core.ingest.remote.download import part_of

    catalog = Catalog(context.settings.data_dir)
    present = set(catalog.ids())
    rows: list[tuple[str, ...]] = []
    for published in PUBLISHED:
        atlas = str(published.atlas)
        part = part_of(catalog.places.download(published.atlas))
        if atlas in present:
            state = "imported"
        else:
            state = f"{human_bytes(part.stat().st_size)} downloaded" if part.exists() else ""
        size = human_bytes(published.bytes)
        rows.append((atlas, published.species, size, state, published.accession, published.md5))
    table(("id", "species", "size", "state", "GEO", "md5"), rows, right=(2,))


@click.command()
@click.argument("atlas", metavar="SPECIES/NAME")
@click.option("--url", default="", help="URL of the file. Default: the published URL.")
@click.option("--md5", default="", help="Expected checksum of the file. Default: the published checksum.")
@click.option(
    "--subset",
    type=click.IntRange(1),
    metavar="N",
    help="Import a random subset of N cells, stratified by cell type and sample.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed of the subset.")
@click.option("--modality", default="", metavar="NAME", help="Modality of an .h5mu file. Default: rna.")
@click.option("--keep", is_flag=True, help="Keep the file below downloads/ after the import.")
@click.option("--replace", is_flag=True, help="Replace an existing atlas with the same id.")
@click.pass_obj
def pull(
    context: Context,
    atlas: str,
    url: str,
    md5: str,
    subset: int | None,
    seed: int,
    modality: str,
    keep: bool,  # noqa: FBT001 - click passes flags by name
    replace: bool,  # noqa: FBT001
) -> None:
    """Download a published atlas and import it; its id is the last line of stdout.

    An interrupted download is resumed when the command is run again.
    """
    from core.ingest.remote.pull import PullRequest, pull
    from core.ingest.store_swap import recover
    from core.ingest.subset import Subset

    stop = Stop()
    species, _, name = atlas.partition("/")
    # The published name, with blanks, is accepted too.
    request = PullRequest(
        AtlasId.parse(f"{species}/{name_from(name)}" if name else atlas),
        url,
        md5,
        subset=None if subset is None else Subset(subset, seed),
        keep=keep,
        replace=replace,
        modality=modality,
    )
    data = context.writable_data()
    recover(data)
    progress, meter = Progress(), Meter()
    watched = stop.watched(progress)

    def report(step: str, fraction: float, n_bytes: tuple[int, int | None] | None = None) -> None:
        progress.detail = f" {meter.text(*n_bytes)}" if n_bytes else ""
        watched(step, fraction)

    try:
        found = pull(request, data, report, threads(context.settings), limit=context.settings.import_timeout)
    finally:
        progress.end()
    click.echo(str(found))


class Meter:
    """Rate and remaining time of a download.

    Parameters
    ----------
    clock
        Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def text(self, done: int, total: int | None) -> str:
        """Format progress as ``1.2 GB of 9.7 GB, 12.3 MB/s, 11 min left``, without the parts that are still unknown."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW_SECONDS and len(self._seen) > 2:  # noqa: PLR2004 - a rate takes two
            self._seen.popleft()
        parts = [human_bytes(done) if total is None else f"{human_bytes(done)} of {human_bytes(total)}"]
        since, before = self._seen[0]
        if now > since and done > before:
            rate = (done - before) / (now - since)
            parts.append(f"{human_bytes(round(rate))}/s")
            if total is not None:
                parts.append(f"{_duration((total - done) / rate)} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    return f"{minutes} min" if seconds < HOUR else f"{minutes // MINUTE} h {minutes % MINUTE} min"
