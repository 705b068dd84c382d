"""Workers of an application or a command, as the settings say: threads of this process, or a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.compute.executor import Workers
from core.system.limits import threads
from core.system.threads import pool

if TYPE_CHECKING:
    from core.settings.settings import Settings


def open_workers(settings: Settings) -> Workers:
    """Open the workers; the caller closes them.

    Raises
    ------
    InvalidSettings
        A cluster is set, but its client is not installed.
    """
    n = threads(settings)
    if settings.dask_scheduler is None:
        return Workers(pool("genes", n))
    from core.compute.dask_cluster import DaskWorkers

    return DaskWorkers(pool("genes", n), settings.dask_scheduler)
