"""Prometheus metrics: counters and histograms of events, and gauges read at each scrape.

Each `Metrics` has its own registry, so that two applications in one process, or two tests, count separately.
prometheus-flask-exporter, set up by `core.web.request_metrics`, counts and times the requests in that registry. The
metrics specific to MASLDatlas are counted here: analyses, atlases, callbacks, kinds of errors. Labels come from fixed
lists (routes, pages, callbacks, atlases, errors), never from the content of a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from core.errors import InvalidSettings
from core.monitoring.gauges import StateCollector
from core.monitoring.visitors import Viewers
from core.services.observer import Observer, ServiceCall

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from core.services.container import Services

    Outcome = Literal["ok", "refused", "failed"]

PREFIX: Final = "masldatlas"
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
CORRELATION_SECONDS: Final = (0.001, 0.0025, *SECONDS)


class Metrics(Observer):
    """Metrics of one application.

    Parameters
    ----------
    registry : of all metrics; a new one unless given
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        # The creation time of each series is not used, and would double the number of series.
        disable_created_metrics()
        self.registry = registry or CollectorRegistry()
        self.viewers = Viewers()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._callbacks = Histogram(
            "callback_seconds",
            "Duration of the callbacks of pages in seconds; a failed callback has HTTP status 200 and outcome failed",
            ("callback", "outcome"),
            namespace=PREFIX,
            buckets=SECONDS,
            registry=self.registry,
        )
        self._correlations = Histogram(
            "correlation_seconds",
            "Duration of the correlation of one gene with all others in seconds, by method and cache status",
            ("method", "cache"),
            namespace=PREFIX,
            buckets=CORRELATION_SECONDS,
            registry=self.registry,
        )
        self._errors = self._counter("errors", "Errors, by kind and kind of request", ("where", "kind"))
        self._questions = self._counter(
            "questions", "Analyses answered, by service and cache status", ("service", "cache")
        )
        self._datasets = self._counter("dataset_questions", "Analyses answered, by atlas", ("dataset",))
        self._values = self._counter("computed_values", "Expression values read by correlations: genes times cells", ())

    def watch(self, services: Services, ready: Callable[[], bool]) -> None:
        """Report the state of these services at each scrape."""
        self.registry.register(StateCollector(services, self.viewers, ready))

    def record(self, call: ServiceCall) -> None:
        """Count an analysis."""
        cache = "hit" if call.hit else "computed"
        self._questions.labels(call.service, cache).inc()
        self._datasets.labels(call.dataset).inc()
        if call.method:
            self._correlations.labels(call.method, cache).observe(call.seconds)
        self._values.inc(call.n_values)

    def record_callback(self, callback: str, outcome: Outcome, seconds: float) -> None:
        """Count a callback and its duration."""
        self._callbacks.labels(callback, outcome).observe(seconds)

    def record_error(self, where: str, kind: str) -> None:
        """Count an error."""
        self._errors.labels(where, kind).inc()

    def serve(self, host: str, port: int) -> tuple[int, Callable[[], None]]:
        """Serve the metrics on a separate port, which no proxy exposes; return the port and a function that stops it.

        Raises
        ------
        InvalidSettings
            The server cannot listen on this port.
        """
        try:
            server, thread = start_http_server(port, addr=host, registry=self.registry)
        except OSError as error:
            raise InvalidSettings(
                f"The metrics server cannot listen on {host}:{port} ({(error.strerror or str(error)).lower()}).",
                "Set MASLDATLAS_METRICS_PORT to another port.",
            ) from error

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return server.server_port, close

    def _counter(self, name: str, description: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, description, labels, namespace=PREFIX, registry=self.registry)
