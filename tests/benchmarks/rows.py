"""One row of the table that ``make bench`` prints."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass, replace

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
    cpu: float = math.nan
    """Median CPU time of all threads of the process, which other work on the machine adds less to."""

    def __str__(self) -> str:
        """One line of a Markdown table."""
        span = f"{_number(self.low)} – {_number(self.high)}"
        return f"| {self.what} | {_number(self.median)} {self.unit} | {span} | {self.budget} |"


def timed(what, call, *, budget="", repeats=REPEATS, scale=1e3, unit="ms", prepare=lambda: None):
    """Time a call, after one that does not count."""
    call()
    seconds, busy = [], []
    for _ in range(repeats):
        prepare()
        start, cpu = time.perf_counter(), time.process_time()
        call()
        busy.append((time.process_time() - cpu) * scale)
        seconds.append((time.perf_counter() - start) * scale)
    return Row(what, statistics.median(seconds), min(seconds), max(seconds), unit, budget, statistics.median(busy))


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
    lengths = np.diff(part.gene_starts)
    narrow, wide = (_spans(part.level_starts[which], lengths[which]) for which in (~part.wide, part.wide))
    values = part.values[int(part.value_starts[0]) : int(part.value_starts[-1])]
    cells = part.cells[int(part.gene_starts[0]) : int(part.gene_starts[-1])]
    return _sum(cells, part.levels[narrow], part.levels_wide[wide], values)


def _spans(starts, lengths):
    """Return where the levels of consecutive genes of one width lie."""
    return slice(int(starts[0]), int(starts[-1] + lengths[-1])) if starts.size else slice(0)


def stream(atlas, workers, repeats=7):
    """Time the reading of a layer's bytes by the same workers, which every ratio is to."""
    what = f"stream the layer's bytes, {atlas.n_cells:,} cells"
    return timed(what, lambda: workers.over_genes(_read, atlas, "expression"), repeats=repeats)


def against(row, stream, atlas, budget):
    """Add to a row what a nonzero costs, in CPU time, and how that compares with the stream."""
    each = row.cpu * 1e6 / atlas.layer().info.n_nonzero
    ratio = f"{row.cpu / stream.cpu:.1f}x the stream (≤ {budget}x), {each:.2f} ns a nonzero"
    return replace(row, budget=ratio)


def one(what, value, unit, budget=""):
    """A thing measured once."""
    return Row(what, value, value, value, unit, budget)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
