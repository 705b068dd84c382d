"""``masldatlas datasets available`` and ``pull``: the published atlases."""

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

# The rate is that of the last seconds: a line that was slow an hour ago tells nothing about now.
WINDOW_SECONDS = 10.0
MINUTE, HOUR = 60, 3_600


@click.command()
@click.pass_obj
def available(context: Context) -> None:
    """List the published atlases, and which of them are here."""
    from core.ingest.remote.download import part_of

    catalog = Catalog(context.settings.data_dir)
    here = set(catalog.ids())
    rows: list[tuple[str, ...]] = []
    for it in PUBLISHED:
        part = part_of(catalog.places.download(it.atlas))
        state = "here" if str(it.atlas) in here else f"{human_bytes(part.stat().st_size)} come" if part.exists() else ""
        rows.append((str(it.atlas), it.species, human_bytes(it.bytes), state, it.accession, it.md5))
    table(("id", "species", "size", "state", "GEO", "md5"), rows, right=(2,))


@click.command()
@click.argument("atlas", metavar="SPECIES/NAME")
@click.option("--url", default="", help="Another place to fetch it from. Default: where it is published.")
@click.option("--md5", default="", help="The checksum that the file must have. Default: the published one.")
@click.option("--subset", type=click.IntRange(1), metavar="N", help="Only N cells, drawn by cell type and sample.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="One seed draws the same cells.")
@click.option("--keep", is_flag=True, help="Keep the file below downloads/ once it is imported.")
@click.option("--replace", is_flag=True, help="Replace an atlas of the same id.")
@click.pass_obj
def pull(
    context: Context,
    atlas: str,
    url: str,
    md5: str,
    subset: int | None,
    seed: int,
    keep: bool,  # noqa: FBT001 - click passes flags by name
    replace: bool,  # noqa: FBT001
) -> None:
    """Download a published atlas and import it; its id is the last line of stdout.

    Interrupted, it goes on where it was when it is called again.
    """
    from core.ingest.remote.pull import PullRequest, pull
    from core.ingest.store_swap import recover
    from core.ingest.subset import Subset

    stop = Stop()
    species, _, name = atlas.partition("/")
    # A name may be written as it is published, with blanks.
    request = PullRequest(
        AtlasId.parse(f"{species}/{name_from(name)}" if name else atlas),
        url,
        md5,
        subset=None if subset is None else Subset(subset, seed),
        keep=keep,
        replace=replace,
    )
    data = context.writable_data()
    recover(data)
    progress, meter = Progress(), Meter()
    watched = stop.watched(progress)

    def report(step: str, fraction: float, n_bytes: tuple[int, int | None] | None = None) -> None:
        progress.detail = f" {meter.words(*n_bytes)}" if n_bytes else ""
        watched(step, fraction)

    try:
        found = pull(request, data, report, threads(context.settings))
    finally:
        progress.end()
    click.echo(str(found))


class Meter:
    """How fast a download goes, and how long it will take.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def words(self, done: int, total: int | None) -> str:
        """``1.2 GB of 9.7 GB, 12.3 MB/s, 11 min left``; what is not known yet is left out."""
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
