"""Ranked gene set enrichment by adaptive multilevel splitting, as a task of a worker process.

gseapy's compiled core does the work. It heeds no signal and reports no progress while it runs, so it runs in a process
that can be ended (`core.compute.worker_process`), on some hundred sets at a time.
"""

from __future__ import annotations

from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from numpy.typing import NDArray

# For the worker process: module and function.
TASK: Final = "core.stats.gsea:multilevel"
WEIGHT: Final = 1.0
# fgsea's own: the size of the sample of a level, random sets for the normalised score, and the least p told apart.
SAMPLE_SIZE: Final = 101
N_RANDOM: Final = 1_000
EPS: Final = 1e-50
# Sets a call; each call costs about a fifth of a second for its random sets, and is a step of the progress.
CHUNK: Final = 1_000
_PADDING: Final = "padding"


def multilevel(arguments: Mapping[str, NDArray[Any]], report: Callable[[str, float], None]) -> dict[str, NDArray[Any]]:
    """Compute normalised enrichment scores and p-values of gene sets along a ranking.

    Parameters
    ----------
    arguments
        ``stat`` (n_genes,) float64, falling, finite; ``genes`` and ``starts`` of a `Membership` in the places of this
        ranking; ``max_size`` of a set, at most half of the genes: random sets of nearly all genes have so few scores
        that splitting hardly ends; ``seed``, a whole number.
    report
        Takes the step and the share that is done.

    Returns
    -------
    ``es``, ``nes``, ``p`` and ``log2err`` (standard error of log2 p), all (n_sets,) float64; NaN for a set without
    genes or with too many. p is at least 1e-50. NES and p are NaN where too few random sets have a score of the same
    sign.

    Notes
    -----
    The algorithm is that of fgsea [1]_: random sets give NES = ES / mean of random scores of the same sign, adaptive
    splitting gives p of any size, with an error. The random sets are drawn for the largest set and shared by smaller
    ones, so that the result for a set would depend on which other sets are tested with it. Here every call holds one
    further set of the largest size allowed, whose result is dropped: a set has the same p alone and among thousands,
    and the same in every chunk.

    References
    ----------
    .. [1] Korotkevich et al., Fast gene set enrichment analysis, bioRxiv 060012, 2021.
    """
    stat, genes, starts = arguments["stat"], arguments["genes"], arguments["starts"]
    seed, n_genes = int(arguments["seed"]), len(stat)
    sizes = np.diff(starts)
    largest = max(min(int(arguments["max_size"]), n_genes // 2), 1)
    names = [str(at) for at in range(n_genes)]
    ranking = stat.tolist()
    found = {name: np.full(len(sizes), np.nan) for name in ("es", "nes", "p", "log2err")}
    tested = np.flatnonzero((sizes > 0) & (sizes <= largest))
    # Of similar sizes in a call, as the splitting is done once for each size.
    tested = tested[np.argsort(sizes[tested], kind="stable")]
    padding = [names[at] for at in np.linspace(0, n_genes - 1, largest).astype(np.int64)]
    fgsea = _compiled().fgsea_rs
    for first in range(0, len(tested), CHUNK):
        report("testing gene sets", first / len(tested))
        chunk = tested[first : first + CHUNK]
        sets = {str(at): [names[gene] for gene in genes[starts[at] : starts[at + 1]]] for at in chunk.tolist()}
        given = (WEIGHT, 1, largest, SAMPLE_SIZE, N_RANDOM, EPS, 1, seed)
        for summary in fgsea(names, ranking, {**sets, _PADDING: padding}, *given).summaries:
            if summary.term != _PADDING:
                at = int(summary.term)
                found["es"][at], found["nes"][at] = summary.es, summary.nes
                found["p"][at], found["log2err"][at] = summary.pval, summary.log2err
    return found


def _compiled() -> ModuleType:
    """Load gseapy's compiled core alone: the package around it takes over a second to import, mostly for matplotlib."""
    package = find_spec("gseapy")
    spec = PathFinder.find_spec("gse", package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise Unavailable("Ranked enrichment needs gseapy, which is not installed.", "Install gseapy 1.3 or later.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
