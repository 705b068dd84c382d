"""Exact probabilities of how many of the expressing cells a group has by chance, gene by gene."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# Outcomes as likely as the observed one, but for rounding, count as equally likely; so does scipy's Fisher test.
SAME = 1.0 + 1e-7
NEGLIGIBLE = 1e-17


@njit(nogil=True, cache=True, error_model="numpy")
def two_sided(
    n_inside: np.ndarray, n_expressing: np.ndarray, sizes: np.ndarray, n: int, wanted: np.ndarray, p: np.ndarray
) -> None:
    """Write the p of Fisher's exact test where it is wanted: cells that express a gene or not, in a group or not.

    Parameters
    ----------
    n_inside : (n_genes, n_groups) int64, cells of each group that express each gene
    n_expressing : (n_genes,) int64, cells that express it in all
    sizes : (n_groups,) int64, cells of each group; `n` in all
    wanted : (n_genes, n_groups) bool
    p : (n_genes, n_groups) float64, in and out; the probability of all outcomes that are no more likely than the
        observed one

    Notes
    -----
    The number of expressing cells in a random group is hypergeometric [1]_. Terms are summed outwards by their ratios,
    until they no longer count; p is 0 below 1e-308.

    References
    ----------
    .. [1] Fisher, *Statistical Methods for Research Workers*, 1934, section 21.02.
    """
    for gene in range(p.shape[0]):
        for group in range(p.shape[1]):
            if wanted[gene, group]:
                p[gene, group] = _two_sided(n_inside[gene, group], n_expressing[gene], sizes[group], n)


@njit(nogil=True, cache=True, error_model="numpy")
def _two_sided(k: int, n_expressing: int, n_group: int, n: int) -> float:
    low, high = max(0, n_group + n_expressing - n), min(n_group, n_expressing)
    mode = min(max((n_group + 1) * (n_expressing + 1) // (n + 2), low), high)
    # With k and the mode exchanged for what is not expressed, the observed outcome is never below the mode.
    if k < mode:
        k, mode, low, high = n_group - k, n_group - mode, n_group - high, n_group - low
        n_expressing = n - n_expressing
    observed = _log_probability(k, n_expressing, n_group, n)
    total, term = 1.0, 1.0
    for at in range(k, high):
        term *= (n_expressing - at) * (n_group - at) / ((at + 1.0) * (n - n_expressing - n_group + at + 1.0))
        total += term
        if term < NEGLIGIBLE * total:
            break
    likeliest = _log_probability(mode, n_expressing, n_group, n)
    least = math.exp(observed - likeliest)
    # Two neighbours may both be the mode.
    term, other = 1.0, 1.0 if k > mode and least * SAME >= 1.0 else 0.0
    for at in range(mode - 1, low - 1, -1):
        term *= (at + 1.0) * (n - n_expressing - n_group + at + 1.0) / ((n_expressing - at) * (n_group - at))
        if term <= least * SAME:
            other += term
            if term < NEGLIGIBLE * other:
                break
        if term == 0.0:
            break
    return min(total * math.exp(observed) + other * math.exp(likeliest), 1.0)


@njit(nogil=True, cache=True, error_model="numpy")
def _log_probability(k: int, n_expressing: int, n_group: int, n: int) -> float:
    rest = n - n_expressing
    return _log_choose(n_expressing, k) + _log_choose(rest, n_group - k) - _log_choose(n, n_group)


@njit(nogil=True, cache=True, error_model="numpy")
def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
