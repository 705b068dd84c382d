"""What every callback and route works with, made once by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.atlas.catalog import Catalog
from core.cache.cache import Cache
from core.compute.executor import workers
from core.genes.gene_set_library import GeneSets
from core.genes.orthologs import Orthologs, built_in, read_orthologs
from core.services.observer import Observer

if TYPE_CHECKING:
    from core.compute.executor import Workers
    from core.settings.settings import Settings


@dataclass(frozen=True)
class Services:
    """The settings, the catalogue, the orthologs, the cache, the workers and the mounted gene sets of one running app.

    `observer` is told of the questions that are answered.
    """

    settings: Settings
    catalog: Catalog
    orthologs: Orthologs
    cache: Cache
    workers: Workers
    gene_sets: GeneSets
    observer: Observer = field(default_factory=Observer)

    @classmethod
    def of(cls, settings: Settings, observer: Observer | None = None, own_workers: Workers | None = None) -> Services:
        """All of them. Nothing is started: that is `cache.start`, and who starts it closes it."""
        orthologs = read_orthologs(settings.orthologs) if settings.orthologs else built_in()
        return cls(
            settings,
            Catalog(settings.data_dir),
            orthologs,
            Cache(settings),
            own_workers or workers(settings),
            GeneSets(settings.gene_sets),
            observer or Observer(),
        )
