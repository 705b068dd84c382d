"""Library sizes and filters for sums of raw counts: TMM factors, log counts per million, genes with enough counts.

Written from the papers cited at each function. In all of them counts are (n_genes, n_samples).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MILLION: Final = 1e6
# Shares of the genes that are trimmed at either end: of the log ratios, and of the mean abundances.
RATIO_TRIM: Final = 0.3
ABUNDANCE_TRIM: Final = 0.05
# Added to each count before the logarithm, for a sample of average size.
PRIOR_COUNT: Final = 2.0
# Rule of `enough_counts`.
MIN_COUNT: Final = 10
MIN_TOTAL: Final = 15
LARGE: Final = 10
SHARE_OF_LARGE: Final = 0.7
_SAME: Final = 1e-6
_ROUNDING: Final = 1e-14
_SPARSE: Final = 1e-20


def tmm_factors(counts: F64) -> F64:
    """Scale factors of the library sizes by the trimmed mean of M-values.

    Returns
    -------
    (n_samples,) factors with a geometric mean of 1; 1 for each sample where too little is left to compare.

    Notes
    -----
    The reference is the sample whose upper quartile, relative to its library size, is nearest to the mean of all, or
    the one with the largest sum of square roots where most upper quartiles are zero. Of each sample's log ratios to the
    reference, 30 % are trimmed at either end and 5 % of the mean abundances; the rest is averaged with the inverse of
    its approximate variance as weight.

    References
    ----------
    Robinson and Oshlack, A scaling normalization method for differential expression analysis of RNA-seq data, Genome
    Biology 11:R25, 2010.
    """
    counts = counts[counts.any(axis=1)]
    n_samples = counts.shape[1]
    if not len(counts) or n_samples == 1:
        return np.ones(n_samples)
    sizes = counts.sum(axis=0)
    quartiles = np.quantile(counts, 0.75, axis=0) / sizes
    if np.median(quartiles) < _SPARSE:
        reference = int(np.argmax(np.sqrt(counts).sum(axis=0)))
    else:
        reference = int(np.argmin(np.abs(quartiles - quartiles.mean())))
    logs = np.array([_log_factor(counts[:, at], counts[:, reference]) for at in range(n_samples)])
    return np.exp2(logs - logs.mean())


def _log_factor(sample: F64, reference: F64) -> float:
    """Weighted trimmed mean of the log2 ratios of one sample to another."""
    both = (sample > 0) & (reference > 0)
    share, share_of_reference = sample[both] / sample.sum(), reference[both] / reference.sum()
    ratio = np.log2(share / share_of_reference)
    if not ratio.size or np.abs(ratio).max() < _SAME:
        return 0.0
    abundance = np.log2(share * share_of_reference) / 2
    variance = (1 - share) / sample[both] + (1 - share_of_reference) / reference[both]
    kept = _within(ratio, RATIO_TRIM) & _within(abundance, ABUNDANCE_TRIM)
    if not kept.any():
        return 0.0
    return float(np.sum(ratio[kept] / variance[kept]) / np.sum(1 / variance[kept]))


def _within(values: F64, trim: float) -> Mask:
    """Tell which values remain when a share of them is trimmed at either end, by mid-ranks; no value is NaN.

    Only the values at the two limits can be tied across them, so that nothing else needs a rank.
    """
    n, low = values.size, int(values.size * trim)
    ordered = np.partition(values, (low, n - 1 - low))
    first, last = ordered[low], ordered[n - 1 - low]
    kept = (values > first) & (values < last)
    for limit in {float(first), float(last)}:
        at = values == limit
        rank = np.count_nonzero(values < limit) + (np.count_nonzero(at) + 1) / 2
        if low + 1 <= rank <= n - low:
            kept |= at
    return kept


def log_cpm(counts: F64, sizes: F64, prior: float = PRIOR_COUNT) -> F64:
    """log2 counts per million, with a prior count that is proportional to the library size.

    Parameters
    ----------
    sizes : (n_samples,) effective library sizes
    prior : prior count of a sample of average size

    Notes
    -----
    log2((count + prior_j) / (size_j + 2 prior_j) * 1e6) with prior_j = prior * size_j / mean size: the smaller the
    sample, the smaller what is added, so that a zero has about the same value in each.
    """
    added = prior * sizes / sizes.mean()
    return np.log2((counts + added) / (sizes + 2 * added) * MILLION)


def samples_needed(smallest_side: int) -> float:
    """Return how many samples must have enough counts of a gene: as many as the smaller side has; beyond ten, 70 %."""
    return smallest_side if smallest_side <= LARGE else LARGE + (smallest_side - LARGE) * SHARE_OF_LARGE


def enough_counts(counts: F64, smallest_side: int) -> Mask:
    """Find the genes with enough counts to be tested, by the rule of edgeR's ``filterByExpr``.

    Parameters
    ----------
    smallest_side : samples of the smaller side

    Returns
    -------
    (n_genes,) bool: at least 10 counts, in a sample of the median library size, in as many samples as the smaller side
    has (beyond 10 samples, 70 % of the further ones), and at least 15 counts in all samples together.

    References
    ----------
    Chen, Lun and Smyth, From reads to genes to pathways, F1000Research 5:1438, 2016.
    """
    needed = samples_needed(smallest_side)
    sizes = counts.sum(axis=0)
    cutoff = MIN_COUNT / np.median(sizes) * MILLION
    per_million = counts / np.maximum(sizes, 1) * MILLION
    in_samples = np.count_nonzero(per_million >= cutoff, axis=1) >= needed - _ROUNDING
    return in_samples & (counts.sum(axis=1) >= MIN_TOTAL)
