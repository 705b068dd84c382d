"""Download and import of an atlas by its name: room, download, checksum, import."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from core.atlas.paths import AtlasId, Places
from core.errors import Conflict, InvalidFile, InvalidInput, StorageFull
from core.ingest.durable_files import trouble_in_words
from core.ingest.import_process import LIMIT, import_watched
from core.ingest.import_request import ImportRequest
from core.ingest.remote.download import BACKOFF, Wanted, discard, download, md5_of, part_of
from core.ingest.remote.zenodo import published

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tenacity.wait import wait_base

    from core.ingest.subset import Subset

_MD5 = re.compile(r"[0-9a-f]{32}")
# What a store and the work on it may take for each byte of a compressed file, and for each cell of a sample.
STORE_PER_BYTE = 3
STORE_PER_CELL = 150_000
# Where the work goes, as fractions of the whole.
DOWNLOADED, CHECKED = 0.70, 0.75


class PullReport(Protocol):
    """Report of each step, the fraction done, and the bytes received and expected of a download."""

    def __call__(self, step: str, fraction: float, n_bytes: tuple[int, int | None] | None = None) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class PullRequest:
    """Request of a user.

    `url` and `md5` stand in for those of a published atlas, which has both; any other needs at least the first.
    """

    atlas: AtlasId
    url: str = ""
    md5: str = ""
    subset: Subset | None = None
    keep: bool = False
    replace: bool = False
    modality: str = ""


def pull(
    request: PullRequest, data: Path, report: PullReport, threads: int, wait: wait_base = BACKOFF, limit: float = LIMIT
) -> AtlasId:
    """Download an atlas, check it and import it.

    Parameters
    ----------
    request
        Which one, and from where.
    data
        The data directory.
    report
        Called with how far it is.
    threads
        How many threads sort.
    wait
        The pauses between attempts to download.
    limit
        Seconds without progress after which the import is ended.

    Notes
    -----
    Interrupted or failed, the part that has come stays and is continued next time. A file whose checksum is wrong is
    deleted: there is nothing in it to continue from. One that cannot be imported stays, since the reason may be the
    disk. After the import it is deleted unless it is to be kept.

    Raises
    ------
    InvalidInput
        The address of the atlas is unknown, or the address or checksum is malformed.
    Conflict
        The id is taken and `replace` is not set, or another process pulls it.
    StorageFull
        The disk has no room.
    DownloadFailed
        The file cannot be fetched.
    InvalidFile
        Its checksum is wrong, or it cannot become an atlas.
    """
    wanted, md5 = _wanted(request)
    places = Places(data)
    if places.store(request.atlas).exists() and not request.replace:
        raise Conflict(f"The atlas {request.atlas} is here already.", "Give --replace to fetch it again.")
    path = places.download(request.atlas)
    with trouble_in_words(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        places.imports.mkdir(parents=True, exist_ok=True)
        with _only_puller(places, request.atlas):
            if wanted.n_bytes is not None:
                _check_room(path, wanted.n_bytes, request)
            download(
                wanted,
                path,
                lambda done, total: report(
                    "downloading", DOWNLOADED * min(1.0, done / (total or done or 1)), (done, total)
                ),
                lambda total: _check_room(path, total, request),
                wait,
            )
            if md5:
                found = md5_of(path, lambda done: report("checking", DOWNLOADED + (CHECKED - DOWNLOADED) * done))
                if found != md5:
                    discard(path)
                    raise InvalidFile(
                        f"The file of {request.atlas} has the MD5 {found} instead of {md5}; it was deleted.",
                        "Pull it again, or from another place with --url.",
                    )
            known = published(request.atlas)
            atlas = import_watched(
                ImportRequest(
                    path=path,
                    species=request.atlas.species,
                    name=request.atlas.name,
                    title=known.title if known else None,
                    citation=known.citation if known else None,
                    replace=request.replace,
                    subset=request.subset,
                    modality=request.modality,
                ),
                data,
                lambda step, done: report(step, CHECKED + (1 - CHECKED) * done),
                threads,
                limit,
            )
            if not request.keep:
                discard(path)
    return atlas


def _wanted(request: PullRequest) -> tuple[Wanted, str]:
    """Return the address to fetch, and the expected MD5; empty when it is unknown."""
    known = published(request.atlas)
    url, md5 = request.url or (known.url if known else ""), request.md5.lower() or (known.md5 if known else "")
    if not url:
        raise InvalidInput(
            f"{request.atlas} is not among the published atlases.",
            "Give its address with --url, or see `masldatlas datasets available`.",
        )
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput("The --url is not a web address.", "Write --url https://HOST/FILE.h5ad.")
    if md5 and not _MD5.fullmatch(md5):
        raise InvalidInput(f"{request.md5[:60]!r} is not an MD5.", "Write its 32 hexadecimal digits.")
    is_published = known is not None and md5 == known.md5
    return Wanted(url, known.bytes if known is not None and is_published else None, checked=bool(md5)), md5


def _check_room(path: Path, total: int, request: PullRequest) -> None:
    """Refuse what the disk cannot hold: what is still to come, and an estimate of the store."""
    there = max((each.stat().st_size for each in (path, part_of(path)) if each.exists()), default=0)
    store = STORE_PER_BYTE * total
    if request.subset is not None:
        store = min(store, STORE_PER_CELL * request.subset.n)
    needed, free = max(0, total - there) + store, shutil.disk_usage(path.parent).free
    if free < needed:
        raise StorageFull(
            f"Pulling {request.atlas} may need {needed / 1e9:,.1f} GB in {path.parent} "
            f"({total / 1e9:,.1f} GB of it the file), and {free / 1e9:,.1f} GB are free.",
            "Free some space, choose another --data-dir, or take a sample with --subset.",
        )


@contextmanager
def _only_puller(places: Places, atlas: AtlasId) -> Generator[None]:
    try:
        with FileLock(places.imports / f"{atlas.species}__{atlas.name}.pull.lock", timeout=0):
            yield
    except Timeout as error:
        raise Conflict(f"Another process is pulling {atlas} right now.", "Wait for it.") from error
