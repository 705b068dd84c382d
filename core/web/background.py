"""Background services of a server, from its start to its end: cache, metrics, monitoring and preloading."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from core.monitoring.status_log import Monitor
from core.system.logs import logger

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
        self._ends = ExitStack()

    def start(self) -> None:
        """Start all background services.

        Raises
        ------
        InvalidSettings
            The port of the metrics is in use.
        """
        settings = self._services.settings
        if self._metrics is not None:
            port, close = self._metrics.serve(settings.host, settings.metrics_port)
            self._ends.callback(close)
            log.info("metrics", port=port)
        self._ends.callback(self._services.cache.close)
        self._services.cache.start()
        monitor = Monitor(self._services)
        self._ends.callback(monitor.close)
        monitor.start()
        self._ends.callback(self._preload.stop)
        self._preload.start()

    def close(self) -> None:
        """Stop the background services in reverse order."""
        self._ends.close()
