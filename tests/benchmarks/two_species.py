"""Time of the views of two atlases: ``python -m tests.benchmarks.two_species DATA FIRST SECOND [GENE]``.

Every view is measured by itself, by the clock and in CPU time of all threads. *Cold*: the kernels are compiled and the
address is resolved, but no layer is opened and nothing is cached. *Cached*: the same view again, its answers in the
embedded Redis. ``make bench PARTS=species`` prints the same rows of two atlases that it makes.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from core.cache import in_process
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import SpeciesQuery
from core.views.registry import VIEWS
from core.views.species.state import resolve
from tests.benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIGURES = {
    "species_dots": "dot plot",
    "type_auroc": "AUROC of cell types",
    "concordance": "changes",
    "conserved_correlates": "correlates",
}
COLD, CACHED = "≤ 1,000 ms", "≤ 50 ms"
REPEATS = 3
START = 20.0


@contextmanager
def opened(data: Path | str) -> Iterator[Services]:
    """Open services with an empty cache, none of their atlases opened."""
    in_process._results.clear()
    with closing(Services.of(load(data_dir=data, log_level="ERROR"))) as services, closing(services.cache):
        services.cache.start()
        end = time.monotonic() + START
        while services.cache.status()["status"] != "ok" and time.monotonic() < end:
            time.sleep(0.05)
        services.cache.flush()
        yield services


def bench(data: Path | str, first: str, second: str, gene: str = "") -> list[Row]:
    """Measure every view, cold and cached, after a call that compiles its kernels."""
    search = SpeciesQuery(first, others=second, gene=gene).search()
    rows = []
    for name, words in FIGURES.items():
        cold: list[tuple[float, float]] = []
        cached: list[tuple[float, float]] = []
        for _ in range(1 + REPEATS):
            with opened(data) as services:
                view, problems = resolve(services, search)
                if view is None or problems:
                    sys.exit(str(problems))
                call = partial(VIEWS[name].compute, services, view)
                cold.append(_timed(call))
                cached.append(_timed(call))
        what = f"two atlases: {words}"
        rows += [_row(f"{what}, cold", cold[1:], COLD), _row(f"{what}, cached", cached[1:], CACHED)]
    return rows


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the clock, and of all threads."""
    start, cpu = time.perf_counter(), time.process_time()
    call()
    return 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - cpu)


def _row(what: str, times: list[tuple[float, float]], budget: str) -> Row:
    clock, busy = ([each[at] for each in times] for at in (0, 1))
    cpu = statistics.median(busy)
    return Row(what, statistics.median(clock), min(clock), max(clock), "ms", f"{budget}; {cpu:,.0f} ms of CPU", cpu)


if __name__ == "__main__":
    print(*bench(*sys.argv[1:]), sep="\n")
    print(f"load {os.getloadavg()[0]:.1f}")
