"""Small and medium atlases read into memory, and their first questions answered, before a server says that it is ready.

What is read is the page cache's: it needs no memory of the process, and the kernel takes it back for something better.
Only as many atlases are read as fit beside everything else, the smallest first; large ones are left to be read by
whoever asks. Then each is asked what its pages ask when they are opened, so that the first visitor finds the answers.
"""

from __future__ import annotations

import time
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.analysis.gene_across_atlases import GeneParams
from core.errors import AtlasError
from core.services.memoized import correlation_table, gene_by_cell_type, marker_table
from core.system.limits import memory_limit
from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas
    from core.services.container import Services

# Of the memory of the container, for all of them together; the rest is for what computes and for large atlases.
SHARE: Final = 0.4
# A server that takes longer is ready without the rest of them.
LONGEST: Final = 300.0
# An embedded cache takes a moment to start; answers that nobody keeps need not be computed.
CACHE_SECONDS: Final = 10.0
PAGE: Final = 4096
PIECE: Final = 64 << 20
POLL: Final = 0.1

log = logger(__name__)


class Preload:
    """Reads and asks, in the background, until it is done, takes too long or is told to stop.

    Parameters
    ----------
    services : whose atlases
    kernels : set as soon as they are compiled; nothing begins before
    limit : bytes that the atlases may take together; a share of the memory of the container unless given
    longest : seconds after which the rest is left
    clock : seconds that only grow
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
        """True when preloading is off, done, or was ended."""
        return self._done.is_set()

    def start(self) -> None:
        """Begin, where it is wanted."""
        if not self.over:
            # Ended in the middle of an atlas if need be, but not in the middle of a question.
            self._services.threads.start("preload", self._run, self._stopped.set)

    def status(self) -> dict[str, Any]:
        """Report the progress: ``off``, ``waiting``, ``loading``, ``ok`` or ``stopped``, and the numbers of atlases."""
        with self._lock:
            return dict(self._state)

    def _say(self, **more: object) -> None:
        with self._lock:
            self._state = {**self._state, **more}

    def _run(self) -> None:
        try:
            self._wait()
            self._load()
        except Exception:
            log.exception("the atlases could not be loaded beforehand")
            self._say(status="stopped")
        finally:
            self._done.set()

    def _wait(self) -> None:
        """Wait for the kernels, and for the cache as long as it is only about to start."""
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
        self._say(status="loading", done=0, of=len(chosen), left_out=len(manifests) - len(chosen))
        for at, manifest in enumerate(chosen):
            self._say(now=manifest.id)
            try:
                atlas = self._services.catalog.get(manifest.id)
                self._touch(atlas)
                self._ask(atlas)
            except AtlasError as error:
                log.warning("an atlas was not loaded beforehand", atlas=manifest.id, reason=error.message)
            if self._late():
                log.warning("not all atlases were loaded beforehand", done=at, of=len(chosen))
                self._say(status="stopped", now="")
                return
            self._say(done=at + 1)
        seconds = round(self._clock() - start, 1)
        self._say(status="ok", now="", seconds=seconds)
        log.info("atlases loaded beforehand", atlases=len(chosen), left_out=len(manifests) - len(chosen), s=seconds)

    def _touch(self, atlas: Atlas) -> None:
        """Read one byte of every page of the matrices."""
        for info in atlas.manifest.layers:
            layer = atlas.layer(info.name)
            for array in (layer.indptr, layer.indices, layer.data):
                pages = array.view(np.uint8)
                for begin in range(0, len(pages), PIECE):
                    if self._late():
                        return
                    pages[begin : begin + PIECE : PAGE].max()

    def _ask(self, atlas: Atlas) -> None:
        """Ask the questions of pages that are opened with nothing but the name of the atlas."""
        from core.views.correlation import state as correlation_state
        from core.views.markers import state as markers_state

        services, search = self._services, f"?atlas={atlas.id}"
        view, _ = correlation_state.resolve(services, search)
        marked, _ = markers_state.resolve(services, search)
        questions: list[Callable[[], object]] = []
        if view is not None and view.query.gene:
            params, gene = view.params, view.query.gene
            questions += [
                lambda: correlation_table(services, atlas, params),
                lambda: gene_by_cell_type(services, atlas, GeneParams(gene)),
            ]
        if marked is not None and marked.listed:
            questions.append(lambda: marker_table(services, atlas, marked.params))
        for question in questions:
            if self._late():
                return
            question()

    def _late(self) -> bool:
        return self._stopped.is_set() or self._clock() > self._end


def fitting(manifests: list[Manifest], limit: int) -> list[Manifest]:
    """Choose the atlases that take no more bytes together than a limit, the smallest first."""
    found: list[Manifest] = []
    for manifest in sorted(manifests, key=lambda each: each.bytes):
        limit -= manifest.bytes
        if limit < 0:
            break
        found.append(manifest)
    return found
