"""Gauges of the application state, read at each scrape."""

from __future__ import annotations

import platform
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from core import __version__
from core.atlas.import_state import Phase
from core.compute.admission import admission
from core.monitoring.probe import probe
from core.monitoring.status_log import Maps, disks
from core.system import memory
from core.system.limits import cpu_count, memory_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric

    from core.monitoring.visitors import Viewers
    from core.services.container import Services

PREFIX = "masldatlas_"


class StateCollector(Collector):
    """Collector of the state of one application.

    Parameters
    ----------
    services : of the application
    viewers : recent visitors
    ready : returns the readiness that ``/readyz`` reports
    """

    def __init__(self, services: Services, viewers: Viewers, ready: Callable[[], bool]) -> None:
        self._services = services
        self._viewers = viewers
        self._ready = ready
        self._maps = Maps(services)

    def describe(self) -> Iterator[Metric]:
        """Describe no metrics in advance; `collect` determines them at each scrape."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield all gauges and the counters of the cache."""
        yield _gauge("build_info", "Version of MASLDatlas and Python", ("version", "python"), {_build(): 1})
        yield _gauge("ready", "Readiness as reported by /readyz: 1 if ready", (), {(): int(self._ready())})
        yield _gauge("active_viewers", "Visitors during the last five minutes", (), {(): self._viewers.count()})
        yield _gauge("threads", "Threads of the process", (), {(): threading.active_count()})
        yield _gauge("cpus", "CPUs available to the process", (), {(): cpu_count()})
        yield from self._memory()
        yield from self._atlases()
        yield from self._cache()
        yield from self._probe()
        control = admission()
        yield _gauge(
            "heavy_questions",
            "Heavy computations under admission control, running or waiting in the queue",
            ("state",),
            {("running",): control.running, ("waiting",): control.waiting},
        )
        yield _gauge("export_queue", "Figures waiting for the browser that renders them", (), {(): figures_waiting()})

    def _probe(self) -> Iterator[Metric]:
        age = probe.age()
        if age is not None:
            yield _gauge("probe_age_seconds", "Time since the server last answered its own /healthz", (), {(): age})
            yield _gauge("probe_seconds", "Duration of the last such answer", (), {(): probe.seconds})

    def _memory(self) -> Iterator[Metric]:
        yield _gauge("memory_limit_bytes", "Memory limit of the container", (), {(): memory_limit()})
        yield _gauge(
            "memory_used_bytes",
            "Memory in use that cannot be reclaimed, including tmpfs and other processes of the container",
            (),
            {(): memory.used()},
        )
        found = disks(self._services)
        sizes = {(place,): size for place, (size, _) in found.items()}
        free = {(place,): left for place, (_, left) in found.items()}
        yield _gauge("disk_size_bytes", "Size of the file system", ("place",), sizes)
        yield _gauge("disk_free_bytes", "Free space of the file system", ("place",), free)

    def _atlases(self) -> Iterator[Metric]:
        catalog = self._services.catalog
        states = {("readable",): len(catalog.manifests()), ("broken",): len(catalog.broken())}
        yield _gauge("atlases", "Atlases on disk, by state", ("state",), states)
        found = self._maps.now()
        mapped = {(name,): size.mapped for name, size in found.items()}
        resident = {(name,): size.resident for name, size in found.items()}
        yield _gauge("atlas_mapped_bytes", "Memory-mapped bytes of an atlas", ("dataset",), mapped)
        yield _gauge(
            "atlas_resident_bytes",
            "Memory-mapped bytes of an atlas that are resident in memory",
            ("dataset",),
            resident,
        )
        yield _gauge("atlases_loaded", "Atlases with memory-mapped files", (), {(): len(found)})
        phases = Counter(state.phase for state in catalog.imports())
        imports = {(phase,): phases[phase] for phase in get_args(Phase) if phase != "removed"}
        yield _gauge("imports", "Imports, by phase", ("phase",), imports)

    def _cache(self) -> Iterator[Metric]:
        status = self._services.cache.status()
        if self._services.settings.correlation_cache:
            yield _gauge(
                "cache_up", "Availability of the cache: 1 if it responds", (), {(): int(status["status"] == "ok")}
            )
        counts = dict(status["counters"])
        stored = CounterMetricFamily(
            f"{PREFIX}cache_stored_bytes", "Bytes of results stored in the cache", counts.pop("stored_bytes")
        )
        events = CounterMetricFamily(
            f"{PREFIX}cache_events",
            "Cache events by type; a wait is for a concurrent identical request",
            labels=["event"],
        )
        for name, n in counts.items():
            events.add_metric([name], n)
        yield stored
        yield events


def figures_waiting() -> int:
    """Return the number of figures waiting for the browser, without importing the browser module."""
    waiting: Callable[[], int] | None = getattr(sys.modules.get("core.export.browser"), "waiting", None)
    return waiting() if waiting else 0


def _build() -> tuple[str, str]:
    return __version__, platform.python_version()


def _gauge(
    name: str, description: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}{name}", description, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family
