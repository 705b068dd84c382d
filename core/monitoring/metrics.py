"""What Prometheus may ask: counters of what happened, and gauges that are read when it asks.

Each `Metrics` has a registry of its own, so that two apps in one process, or two tests, do not count into each other.
What every web application has, requests and their seconds, prometheus-flask-exporter counts into that registry, set up
by `core.web.request_metrics`. What only this one has is counted here: questions, atlases, callbacks, kinds of errors.
Labels come from lists of this program (its routes, pages, callbacks, atlases, errors), never from what a visitor sent.
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
    """The metrics of one app.

    Parameters
    ----------
    registry : where they are registered; a new one unless given
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        # When a series began is of no use to anybody here, and would double their number.
        disable_created_metrics()
        self.registry = registry or CollectorRegistry()
        self.viewers = Viewers()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._callbacks = Histogram(
            "callback_seconds",
            "Seconds of a callback of a page; one that fails answers 200, and is counted here as failed",
            ("callback", "outcome"),
            namespace=PREFIX,
            buckets=SECONDS,
            registry=self.registry,
        )
        self._correlations = Histogram(
            "correlation_seconds",
            "Seconds of one gene against all others, by method and whether the answer was in the cache",
            ("method", "cache"),
            namespace=PREFIX,
            buckets=CORRELATION_SECONDS,
            registry=self.registry,
        )
        self._errors = self._counter("errors", "Errors by kind, and where they happened", ("where", "kind"))
        self._questions = self._counter("questions", "Questions answered by the core", ("service", "cache"))
        self._datasets = self._counter("dataset_questions", "Questions answered, by atlas", ("dataset",))
        self._values = self._counter("computed_values", "Genes times cells that correlations were computed from", ())

    def watch(self, services: Services, ready: Callable[[], bool]) -> None:
        """Read the state of these services whenever Prometheus asks."""
        self.registry.register(StateCollector(services, self.viewers, ready))

    def asked(self, question: ServiceCall) -> None:
        """A question was answered by the core."""
        cache = "hit" if question.hit else "computed"
        self._questions.labels(question.service, cache).inc()
        self._datasets.labels(question.dataset).inc()
        if question.method:
            self._correlations.labels(question.method, cache).observe(question.seconds)
        self._values.inc(question.n_values)

    def called(self, callback: str, outcome: Outcome, seconds: float) -> None:
        """A callback was answered."""
        self._callbacks.labels(callback, outcome).observe(seconds)

    def failed(self, where: str, kind: str) -> None:
        """There was an error."""
        self._errors.labels(where, kind).inc()

    def serve(self, host: str, port: int) -> tuple[int, Callable[[], None]]:
        """Answer Prometheus on a port of its own, which no proxy leads to; the port, and what ends it.

        Raises
        ------
        InvalidSettings
            Nobody can listen there.
        """
        try:
            server, thread = start_http_server(port, addr=host, registry=self.registry)
        except OSError as error:
            raise InvalidSettings(
                f"The metrics cannot be served at {host}:{port} ({(error.strerror or str(error)).lower()}).",
                "Choose another MASLDATLAS_METRICS_PORT.",
            ) from error

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return server.server_port, close

    def _counter(self, name: str, words: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, words, labels, namespace=PREFIX, registry=self.registry)
