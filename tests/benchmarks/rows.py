"""One row of the table that ``make bench`` prints."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np
from numba import njit

REPEATS = 15


@dataclass(frozen=True)
class Row:
    """One measured thing."""

    what: str
    median: float
    low: float
    high: float
    unit: str
    budget: str = ""

    def __str__(self) -> str:
        """One line of a Markdown table."""
        span = f"{_number(self.low)} – {_number(self.high)}"
        return f"| {self.what} | {_number(self.median)} {self.unit} | {span} | {self.budget} |"


def timed(what, call, *, budget="", repeats=REPEATS, scale=1e3, unit="ms", prepare=lambda: None):
    """Time a call, after one that does not count."""
    call()
    seconds = []
    for _ in range(repeats):
        prepare()
        start = time.perf_counter()
        call()
        seconds.append((time.perf_counter() - start) * scale)
    return Row(what, statistics.median(seconds), min(seconds), max(seconds), unit, budget)


@njit(nogil=True, fastmath=True)
def _sum(cells, levels, wide, values):
    total, value = 0, 0.0
    for k in range(cells.size):
        total += cells[k]
    for k in range(levels.size):
        total += levels[k]
    for k in range(wide.size):
        total += wide[k]
    for k in range(values.size):
        value += values[k]
    return total + value


def _read(layer, start, stop):
    """Read every byte that the store holds of some genes, in the order of the files."""
    part = layer.block(start, stop)
    span = slice(int(part.gene_starts[0]), int(part.gene_starts[-1]))
    wide = np.flatnonzero(part.wide_starts >= 0)
    first = int(part.wide_starts[wide[0]]) if wide.size else 0
    n_wide = sum(len(part.levels_of(int(gene))) for gene in wide)
    values = part.values[int(part.value_starts[0]) : int(part.value_starts[-1])]
    return _sum(part.cells[span], part.levels[span], part.levels_wide[first : first + n_wide], values)


def stream(atlas, workers, repeats=7):
    """Time the reading of a layer's bytes by the same workers, which every ratio is to."""
    what = f"stream the layer's bytes, {atlas.n_cells:,} cells"
    return timed(what, lambda: workers.over_genes(_read, atlas, "expression"), repeats=repeats)


def against(row, stream, atlas, budget):
    """Add to a row how it compares with the stream, and what a nonzero costs."""
    each = row.median * 1e6 / atlas.layer().info.n_nonzero
    ratio = f"{row.median / stream.median:.1f}x the stream (≤ {budget}x), {each:.2f} ns a nonzero"
    return Row(row.what, row.median, row.low, row.high, row.unit, ratio)


def one(what, value, unit, budget=""):
    """A thing measured once."""
    return Row(what, value, value, value, unit, budget)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
