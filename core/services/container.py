"""Services of one application, made by `create_app` and handed to every callback and route."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.atlas.catalog import Catalog
from core.cache.cache import Cache
from core.compute.executor import open_workers
from core.genes.gene_set_library import GeneSets
from core.genes.orthologs import Orthologs, built_in, read_orthologs
from core.services.observer import Observer
from core.system.threads import Threads

if TYPE_CHECKING:
    from core.compute.executor import Workers
    from core.settings.settings import Settings


@dataclass(frozen=True)
class Services:
    """Services of one application; whoever makes them calls `close`.

    Attributes
    ----------
    settings, catalog, orthologs, cache, workers : of this application
    gene_sets : the sets of the mounted directory
    observer : notified of each question that is answered
    threads : owner of all that works in the background
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
        """Make the services of an application; threads are started by the first use, the cache by `cache.start`."""
        threads, workers = Threads(), open_workers(settings)
        threads.on_close(workers.close)
        orthologs = read_orthologs(settings.orthologs) if settings.orthologs else built_in()
        return cls(
            settings,
            Catalog(settings.data_dir),
            orthologs,
            Cache(settings),
            workers,
            GeneSets(settings.gene_sets),
            observer or Observer(),
            threads,
        )

    def close(self) -> None:
        """End all that works in the background for this application, the last that was started first."""
        self.threads.close()
