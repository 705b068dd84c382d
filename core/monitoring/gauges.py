"""The gauges of the metrics: read from where the state is, at the moment when Prometheus asks."""

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
    """The state of one app.

    Parameters
    ----------
    services : of the app
    viewers : who looks at it
    ready : whether it can do its work
    """

    def __init__(self, services: Services, viewers: Viewers, ready: Callable[[], bool]) -> None:
        self._services = services
        self._viewers = viewers
        self._ready = ready
        self._maps = Maps(services)

    def describe(self) -> Iterator[Metric]:
        """Describe no metric in advance: collectors are read when Prometheus asks."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        yield _gauge("build_info", "The version that runs", ("version", "python"), {_build(): 1})
        yield _gauge("ready", "Whether it can do its work, as /readyz says", (), {(): int(self._ready())})
        yield _gauge("active_viewers", "Visitors of the last five minutes", (), {(): self._viewers.count()})
        yield _gauge("threads", "Threads of the process", (), {(): threading.active_count()})
        yield _gauge("cpus", "Processors that this process may use", (), {(): cpu_count()})
        yield from self._memory()
        yield from self._atlases()
        yield from self._cache()
        inside = admission()
        yield _gauge(
            "heavy_questions",
            "Questions that compute now, and those that wait for it",
            ("state",),
            {("running",): inside.running, ("waiting",): inside.waiting},
        )
        yield _gauge("export_queue", "Figures that wait for the browser that draws them", (), {(): figures_waiting()})

    def _memory(self) -> Iterator[Metric]:
        yield _gauge("memory_limit_bytes", "Memory that this container may take", (), {(): memory_limit()})
        yield _gauge(
            "memory_used_bytes",
            "Memory that cannot be given back, tmpfs and other processes of the container included",
            (),
            {(): memory.used()},
        )
        found = disks(self._services)
        sizes = {(place,): size for place, (size, _) in found.items()}
        free = {(place,): left for place, (_, left) in found.items()}
        yield _gauge("disk_size_bytes", "Size of the file system of a place", ("place",), sizes)
        yield _gauge("disk_free_bytes", "Room left on the file system of a place", ("place",), free)

    def _atlases(self) -> Iterator[Metric]:
        catalog = self._services.catalog
        states = {("readable",): len(catalog.manifests()), ("broken",): len(catalog.broken())}
        yield _gauge("atlases", "Atlases on the disk", ("state",), states)
        found = self._maps.now()
        mapped = {(name,): this.mapped for name, this in found.items()}
        resident = {(name,): this.resident for name, this in found.items()}
        yield _gauge("atlas_mapped_bytes", "Bytes of an atlas that are mapped", ("dataset",), mapped)
        yield _gauge("atlas_resident_bytes", "Those of them that lie in memory now", ("dataset",), resident)
        yield _gauge("atlases_loaded", "Atlases that have files mapped", (), {(): len(found)})
        phases = Counter(state.phase for state in catalog.imports())
        imports = {(phase,): phases[phase] for phase in get_args(Phase) if phase != "removed"}
        yield _gauge("imports", "Imports that wait, run or have failed", ("phase",), imports)

    def _cache(self) -> Iterator[Metric]:
        said = self._services.cache.status()
        if self._services.settings.correlation_cache:
            yield _gauge("cache_up", "Whether the cache answers", (), {(): int(said["status"] == "ok")})
        counts = dict(said["counters"])
        stored = CounterMetricFamily(
            f"{PREFIX}cache_stored_bytes", "Bytes of answers that were put into the cache", counts.pop("stored_bytes")
        )
        events = CounterMetricFamily(
            f"{PREFIX}cache_events",
            "What happened in the cache; a wait is for another one who computes the same",
            labels=["event"],
        )
        for name, n in counts.items():
            events.add_metric([name], n)
        yield stored
        yield events


def figures_waiting() -> int:
    """Return the length of the queue before the browser, without importing the browser before the first figure."""
    waiting: Callable[[], int] | None = getattr(sys.modules.get("core.export.browser"), "waiting", None)
    return waiting() if waiting else 0


def _build() -> tuple[str, str]:
    return __version__, platform.python_version()


def _gauge(
    name: str, words: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}{name}", words, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family
