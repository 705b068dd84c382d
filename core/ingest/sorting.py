"""Bringing the nonzeros of each gene into ascending order of value."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from concurrent.futures import Executor

_SIGN = np.uint32(0x8000_0000)
_ALL = np.uint32(0xFFFF_FFFF)
_LOW = np.uint64(0xFFFF_FFFF)
_SHIFT = np.uint64(32)


def sort_genes(
    values: np.ndarray, cells: np.ndarray, indptr: np.ndarray, executor: Executor, pieces: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Sort each gene's entries by value, then by cell.

    Parameters
    ----------
    values : (n,) float32 or float64, finite and not zero
    cells : (n,) int32, not negative, ascending within each gene
    indptr : (n_genes + 1,) int64
    executor
        Runs the pieces; numpy sorts without the GIL.
    pieces
        How many to cut the genes into.

    Returns
    -------
    values, cells
        New arrays of the same dtypes.

    Notes
    -----
    A float32 and its cell fit one 64-bit integer whose order is the order wanted: the bits of a float compare like
    an integer once negatives are flipped. numpy sorts those integers with vector instructions, several times faster
    than an indirect sort.
    """
    bounds = np.linspace(0, len(indptr) - 1, pieces + 1).astype(int)
    spans = [(int(a), int(b)) for a, b in itertools.pairwise(bounds) if b > a]
    if values.dtype == np.float32:
        keys = _keys(values, cells)
        list(executor.map(lambda span: _sort_keys(keys, indptr, *span), spans))
        return _values(keys), (keys & _LOW).astype(np.int32)
    order = np.empty(values.size, dtype=np.int64)
    list(executor.map(lambda span: _order(values, order, indptr, *span), spans))
    return values[order], cells[order]


def _keys(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    bits = values.view(np.uint32)
    ordered = np.where(bits & _SIGN, bits ^ _ALL, bits | _SIGN)
    return (ordered.astype(np.uint64) << _SHIFT) | cells.astype(np.uint64)


def _values(keys: np.ndarray) -> np.ndarray:
    ordered = (keys >> _SHIFT).astype(np.uint32)
    return np.where(ordered & _SIGN, ordered ^ _SIGN, ordered ^ _ALL).view(np.float32)


def _sort_keys(keys: np.ndarray, indptr: np.ndarray, start: int, stop: int) -> None:
    for gene in range(start, stop):
        keys[indptr[gene] : indptr[gene + 1]].sort()


def _order(values: np.ndarray, order: np.ndarray, indptr: np.ndarray, start: int, stop: int) -> None:
    for gene in range(start, stop):
        low, high = indptr[gene], indptr[gene + 1]
        order[low:high] = low + np.argsort(values[low:high], kind="stable")
