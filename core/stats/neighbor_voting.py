"""Votes of the cells of one data set on those of another: MetaNeighbor's fast version, in closed form.

Each cell is the vector of the ranks of its genes, centred and of length 1, so that the product of two cells is their
Spearman correlation. A type votes with the sum of its cells; the vote over all votes orders the candidates, and AUROC
says how well that order separates the cells of one type from all others.

References
----------
Crow M et al., Characterizing the replicability of cell types defined by single cell RNA-sequencing data using
MetaNeighbor, Nat. Commun. 9:884, 2018; Fischer S et al., Scaling up reproducible research for single-cell
transcriptomics using MetaNeighbor, Nat. Protoc. 16:4031-4067, 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

_SIGN, _HALF = np.uint32(1 << 31), np.uint64(32)


@dataclass(frozen=True, eq=False)
class Profiles:
    """Ranked profiles of some cells of a data set.

    Attributes
    ----------
    above : (n_cells, n_genes) sparse, standardised rank of each gene minus that of a zero of the same cell
    codes : (n_cells,) type of each cell, from 0
    sizes : (n_types,) cells of each type in the whole data set, of which those given are a sample
    """

    above: sparse.csr_array
    codes: I64
    sizes: I64

    @property
    def drawn(self) -> I64:
        """Number of the given cells of each type, (n_types,)."""
        return np.bincount(self.codes, minlength=len(self.sizes))

    @property
    def weights(self) -> F64:
        """Number of cells that one given cell of each type stands for, (n_types,); 0 without any."""
        drawn = self.drawn
        return np.divide(self.sizes, drawn, out=np.zeros(len(drawn)), where=drawn > 0)

    @property
    def sums(self) -> F64:
        """Sum of the standardised profiles of each type, (n_genes, n_types), each but for a constant over the genes."""
        n = len(self.codes)
        member = sparse.csr_array((self.weights[self.codes], (self.codes, np.arange(n))), (len(self.sizes), n))
        return np.asarray((member @ self.above).todense(), dtype=np.float64).T


def profiles(cells: I64, genes: I64, values: np.ndarray, n_genes: int, of: tuple[I64, I64]) -> Profiles:
    """Rank the genes within each cell and standardise the ranks.

    Parameters
    ----------
    cells, genes, values : (n_nonzero,) places of the nonzeros and what they hold, in any order
    n_genes : number of genes, those that no cell expresses too
    of : type of each cell (n_cells,), and cells of each type in the whole data set (n_types,)

    Notes
    -----
    Ties, those of the zeros too, get their mid-rank. A cell whose genes are all tied has no direction: its profile is
    zero, and it neither votes nor is told from others.
    """
    codes, sizes = of
    n_cells = len(codes)
    cells, genes, values = _sorted(cells, genes, values, n_cells)
    starts = np.searchsorted(cells, np.arange(n_cells + 1))
    n_nonzero = np.diff(starts)
    n_zeros = n_genes - n_nonzero
    n_negative = np.bincount(cells[values < 0], minlength=n_cells)
    # Mid-ranks among the nonzeros of the cell: the middle of each run of equal values.
    fresh = np.ones(len(cells), dtype=np.bool_)
    fresh[1:] = (np.diff(cells) != 0) | (np.diff(values) != 0)
    first = np.flatnonzero(fresh)
    run = np.cumsum(fresh) - 1
    middle = (first + np.append(first[1:], len(cells)) + 1) / 2
    rank = middle[run] - starts[cells] + np.where(values > 0, n_zeros[cells], 0)
    of_zero = n_negative + (n_zeros + 1) / 2
    mean = (n_genes + 1) / 2
    squares = np.bincount(cells, weights=(rank - mean) ** 2, minlength=n_cells) + n_zeros * (of_zero - mean) ** 2
    length = np.sqrt(squares)
    scale = np.divide(1.0, length, out=np.zeros(n_cells), where=length > 0)
    # Of a cell without zeros the rank of a zero is only a constant, which drops out of every product.
    above = sparse.csr_array(((rank - of_zero[cells]) * scale[cells], genes, starts), (n_cells, n_genes))
    return Profiles(above, codes, sizes)


def _sorted(cells: I64, genes: I64, values: np.ndarray, n_cells: int) -> tuple[I64, I64, np.ndarray]:
    """Sort nonzeros by cell, then by value, then by gene."""
    if values.dtype != np.float32:
        order = np.lexsort((genes, values, cells))
        return cells[order], genes[order], values[order]
    # One integer holds value and gene; those of a cell are gathered, then sorted in the nearest cache. The bits of a
    # float ascend with it, those of a negative one descend.
    bits = values.view(np.uint32)
    keys = np.where(bits & _SIGN, ~bits, bits | _SIGN).astype(np.uint64) << _HALF | genes.astype(np.uint64)
    rows = sparse.coo_array((keys, (cells, np.arange(len(keys)))), (n_cells, len(keys))).tocsr()
    keys = rows.data
    for first, last in pairwise(rows.indptr.tolist()):
        keys[first:last].sort()
    ascending = (keys >> _HALF).astype(np.uint32)
    bits = np.where(ascending & _SIGN, ascending ^ _SIGN, ~ascending)
    return (
        np.repeat(np.arange(n_cells), np.diff(rows.indptr)),
        (keys & np.uint64(0xFFFF_FFFF)).astype(np.int64),
        bits.view(np.float32),
    )


def aurocs(voters: Profiles, candidates: Profiles) -> F64:
    """Compute how well each type of the voters tells each type of the candidates from all their other cells.

    Returns
    -------
    (n_voter_types, n_candidate_types) float64; NaN for a type without cells, and where there is no other type.

    Notes
    -----
    The vote of the type t for a cell c is the sum of 1 + rho(c, v) over the cells v of t, over the sum over all v.
    Where the cells are a sample, each stands for as many of its type as were not drawn, in the votes and among the
    negatives; with all cells the numbers are those of MetaNeighbor.
    """
    sums = voters.sums
    # Profiles sum to zero over the genes: constants in either factor make no difference.
    centred = sums - sums.mean(axis=0)
    votes = np.asarray(candidates.above @ centred) + voters.sizes
    scores = votes / votes.sum(axis=1, keepdims=True)
    return np.stack([_areas(column, candidates) for column in scores.T])


def _areas(scores: F64, candidates: Profiles) -> F64:
    """AUROC of each type against all others by one order of the cells, (n_types,)."""
    weights, drawn = candidates.weights, candidates.drawn
    # Sums of products in another order differ in their last bits: what differs by less is a tie.
    _, level = np.unique(np.round(scores, 13), return_inverse=True)
    mass = np.bincount(level, weights=weights[candidates.codes])
    below = np.cumsum(mass) - mass / 2
    summed = np.bincount(candidates.codes, weights=below[level], minlength=len(weights))
    own = weights * drawn**2 / 2
    pairs = drawn * (candidates.sizes.sum() - candidates.sizes)
    return np.divide(summed - own, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
