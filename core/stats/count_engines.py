"""Engines that test sums of counts between samples: ``(counts, design, contrast) -> CountTest``."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from core.stats.moderated import Tested, fit, fit_weighted, moderated_t
from core.stats.normalization import MILLION, log_cpm, tmm_factors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Of the genes, that each local regression of the variance takes.
_SPAN: Final = 0.5


@dataclass(frozen=True, eq=False)
class CountTest:
    """Result of an engine.

    Attributes
    ----------
    tested : tests of the contrast; effects are log2 fold changes
    sizes : (n_samples,) effective library sizes
    mean : (n_genes,) mean log2 counts per million
    p_adj : (n_genes,) adjusted p of an engine that filters by itself; None where Benjamini and Hochberg's are meant
    messages : what the engine said
    """

    tested: Tested
    sizes: F64
    mean: F64
    p_adj: F64 | None = None
    messages: tuple[str, ...] = ()


Engine: TypeAlias = "Callable[[F64, F64, F64], CountTest]"


def limma_trend(counts: F64, design: F64, contrast: F64) -> CountTest:
    """Test log2 counts per million (TMM) by moderated t, with a prior variance that depends on the mean.

    Parameters
    ----------
    counts : (n_genes, n_samples)
    design : (n_samples, n_coefficients), of full rank
    contrast : (n_coefficients,)

    References
    ----------
    Law et al., Genome Biology 15:R29, 2014 (limma-trend); Smyth 2004 (moderated t).
    """
    sizes = counts.sum(axis=0) * tmm_factors(counts)
    values = log_cpm(counts, sizes)
    mean = values.mean(axis=1)
    return CountTest(moderated_t(fit(values, design, contrast), mean), sizes, mean)


def limma_voom(counts: F64, design: F64, contrast: F64) -> CountTest:
    """Test log2 counts per million (TMM) by moderated t, each value with a precision weight.

    Notes
    -----
    The square root of the residual standard deviation is smoothed over the mean log count by robust local regression
    (Cleveland 1979) on half of the genes; the weight of a value is the inverse fourth power of the curve at its fitted
    log count.

    References
    ----------
    Law et al., Genome Biology 15:R29, 2014.
    """
    sizes = counts.sum(axis=0) * tmm_factors(counts)
    values = np.log2((counts + 0.5) / (sizes + 1) * MILLION)
    mean = values.mean(axis=1)
    plain = fit(values, design, contrast)
    mean_count = mean + np.mean(np.log2(sizes + 1)) - np.log2(MILLION)
    curve = _smoothed(mean_count, np.sqrt(np.sqrt(plain.variance)))
    fitted_count = plain.fitted + np.log2(sizes + 1) - np.log2(MILLION)
    weights = np.interp(fitted_count, *curve) ** -4.0
    return CountTest(moderated_t(fit_weighted(values, design, contrast, weights)), sizes, mean)


def _smoothed(x: F64, y: F64) -> tuple[F64, F64]:
    """Smooth y over x; distinct x in rising order, and the curve at each."""
    # Imported here: the import takes a second and brings pandas, which no other page needs.
    from statsmodels.nonparametric.smoothers_lowess import lowess

    found = lowess(y, x, frac=_SPAN, it=3, delta=0.01 * float(np.ptp(x)))
    distinct, first, n = np.unique(found[:, 0], return_index=True, return_counts=True)
    return distinct, np.add.reduceat(found[:, 1], first) / n


ENGINES: Final[Mapping[str, Engine]] = MappingProxyType({"trend": limma_trend, "voom": limma_voom})
