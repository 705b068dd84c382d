"""Services shared by all callbacks and routes, created once by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from core.atlas.catalog import Catalog
from core.cache.cache import Cache
from core.compute.workers import open_workers
from core.genes.aliases import other_name
from core.genes.gene_set_library import GeneSets
from core.genes.orthologs import FetchedOrthologs, Orthologs, read_rows
from core.services.observer import Observer
from core.system.threads import Threads

if TYPE_CHECKING:
    from core.compute.executor import Workers
    from core.settings.settings import Settings


@dataclass(frozen=True)
class Services:
    """Settings, catalogue, orthologs, cache, workers and mounted gene sets of one application.

    `observer` records each analysis that is answered; `threads` owns all background work. The caller of `of` must call
    `close`.
    """

    settings: Settings
    catalog: Catalog
    orthologs: Orthologs
    cache: Cache
    workers: Workers
    gene_sets: GeneSets
    observer: Observer = field(default_factory=Observer)
    threads: Threads = field(default_factory=Threads)

    @classmethod
    def of(cls, settings: Settings, observer: Observer | None = None) -> Services:
        """Create the services without starting the cache; the caller runs `cache.start` and `cache.close`."""
        threads, workers = Threads(), open_workers(settings)
        threads.on_close(workers.close)
        orthologs = FetchedOrthologs(settings.data_dir, read_rows(settings.orthologs) if settings.orthologs else ())
        return cls(
            settings,
            Catalog(settings.data_dir, partial(other_name, orthologs.names)),
            orthologs,
            Cache(settings),
            workers,
            GeneSets(settings.gene_sets),
            observer or Observer(),
            threads,
        )

    def close(self) -> None:
        """Stop all background work of this application, in reverse order."""
        self.threads.close()
