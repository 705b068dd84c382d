"""Preloading of small and medium atlases before the server reports that it is ready.

Files are read into the page cache, which uses no memory of the process and can be reclaimed by the kernel. Atlases are
read from the smallest up, as long as they fit into a share of the memory; larger ones are read on first use. The
analyses that each page shows by default are then computed, so that the first visitor gets cached results.
"""

from __future__ import annotations

import time
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.analysis.gene_across_atlases import GeneParams
from core.errors import AtlasError
from core.services.memoized import answer
from core.system.limits import memory_limit
from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas
    from core.services.container import Services

# Share of the container's memory for all preloaded atlases; the rest is for computations and large atlases.
SHARE: Final = 0.4
# Time limit in seconds; the server then becomes ready without the remaining atlases.
LONGEST: Final = 300.0
# Time for the embedded cache to start: results computed before it is up would not be cached.
CACHE_SECONDS: Final = 10.0
PAGE: Final = 4096
PIECE: Final = 64 << 20
POLL: Final = 0.1

log = logger(__name__)


class Preload:
    """Background thread that preloads atlases until done, out of time or stopped.

    Parameters
    ----------
    services : of the application
    kernels : set once the kernels are compiled; preloading waits for it
    limit : bytes of all preloaded atlases together; a share of the memory of the container unless given
    longest : time limit in seconds
    clock : monotonic time in seconds
    """

    def __init__(
        self,
        services: Services,
        kernels: Event,
        limit: int | None = None,
        *,
        longest: float = LONGEST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._limit = int(memory_limit() * SHARE) if limit is None else limit
        self._longest = longest
        self._clock = clock
        self._stopped = Event()
        self._done = Event()
        self._lock = Lock()
        self._state: dict[str, Any] = {"status": "waiting"}
        self._kernels = kernels
        self._end = 0.0
        if not services.settings.preload_datasets:
            self._state = {"status": "off"}
            self._done.set()

    @property
    def over(self) -> bool:
        """Completion of preloading: done, stopped or turned off."""
        return self._done.is_set()

    def start(self) -> None:
        """Start the thread if preloading is turned on."""
        if not self.over:
            # Stopped even in the middle of an atlas, but not in the middle of a computation.
            self._services.threads.start("preload", self._run, self._stopped.set)

    def status(self) -> dict[str, Any]:
        """Return the status (``off``, ``waiting``, ``loading``, ``ok`` or ``stopped``) and numbers of atlases."""
        with self._lock:
            return dict(self._state)

    def _update(self, **more: object) -> None:
        with self._lock:
            self._state = {**self._state, **more}

    def _run(self) -> None:
        try:
            self._wait()
            self._load()
        except Exception:
            log.exception("preloading failed")
            self._update(status="stopped")
        finally:
            self._done.set()

    def _wait(self) -> None:
        """Wait for the kernels, and for the cache while it starts."""
        while not self._kernels.wait(POLL) and not self._stopped.is_set():
            pass
        end = self._clock() + CACHE_SECONDS
        cache = self._services.cache
        while cache.status()["status"] == "degraded" and self._clock() < end and not self._stopped.wait(POLL):
            pass

    def _load(self) -> None:
        start = self._clock()
        self._end = start + self._longest
        manifests = self._services.catalog.manifests()
        chosen = fitting(manifests, self._limit)
        self._update(status="loading", done=0, of=len(chosen), left_out=len(manifests) - len(chosen))
        for at, manifest in enumerate(chosen):
            self._update(now=manifest.id)
            try:
                atlas = self._services.catalog.get(manifest.id)
                self._touch(atlas)
                self._compute(atlas)
            except AtlasError as error:
                log.warning("atlas was not preloaded", atlas=manifest.id, reason=error.message)
            if self._late():
                log.warning("preloading stopped early", done=at, of=len(chosen))
                self._update(status="stopped", now="")
                return
            self._update(done=at + 1)
        seconds = round(self._clock() - start, 1)
        self._update(status="ok", now="", seconds=seconds)
        log.info("atlases preloaded", atlases=len(chosen), left_out=len(manifests) - len(chosen), s=seconds)

    def _touch(self, atlas: Atlas) -> None:
        """Read one byte of every page of the matrices."""
        for info in atlas.manifest.layers:
            layer = atlas.layer(info.name)
            for array in layer.arrays:
                pages = array.view(np.uint8)
                for begin in range(0, len(pages), PIECE):
                    if self._late():
                        return
                    pages[begin : begin + PIECE : PAGE].max()

    def _compute(self, atlas: Atlas) -> None:
        """Compute the results that the pages show for this atlas by default."""
        from core.views.correlation import state as correlation_state
        from core.views.markers import state as markers_state

        services, search = self._services, f"?atlas={atlas.id}"
        view, _ = correlation_state.resolve(services, search)
        marked, _ = markers_state.resolve(services, search)
        analyses: list[Callable[[], object]] = []
        if view is not None and view.query.gene:
            params, gene = view.params, view.query.gene
            analyses += [
                lambda: answer(services, atlas, params),
                lambda: answer(services, atlas, GeneParams(gene)),
            ]
        if marked is not None and marked.listed:
            analyses.append(lambda: answer(services, atlas, marked.params))
        for analysis in analyses:
            if self._late():
                return
            analysis()

    def _late(self) -> bool:
        return self._stopped.is_set() or self._clock() > self._end


def fitting(manifests: list[Manifest], limit: int) -> list[Manifest]:
    """Select atlases from the smallest up, until their bytes together would exceed the limit."""
    found: list[Manifest] = []
    for manifest in sorted(manifests, key=lambda each: each.bytes):
        limit -= manifest.bytes
        if limit < 0:
            break
        found.append(manifest)
    return found
