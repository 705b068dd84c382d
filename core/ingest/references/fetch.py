"""Fetching references by name: from pinned archives, or from their providers."""

from __future__ import annotations

import hashlib
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urljoin

import requests
from tenacity import wait_fixed

from core.errors import DownloadFailed, InvalidFile, NotFound
from core.genes.reference_store import directory
from core.ingest.durable_files import trouble_in_words
from core.ingest.references.archives import MAX_MEMBER, member, plain
from core.ingest.references.catalogue import BY_NAME, PACKAGE_LICENCES, RECIPES
from core.ingest.references.install import install
from core.ingest.remote.download import TIMEOUT, Wanted, download
from core.ingest.remote.packages import download_package

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.genes.reference_store import Reference
    from core.ingest.references.catalogue import Archived, Primary, Recipe
    from core.ingest.remote.packages import Package

    Report: TypeAlias = Callable[[str, float], None]
    Downloader: TypeAlias = Callable[[Package, Path], Path]

Origin: TypeAlias = Literal["archive", "primary", "auto"]
PAUSE: Final = wait_fixed(0.5)
# The largest file of a provider that is read has about 15 MB.
MAX_DOWNLOAD: Final = 256 << 20


def chosen(names: Sequence[str]) -> list[Recipe]:
    """Return the references of some names, or all that have a pinned archive if none is named.

    Raises
    ------
    NotFound
        There is none of that name.
    """
    if not names:
        return [recipe for recipe in RECIPES if recipe.archived]
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise NotFound(f"There is no reference {unknown[0]!r} to fetch.", f"Use one of {', '.join(BY_NAME)}.")
    return [BY_NAME[name] for name in dict.fromkeys(names)]


class Fetcher:
    """Fetches references to a data directory, each archive and each address once; a context manager.

    Parameters
    ----------
    data
        The data directory.
    report
        Called with the current step and the fraction of the whole that is done.
    get
        Downloads a package to a folder and returns the path of the archive.
    """

    def __init__(self, data: Path, report: Report, get: Downloader = download_package) -> None:
        self._data = data
        self._report = report
        self._get = get
        self._archives: dict[Package, Path] = {}
        self._files: dict[str, tuple[str, bytes]] = {}

    def __enter__(self) -> Fetcher:
        with trouble_in_words(self._data):
            directory(self._data).mkdir(parents=True, exist_ok=True)
            self._scratch = tempfile.TemporaryDirectory(prefix=".fetch-", dir=directory(self._data))
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.cleanup()

    def fetch(self, recipe: Recipe, fraction: float, origin: Origin = "auto") -> Reference:
        """Fetch one reference and install it.

        Raises
        ------
        DownloadFailed, Unavailable
            Neither archive nor provider can be reached.
        InvalidFile
            What came is damaged, or does not hold what it should.
        """
        if origin != "primary" and recipe.archived:
            return self._from_archive(recipe, recipe.archived, fraction)
        if origin != "archive" and recipe.primary:
            return self._from_provider(recipe, recipe.primary, fraction)
        other = "archive" if recipe.archived else "primary"
        raise NotFound(f"{recipe.title} cannot be fetched from there.", f"Use --from {other}.")

    def _from_archive(self, recipe: Recipe, archived: Archived, fraction: float) -> Reference:
        contents: list[bytes] = []
        for package, name in archived.members:
            if package not in self._archives:
                self._report(f"downloading {package}", fraction)
                self._archives[package] = self._get(package, Path(self._scratch.name))
            contents.append(member(self._archives[package], name))
        self._report(f"reading {recipe.name}", fraction)
        rows = archived.read(contents)
        if len(rows) != archived.expected:
            raise InvalidFile(f"{recipe.title}: {len(rows):,} rows instead of {archived.expected:,} were read.")
        packages = list(dict.fromkeys(package for package, _ in archived.members))
        source = " and ".join(f"{each} ({PACKAGE_LICENCES.get(each, 'licence not stated')})" for each in packages)
        return install(
            self._data,
            rows,
            {
                **_about(recipe), "source": source, "version": archived.version, "date": archived.date,
                "source_sha256": packages[0].sha256, "note": archived.note,
            },
        )  # fmt: skip

    def _from_provider(self, recipe: Recipe, primary: Primary, fraction: float) -> Reference:
        files = [self._file(url, primary.pattern, recipe.title, fraction) for url in primary.urls]
        self._report(f"reading {recipe.name}", fraction)
        try:
            rows = primary.read([content for _, content in files])
        except (KeyError, ValueError, StopIteration) as error:
            raise InvalidFile(f"{recipe.title}: the file of the provider has another layout ({error}).") from error
        if not rows:
            raise InvalidFile(f"{recipe.title}: the file of the provider holds nothing that can be read.")
        address, content = files[0]
        today = datetime.now(UTC).date().isoformat()
        dated = re.search(r"(\d{4})(\d{2})(\d{2})-gmt", address)
        return install(
            self._data,
            rows,
            {
                **_about(recipe), "source": address, "version": "-".join(dated.groups()) if dated else f"as of {today}",
                "date": "-".join(dated.groups()) if dated else today,
                "source_sha256": hashlib.sha256(content).hexdigest(), "note": primary.note,
            },
        )  # fmt: skip

    def _file(self, url: str, pattern: str, title: str, fraction: float) -> tuple[str, bytes]:
        """Return the address and the content of a file, which is downloaded once."""
        if url not in self._files:
            self._report(f"downloading {title}", fraction)
            address = _newest(url, pattern) if url.endswith("/") else url
            path = Path(self._scratch.name) / f"file-{len(self._files)}"
            try:
                download(Wanted(address, None, checked=False), path, _limited, lambda n: _limited(n, n), PAUSE)
            except DownloadFailed as error:
                raise DownloadFailed(f"{title} cannot be fetched: {error.message}", _REMEDY) from error
            self._files[url] = address, plain(path, MAX_MEMBER)
            path.unlink()
        return self._files[url]


_REMEDY: Final = "Try again from a machine that reaches it, or run: masldatlas references add FILE."


def _about(recipe: Recipe) -> dict[str, object]:
    return {
        "name": recipe.name, "title": recipe.title, "kind": recipe.kind, "family": recipe.family or recipe.name,
        "species": recipe.species, "licence": recipe.licence,
    }  # fmt: skip


def _limited(n_bytes: int, _total: int | None) -> None:
    if n_bytes > MAX_DOWNLOAD:
        raise DownloadFailed(f"The file is larger than {MAX_DOWNLOAD >> 20} MB.")


def _newest(url: str, pattern: str) -> str:
    """Return the address of the newest file of a listing whose name fits the pattern."""
    try:
        with requests.get(url, timeout=TIMEOUT, stream=True) as answer:
            answer.raise_for_status()
            listing = answer.raw.read(1 << 20, decode_content=True).decode("utf-8", "replace")
    except requests.RequestException as error:
        raise DownloadFailed(f"No list of files can be fetched from {url}.", _REMEDY) from error
    names = sorted(set(re.findall(pattern, listing)))
    if not names:
        raise DownloadFailed(f"The list at {url} names no file that is looked for.", _REMEDY)
    return urljoin(url, names[-1])
