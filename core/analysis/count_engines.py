"""Engines of differences by name: limma-trend and limma-voom in this process, DESeq2 in a process of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from core.compute.worker_process import Task, run
from core.errors import InvalidQuery, Unavailable
from core.stats import count_engines, deseq2
from core.stats.count_engines import CountTest
from core.stats.moderated import CONFIDENCE, Tested
from core.stats.multiple_testing import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import F64, Mask
    from core.stats.count_engines import Engine

TREND, VOOM, DESEQ2 = "trend", "voom", "deseq2"
NAMES: Final[Mapping[str, str]] = MappingProxyType({TREND: "limma-trend", VOOM: "limma-voom", DESEQ2: "DESeq2"})
# Seconds for one cell type.
LIMIT: Final = 60.0
# Bytes of the worker process for each value: it holds a dozen copies, and its libraries.
DESEQ2_BYTES: Final = 200
# Degrees of freedom up to which R draws random numbers for the prior of the dispersions.
FEW_DF: Final = 3
# Measured on planted changes of donors with realistic noise, at an adjusted p of 5 %: power and false discoveries.
MEASURED: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"limma-trend": (0.35, 0.028), "limma-voom": (0.31, 0.028), "DESeq2": (0.43, 0.128), "both": (0.33, 0.017)}
)


def available() -> list[str]:
    """List the engines that can be used here: DESeq2 only where crest-sc is installed."""
    return [name for name in NAMES if name != DESEQ2 or deseq2.version()]


def require_deseq2() -> None:
    """Raise Unavailable where crest-sc is not installed."""
    if not deseq2.version():
        raise Unavailable(
            "DESeq2 needs the package crest-sc, which is not installed on this server.",
            "Use limma-trend, or install it: pip install crest-sc==0.4.0.",
        )


def by_deseq2(counts: F64, design: F64, contrast: F64) -> CountTest:
    """Test sums of counts by DESeq2 (crest-sc); parameters as of `core.stats.count_engines.limma_trend`.

    The contrast must be that of the second coefficient, the side. Effective library sizes are the size factors, scaled
    to the geometric mean of the library sizes.

    Raises
    ------
    InvalidQuery
        There are more than 20,000 genes or 200 samples.
    Unavailable, Cancelled
        crest-sc is not installed, or see `core.compute.worker_process.run`.
    """
    require_deseq2()
    n_genes, n_samples = counts.shape
    if n_genes > deseq2.MAX_GENES or n_samples > deseq2.MAX_SAMPLES:
        raise InvalidQuery(
            f"DESeq2 takes at most {deseq2.MAX_GENES:,} genes and {deseq2.MAX_SAMPLES:,} samples here, and these are "
            f"{n_genes:,} and {n_samples:,}.",
            "Use limma-trend, or select fewer samples.",
        )
    if not np.array_equal(contrast, np.eye(design.shape[1])[1]):
        raise ValueError("the contrast is that of the side")
    from scipy.special import ndtri

    found = run(Task(deseq2.TASK, "DESeq2", LIMIT), {"counts": counts, "design": design})
    sizes = found["factors"] * np.exp(np.mean(np.log(counts.sum(axis=0)) - np.log(found["factors"])))
    reach = found["error"] * float(ndtri((1 + CONFIDENCE) / 2))
    tested = Tested(
        effect=found["log2fc"],
        ci_low=found["log2fc"] - reach,
        ci_high=found["log2fc"] + reach,
        error=found["error"],
        stat=found["stat"],
        p=found["p"],
        df=np.inf,
        df_prior=np.nan,
    )
    mean = np.log2(np.maximum((counts / sizes).mean(axis=1), 1e-12) * 1e6)
    messages = found["messages"].tolist()
    df = n_samples - design.shape[1]
    if df <= FEW_DF:
        messages.append(
            f"With {df} residual degree{'s' if df > 1 else ''} of freedom its dispersions depend on their prior, "
            "which R estimates from random draws and crest-sc does not: R may call other genes"
        )
    return CountTest(tested, sizes, mean, found["p_adj"], tuple(messages))


ENGINES: Final[Mapping[str, Engine]] = MappingProxyType({**count_engines.ENGINES, DESEQ2: by_deseq2})


def called_by_both(one: CountTest, other: CountTest, fdr: float) -> Mask:
    """Tell which genes both engines call at a false discovery rate, with the same sign; (n_genes,) bool."""
    either = [np.nan_to_num(adjusted(each), nan=2.0) <= fdr for each in (one, other)]
    return either[0] & either[1] & (np.sign(one.tested.effect) == np.sign(other.tested.effect))


def adjusted(found: CountTest) -> F64:
    """Return the adjusted p of an engine: its own, or those of Benjamini and Hochberg."""
    return benjamini_hochberg(found.tested.p) if found.p_adj is None else found.p_adj
