"""One row of the table that ``make bench`` prints."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

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


def one(what, value, unit, budget=""):
    """A thing measured once."""
    return Row(what, value, value, value, unit, budget)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
