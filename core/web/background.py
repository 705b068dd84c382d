"""Background services of a server, from its start to its end: cache, metrics, monitoring and preloading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.monitoring.status_log import Monitor
from core.system.logs import logger
from core.system.threads import shared

if TYPE_CHECKING:
    from core.monitoring.metrics import Metrics
    from core.services.container import Services
    from core.web.preload import Preload

log = logger(__name__)


class Background:
    """Background services of one application; the caller of `start` must call `close`.

    Parameters
    ----------
    services : of the application
    preload : preloading of its atlases
    metrics : of the application; None if metrics are disabled
    """

    def __init__(self, services: Services, preload: Preload, metrics: Metrics | None) -> None:
        self._services = services
        self._preload = preload
        self._metrics = metrics

    def start(self) -> None:
        """Start all background services.

        Raises
        ------
        InvalidSettings
            The port of the metrics is in use.
        """
        settings, threads = self._services.settings, self._services.threads
        if self._metrics is not None:
            port, close = self._metrics.serve(settings.host, settings.metrics_port)
            threads.on_close(close)
            log.info("metrics", port=port)
        threads.on_close(self._services.cache.close)
        self._services.cache.start()
        Monitor(self._services).start()
        self._preload.start()

    def close(self) -> None:
        """Stop the background services in reverse order, and the resources shared by the process."""
        self._services.close()
        shared.close()
