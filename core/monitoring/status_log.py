"""State of this process: memory, mapped atlases, disks. For the metrics, and as a line of the log now and then."""

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

# Of a store that was removed while it was mapped.
UNKNOWN = "other"

log = logger(__name__)


class Maps:
    """The mapped bytes of each atlas, looked up at most once in an interval: Linux walks all pages to count them."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._lock = Lock()
        self._found: dict[str, Mapped] = {}
        self._again = clock()

    def now(self) -> dict[str, Mapped]:
        """Return the mapped bytes by the id of the atlas; empty when the operating system does not tell."""
        with self._lock:
            if self._clock() >= self._again:
                self._found = mapped_atlases(self._services)
                self._again = self._clock() + self._services.settings.monitoring_interval
            return self._found


def mapped_atlases(services: Services) -> dict[str, Mapped]:
    """Measure the mapped bytes of each atlas now."""
    known = set(services.catalog.ids())
    found: dict[str, Mapped] = {}
    atlases = services.catalog.places.atlases
    for path, this in memory.mapped_files(atlases).items():
        name = "/".join(path.relative_to(atlases).parts[:2])
        key = name if name in known else UNKNOWN
        found[key] = found.get(key, Mapped()) + this
    return found


def disks(services: Services) -> dict[str, tuple[int, int]]:
    """Size and free bytes of the file systems of the data directory and of temporary files (in a container, tmpfs)."""
    places = {"data": services.settings.data_dir, "temporary": Path(tempfile.gettempdir())}
    found: dict[str, tuple[int, int]] = {}
    for name, place in places.items():
        if place.exists():
            usage = shutil.disk_usage(place)
            found[name] = (usage.total, usage.free)
    return found


class Monitor:
    """Writes a line into the log every `monitoring_interval` seconds, where `monitoring_enabled` asks for it.

    For servers that no Prometheus looks at.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = Event()

    def start(self) -> None:
        """Begin."""
        if self._services.settings.monitoring_enabled:
            self._services.threads.start("monitoring", self._run, self._stopped.set)

    def _run(self) -> None:
        while not self._stopped.wait(self._services.settings.monitoring_interval):
            try:
                write_line(self._services)
            except Exception:
                # The next look may succeed: a disk that is away for a moment, a store that is being replaced.
                log.exception("the state cannot be told")


def write_line(services: Services) -> None:
    """Log the state of this process in one line."""
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
