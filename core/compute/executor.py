"""Computation on blocks of genes, spread over workers.

Genes are the unit: each is computed by one worker from its own nonzeros, so nothing is merged and the number of workers
changes nothing but the time. Threads of this process read the opened layer itself. A worker of another process, such as
one of Dask that sees the same disk, opens the layer by its path.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np
from cachetools import FIFOCache

from core.atlas.store import Atlas, replaced, stamp_of
from core.compute import abandonment

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from core.atlas.store import Layer

Result = TypeVar("Result")
# More blocks than workers even out what the scheduler and other visitors take; each costs about 20 microseconds.
BLOCKS: Final = 48
# Layers that a worker of another process keeps open; opening one takes some milliseconds.
MAX_OPEN: Final = 8


class LayerAddress(NamedTuple):
    """The layer of a task for a worker of another process: path of its store, name, and content of the atlas."""

    store: Path
    layer: str
    content_hash: str


_open: FIFOCache[LayerAddress, tuple[tuple[int, int], Layer]] = FIFOCache(MAX_OPEN)
_lock = Lock()


def _opened(address: LayerAddress) -> Layer:
    """Open a layer once; BrokenStore when the store has been replaced or removed since the task was made.

    Layers of stores that were replaced or removed are closed at the same time: deleted files take room on the disk for
    as long as they are mapped.
    """
    with _lock:
        _close_stale()
        if address not in _open:
            atlas = Atlas(address.store)
            if atlas.manifest.content_hash != address.content_hash:
                raise replaced(atlas.id)
            _open[address] = (stamp_of(address.store), atlas.layer(address.layer))
        return _open[address][1]


def _close_stale() -> None:
    for address in list(_open):
        try:
            is_there = stamp_of(address.store) == _open[address][0]
        except OSError:
            is_there = False
        if not is_there:
            del _open[address]


def run_block(task: Callable[[Layer, int, int], Result], address: LayerAddress, start: int, stop: int) -> Result:
    """Run a task on a block of genes in a process that opens the layer by its path."""
    return task(_opened(address), start, stop)


class Workers:
    """An executor, and how to cut work for it.

    Parameters
    ----------
    executor
        Anything with `submit`, such as a pool of threads.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def over_genes(
        self, task: Callable[[Layer, int, int], Result], atlas: Atlas, layer: str, n_blocks: int = BLOCKS
    ) -> list[Result]:
        """Run a task on every gene of a layer, in blocks of about equal numbers of nonzeros; results in gene order.

        Raises
        ------
        Abandoned
            The client has disconnected; blocks that have not begun are dropped.
        """
        opened = atlas.layer(layer)
        if isinstance(self._executor, ThreadPoolExecutor):
            run = partial(task, opened)
        else:
            run = partial(run_block, task, address_of(atlas, layer))
        futures = [self._executor.submit(run, start, stop) for start, stop in balanced(opened.gene_starts, n_blocks)]
        try:
            return [_result(future) for future in futures]
        except BaseException:
            # Nobody takes the other results.
            for future in futures:
                future.cancel()
            raise

    def status(self) -> dict[str, object] | None:
        """Return the status of other machines for ``/readyz``; None where there are none."""
        return None

    def close(self) -> None:
        """Drop tasks that have not begun, and end the workers once they have finished the others."""
        self._executor.shutdown(cancel_futures=True)


def address_of(atlas: Atlas, layer: str) -> LayerAddress:
    """Return the address of a layer for a worker of another process."""
    return LayerAddress(atlas.path, layer, atlas.manifest.content_hash)


def _result(future: Future[Result]) -> Result:
    while True:
        abandonment.check()
        try:
            return future.result(abandonment.POLL)
        except TimeoutError:
            # A task may raise one of its own.
            if future.done():
                return future.result()


def balanced(gene_starts: np.ndarray, n_blocks: int) -> list[tuple[int, int]]:
    """Cut the genes into consecutive ranges of about equal work: a nonzero counts one, a gene as much as a few."""
    n_genes = len(gene_starts) - 1
    work = gene_starts + 32 * np.arange(n_genes + 1)
    cuts = np.searchsorted(work, np.linspace(0, work[-1], min(n_blocks, n_genes) + 1))
    edges = np.unique(np.concatenate([[0], cuts[1:-1], [n_genes]])).tolist()
    return list(pairwise(edges))
