"""What every callback and route works with, made once by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.cache import Cache
from core.catalog import Catalog
from core.gmt import GeneSets
from core.observer import Observer
from core.orthologs import read_orthologs
from core.parallel import workers

if TYPE_CHECKING:
    from core.parallel import Workers
    from core.settings import Settings


@dataclass(frozen=True)
class Services:
    """The settings, the catalogue, the cache, the workers and the mounted gene sets of one running app.

    `observer` is told of the questions that are answered.
    """

    settings: Settings
    catalog: Catalog
    cache: Cache
    workers: Workers
    gene_sets: GeneSets
    observer: Observer = field(default_factory=Observer)

    @classmethod
    def of(cls, settings: Settings, observer: Observer | None = None) -> Services:
        """All of them. Nothing is started: that is `cache.start`, and who starts it closes it."""
        orthologs = read_orthologs(settings.orthologs) if settings.orthologs else None
        return cls(
            settings,
            Catalog(settings.data_dir, orthologs),
            Cache(settings),
            workers(settings),
            GeneSets(settings.gene_sets),
            observer or Observer(),
        )
