"""Spreading blocks of genes over workers.

Genes are the unit: each is computed by one worker from its own nonzeros, so nothing is merged and the number of workers
changes nothing but the time. A task names its layer by path, not by the opened object, so that the same task runs on a
thread here and on a Dask worker that sees the same disk.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from core.atlas.store import Atlas
from core.errors import InvalidSettings
from core.system.limits import threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.atlas.store import Layer
    from core.settings.settings import Settings

Result = TypeVar("Result")
# More blocks than workers even out what the scheduler and other visitors take; each costs about 20 microseconds.
BLOCKS = 48


@lru_cache(maxsize=64)
def _opened(store: Path, layer: str, digest: str) -> Layer:  # noqa: ARG001 - the digest tells a replaced store
    return Atlas(store).layer(layer)


def _run(task: Callable[[Layer, int, int], Result], layer: tuple[Path, str, str], start: int, stop: int) -> Result:
    return task(_opened(*layer), start, stop)


class Workers:
    """An executor and how to cut work for it.

    Parameters
    ----------
    executor
        Anything with `submit`: a pool of threads, or ``Client.get_executor()`` of dask.distributed.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def over_genes(
        self, task: Callable[[Layer, int, int], Result], atlas: Atlas, layer: str, n_blocks: int = BLOCKS
    ) -> list[Result]:
        """Run a task on every gene of a layer, in blocks of about equal numbers of nonzeros; results in gene order."""
        opened = atlas.layer(layer)
        key = (atlas.path, layer, atlas.manifest.content_hash)
        futures = [
            self._executor.submit(_run, task, key, start, stop) for start, stop in balanced(opened.indptr, n_blocks)
        ]
        return [future.result() for future in futures]

    def close(self) -> None:
        """Let go of the workers."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def balanced(indptr: np.ndarray, n_blocks: int) -> list[tuple[int, int]]:
    """Consecutive ranges of genes with about equal work: a nonzero counts one, a gene as much as a few."""
    n_genes = len(indptr) - 1
    work = indptr + 32 * np.arange(n_genes + 1)
    cuts = np.searchsorted(work, np.linspace(0, work[-1], min(n_blocks, n_genes) + 1))
    edges = np.unique(np.concatenate([[0], cuts[1:-1], [n_genes]])).tolist()
    return list(pairwise(edges))


_shared: dict[tuple[int, str | None], Workers] = {}
_lock = Lock()


def workers(settings: Settings) -> Workers:
    """The workers of this process, made once: threads up to the container's quota, or a Dask cluster if one is set."""
    key = (threads(settings), settings.dask_scheduler)
    with _lock:
        if key not in _shared:
            _shared[key] = own_workers(settings)
        return _shared[key]


def own_workers(settings: Settings) -> Workers:
    """Workers for one command, which closes them."""
    return Workers(_executor(threads(settings), settings.dask_scheduler))


def _executor(n_threads: int, scheduler: str | None) -> Executor:
    if scheduler is None:
        return ThreadPoolExecutor(n_threads, thread_name_prefix="genes")
    try:
        from dask.distributed import Client  # pyright: ignore[reportMissingImports] - optional
    except ImportError as error:
        raise InvalidSettings(
            "MASLDATLAS_DASK_SCHEDULER is set, but dask.distributed is not installed.",
            "Install `distributed`, or unset it.",
        ) from error
    return Client(scheduler, timeout="10s").get_executor()
