"""Computation on a Dask cluster whose workers see the same disk; threads of this process where the cluster fails.

A block is computed by the same kernels wherever it runs, so results are equal to the last bit. Dask runs the blocks of
a worker that dies on another one. Whatever else goes wrong on the cluster is logged, and threads answer the question.
"""

from __future__ import annotations

from asyncio import CancelledError
from importlib.util import find_spec
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core.compute import abandonment
from core.compute.executor import BLOCKS, Workers, address_of, balanced, run_block
from core.errors import InvalidSettings
from core.system.logs import logger
from core.system.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from distributed import Client, Future

    from core.atlas.store import Atlas, Layer

Result = TypeVar("Result")
# Seconds between two looks at the scheduler.
WATCH: Final = 2.0
# Seconds for a connection to the scheduler. The first question waits for the first attempt.
CONNECT: Final = 5.0
# Seconds for a task to reach all workers, which import what it needs the first time.
SEND: Final = 30.0
# Workers that may die under one block before the block is given up.
RETRIES: Final = 3

log = logger(__name__)


class _ClusterFailed(Exception):
    """The cluster cannot answer."""


class DaskWorkers(Workers):
    """Workers of a Dask cluster, and threads for when it is away.

    Parameters
    ----------
    executor : threads of this process
    address : of the scheduler, such as ``tcp://localhost:8786``
    watch : seconds between two looks at the scheduler
    """

    def __init__(self, executor: Executor, address: str, watch: float = WATCH) -> None:
        super().__init__(executor)
        if find_spec("distributed") is None:
            raise InvalidSettings(
                "MASLDATLAS_DASK_SCHEDULER is set, but dask.distributed is not installed.",
                "Install the extra `cluster` (requirements-cluster.lock), or unset MASLDATLAS_DASK_SCHEDULER.",
            )
        self._address = address
        self._watch_seconds = watch
        self._client: Any = None
        self._n_workers = 0
        self._problem = "not connected yet"
        self._lock = Lock()
        self._tried, self._stop = Event(), Event()
        self._threads = Threads()
        self._threads.start("dask-cluster", self._watch, self._stop.set)

    def over_genes(
        self, task: Callable[[Layer, int, int], Result], atlas: Atlas, layer: str, n_blocks: int = BLOCKS
    ) -> list[Result]:
        """Run a task on every gene of a layer; see `Workers.over_genes`."""
        self._tried.wait(CONNECT + 1)
        client = self._client
        if client is not None and self._n_workers:
            try:
                return self._on_cluster(client, task, atlas, layer, n_blocks)
            except (Exception, CancelledError) as error:  # noqa: BLE001 - an error of the task is raised again by the threads
                self._note(f"{type(error).__name__}: {error}")
                log.warning("the cluster failed, threads compute", error=f"{type(error).__name__}: {error}")
        return super().over_genes(task, atlas, layer, n_blocks)

    def status(self) -> dict[str, object]:
        """Return the status of the cluster."""
        if self._client is not None and self._n_workers and not self._problem:
            return {"status": "ok", "workers": self._n_workers}
        detail = f"{self._problem or 'no worker'}; threads compute"
        return {"status": "degraded", "workers": self._n_workers, "scheduler": self._address, "detail": detail}

    def close(self) -> None:
        """Leave the cluster, and end the threads."""
        self._threads.close()
        self._leave()
        super().close()

    def _on_cluster(
        self, client: Client, task: Callable[[Layer, int, int], Result], atlas: Atlas, layer: str, n_blocks: int
    ) -> list[Result]:
        from distributed import wait

        blocks = balanced(atlas.layer(layer).gene_starts, n_blocks)
        # A task holds arrays of all cells: it is sent once to each worker, not with each block.
        sent: Future = client.scatter(task, broadcast=True, hash=False, timeout=SEND)  # pyright: ignore[reportAssignmentType] - awaited by the client
        futures = [
            client.submit(run_block, sent, address_of(atlas, layer), start, stop, pure=False, retries=RETRIES)
            for start, stop in blocks
        ]
        try:
            while True:
                abandonment.check()
                if self._client is not client or not self._n_workers:
                    raise _ClusterFailed(self._problem or "no worker is left")
                try:
                    with client.as_current():
                        wait(futures, timeout=abandonment.POLL)
                except TimeoutError:
                    continue
                return client.gather(futures)  # pyright: ignore[reportReturnType] - awaited by the client
        finally:
            client.cancel([sent, *futures])

    def _watch(self) -> None:
        """Connect, and look at the scheduler until the end."""
        while True:
            try:
                self._look()
            except (Exception, CancelledError) as error:  # noqa: BLE001 - shown by /readyz, and tried again
                self._leave()
                self._note(f"the scheduler is away ({type(error).__name__})")
            self._tried.set()
            if self._stop.wait(self._watch_seconds):
                return

    def _look(self) -> None:
        from distributed import Client

        if self._client is None:
            client = Client(self._address, timeout=CONNECT, set_as_default=False)
            with self._lock:
                self._client = client
            log.info("connected to the Dask scheduler", scheduler=self._address)
        if self._client.status != "running":
            raise _ClusterFailed(self._client.status)
        # Asked for itself: what `scheduler_info` returns is overwritten every two seconds, by one without workers.
        found = len(self._client.nthreads())
        if found != self._n_workers:
            log.info("workers of the cluster", workers=found)
        self._n_workers = found
        self._note("" if found else "no worker has joined")

    def _note(self, problem: str) -> None:
        if problem and problem != self._problem:
            log.warning("Dask cluster", scheduler=self._address, problem=problem)
        self._problem = problem

    def _leave(self) -> None:
        with self._lock:
            client, self._client, self._n_workers = self._client, None, 0
        if client is not None:
            client.close(timeout=1)
