"""What every callback and route works with, made once by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.cache import Cache
from core.catalog import Catalog
from core.gmt import GeneSets
from core.orthologs import read_orthologs
from core.parallel import workers

if TYPE_CHECKING:
    from core.parallel import Workers
    from core.settings import Settings


@dataclass(frozen=True)
class Services:
    """The settings, the catalogue, the cache, the workers and the mounted gene sets of one running app."""

    settings: Settings
    catalog: Catalog
    cache: Cache
    workers: Workers
    gene_sets: GeneSets

    @classmethod
    def of(cls, settings: Settings) -> Services:
        """All of them. Nothing is started: that is `cache.start`, and who starts it closes it."""
        orthologs = read_orthologs(settings.orthologs) if settings.orthologs else None
        return cls(
            settings,
            Catalog(settings.data_dir, orthologs),
            Cache(settings),
            workers(settings),
            GeneSets(settings.gene_sets),
        )
