"""DESeq2 by crest-sc, as a task of a worker process: the second opinion on differences between samples.

crest-sc is an optional dependency (``pip install crest-sc==0.4.0``). It runs in a process that can be ended
(`core.compute.worker_process`), as its compiled core heeds no signal from Python.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

# For the worker process: module and function.
TASK: Final = "core.stats.deseq2:wald"
PACKAGE: Final = "crest-sc"
# Of independent filtering: the threshold of the adjusted p at which as many genes as possible are to be called.
ALPHA: Final = 0.05
MAX_GENES: Final = 20_000
MAX_SAMPLES: Final = 200
_SIDE: Final = "side"


def version() -> str:
    """Return the version of crest-sc that is installed; empty where it is not."""
    return next((each.version for each in distributions(name=PACKAGE)), "")


def wald(arguments: Mapping[str, NDArray[Any]], _report: Callable[[str, float], None]) -> dict[str, NDArray[Any]]:
    """Test the second coefficient of a design by DESeq2's Wald test.

    Parameters
    ----------
    arguments
        ``counts`` (n_genes, n_samples) whole numbers; ``design`` (n_samples, n_coefficients), the intercept first and
        the side, 1 or 0, second.
    _report
        Not used: crest-sc tells of no progress.

    Returns
    -------
    ``log2fc``, ``error``, ``stat``, ``p`` and ``p_adj``, all (n_genes,) float64, and ``factors`` (n_samples,), the size
    factors. p is NaN for an outlier by Cook's distance; p_adj for that, and for what independent filtering leaves out.
    ``messages`` (n,) are the notes of crest-sc: for example, that the trend of the dispersions did not converge.

    Notes
    -----
    Size factors are medians of ratios; where every gene has a sample without a count they are those of
    ``type = "poscounts"``. A design of two sides alone is given as a factor, since DESeq2 then keeps a gene whose
    outlier three samples exceed.

    References
    ----------
    Love, Huber and Anders, Moderated estimation of fold change and dispersion for RNA-seq data with DESeq2, Genome
    Biology 15:550, 2014.
    """
    # An extra of the installation: type checkers need not find it.
    pl, crest = import_module("polars"), import_module("crest.deseq2")
    counts, design = arguments["counts"], arguments["design"]
    kind = "ratio" if (counts > 0).all(axis=1).any() else "poscounts"
    if design.shape[1] == 2:  # noqa: PLR2004 - intercept and side
        sides = pl.DataFrame({_SIDE: ["b" if side else "a" for side in design[:, 1]]})
        fitted = crest.DESeq2(counts.T, sides, f"~ {_SIDE}", sf_type=kind, quiet=True)
    else:
        fitted = crest.DESeq2(counts.T, design_matrix=design, sf_type=kind, quiet=True)
    table = fitted.results(fitted.results_names()[1], alpha=ALPHA)
    columns = {"log2fc": "log2FoldChange", "error": "lfcSE", "stat": "stat", "p": "pvalue", "p_adj": "padj"}
    return {
        **{ours: table[theirs].to_numpy().astype(np.float64) for ours, theirs in columns.items()},
        "factors": np.asarray(fitted.size_factors, dtype=np.float64),
        "messages": np.array([str(each) for each in fitted.fit["messages"]], dtype=np.str_),
    }
