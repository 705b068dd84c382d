"""Resources of the process, for the metrics and a periodic log line: memory, mapped atlases, disks."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from core.system import memory
from core.system.limits import memory_limit
from core.system.logs import logger
from core.system.memory import Mapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.services.container import Services

# Name for the files of a store that was removed while mapped.
UNKNOWN = "other"

log = logger(__name__)


class Maps:
    """Mapped bytes of each atlas, measured at most once per monitoring interval: the kernel walks all pages for it."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._lock = Lock()
        self._found: dict[str, Mapped] = {}
        self._again = clock()

    def now(self) -> dict[str, Mapped]:
        """Return the mapped bytes by id of the atlas; empty if the operating system does not report them."""
        with self._lock:
            if self._clock() >= self._again:
                self._found = mapped_atlases(self._services)
                self._again = self._clock() + self._services.settings.monitoring_interval
            return self._found


def mapped_atlases(services: Services) -> dict[str, Mapped]:
    """Measure the mapped bytes of each atlas."""
    known = set(services.catalog.ids())
    found: dict[str, Mapped] = {}
    atlases = services.catalog.places.atlases
    for path, mapped in memory.mapped_files(atlases).items():
        name = "/".join(path.relative_to(atlases).parts[:2])
        key = name if name in known else UNKNOWN
        found[key] = found.get(key, Mapped()) + mapped
    return found


def disks(services: Services) -> dict[str, tuple[int, int]]:
    """Return size and free bytes of the file systems of the data directory and of temporary files."""
    places = {"data": services.settings.data_dir, "temporary": Path(tempfile.gettempdir())}
    found: dict[str, tuple[int, int]] = {}
    for name, place in places.items():
        if place.exists():
            usage = shutil.disk_usage(place)
            found[name] = (usage.total, usage.free)
    return found


class Monitor:
    """Thread that logs the state every `monitoring_interval` seconds if `monitoring_enabled` is set.

    Intended for servers without Prometheus.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = Event()

    def start(self) -> None:
        """Start the thread if monitoring is enabled."""
        if self._services.settings.monitoring_enabled:
            self._services.threads.start("monitoring", self._run, self._stopped.set)

    def _run(self) -> None:
        while not self._stopped.wait(self._services.settings.monitoring_interval):
            try:
                write_line(self._services)
            except Exception:
                # The next attempt may succeed: a disk was unmounted briefly, or a store is being replaced.
                log.exception("state could not be read")


def write_line(services: Services) -> None:
    """Log the current memory, mapped atlases, threads and cache counters."""
    atlases = mapped_atlases(services)
    total = sum(atlases.values(), Mapped())
    log.info(
        "state",
        memory_used=memory.used(),
        memory_limit=memory_limit(),
        atlases_mapped=len(atlases),
        mapped=total.mapped,
        resident=total.resident,
        threads=threading.active_count(),
        **{f"cache_{name}": n for name, n in services.cache.counters.items() if n},
    )
