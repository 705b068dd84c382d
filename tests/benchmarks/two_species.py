"""Time of the views of two atlases: ``python -m tests.benchmarks.two_species DATA FIRST SECOND [GENE]``.

Every view is measured by itself, by the clock and in CPU time of all threads. *Cold*: the kernels are compiled and the
address is resolved, but no atlas is opened otherwise and nothing is cached. *Cached*: the same view again, its answers
in the embedded Redis. CPU time is what other work on the machine adds least to.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from core.cache import in_process
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import SpeciesQuery
from core.views.registry import VIEWS
from core.views.species.state import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

FIGURES = ("species_dots", "type_auroc", "concordance", "conserved_correlates")
COLD, CACHED = 1.0, 0.05
START = 20.0


def timed(work: Callable[[], object], name: str, budget: float) -> None:
    """Measure one call and print a row."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    took, busy = time.perf_counter() - start, time.process_time() - cpu
    verdict = f"  over {budget:g} s" if took > budget else ""
    sys.stdout.write(f"{name:32s} {1000 * took:7,.0f} ms {1000 * busy:7,.0f} ms of CPU{verdict}\n")
    sys.stdout.flush()


def main(data: str, first: str, second: str, gene: str = "") -> None:
    """Print two rows a view; before them every view once, which compiles the kernels."""
    search = SpeciesQuery(first, others=second, gene=gene).search()
    settings = load(data_dir=data, log_level="ERROR")
    for round_of in ("compiling", "measured"):
        for name in FIGURES:
            in_process._results.clear()
            with closing(Services.of(settings)) as services, closing(services.cache):
                if round_of == "measured":
                    services.cache.start()
                    end = time.monotonic() + START
                    while services.cache.status()["status"] != "ok" and time.monotonic() < end:
                        time.sleep(0.05)
                    services.cache.flush()
                view, problems = resolve(services, search)
                if view is None or problems:
                    sys.exit(str(problems))
                call = partial(VIEWS[name].compute, services, view)
                if round_of == "compiling":
                    call()
                    continue
                timed(call, f"{name}, cold", COLD)
                timed(call, f"{name}, cached", CACHED)
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
