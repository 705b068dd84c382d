"""Time of the views of two atlases: ``python -m tests.benchmarks.two_species DATA FIRST SECOND [GENE]``.

Cold is the first call in a process whose kernels are compiled and that has opened no atlas; again is the second, of
which this process has kept the sums. The server keeps the answers themselves in Redis.
"""

from __future__ import annotations

import sys
import time
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

FIGURES = ("type_auroc", "concordance", "conserved_correlates")
BUDGET = 1.0


def seconds(work: Callable[[], object]) -> float:
    """Measure one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(data: str, first: str, second: str, gene: str = "") -> None:
    """Print a row a view; the process of the first round compiles the kernels."""
    search = SpeciesQuery(first, others=second, gene=gene).search()
    for round_of in ("compiling", "cold", "again"):
        if round_of == "cold":
            in_process._results.clear()
        services = Services.of(load(data_dir=data, correlation_cache=False))
        view, problems = resolve(services, search)
        if view is None or problems:
            sys.exit(str(problems))
        for name in FIGURES:
            took = seconds(partial(VIEWS[name].compute, services, view))
            verdict = "" if round_of == "compiling" or took <= BUDGET else f" over {BUDGET:g} s"
            sys.stdout.write(f"{round_of:10s} {name:22s} {took:7.3f} s{verdict}\n")
            sys.stdout.flush()
        services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
