"""Formatting of numbers in sentences and tables."""

from __future__ import annotations

import math

from core.analysis.expression import NOT_GIVEN

TINY = 1e-300
SMALL = 1e-3
COEFFICIENTS = {"spearman": "Spearman’s ρ", "pearson": "Pearson’s r"}
# For a methods section.
AS_IF_INDEPENDENT = (
    "P values treat cells as independent observations, which they are not; they do not support inference across donors."
)
METHODS = {"spearman": "Spearman", "pearson": "Pearson"}
NOT_REPLICATES = "p-values treat cells as independent, which they are not; they do not extend to other donors."


def count(n: int, n_all: int) -> str:
    """Format the numbers of cells before and after the filters."""
    return f"All {cells_of(n)}" if n == n_all else f"{n_all:,} → {cells_of(n)}"


def cells_of(n: int) -> str:
    """Format a number of cells: ``1 cell``, ``4,120 cells``."""
    return f"{n:,} cell{'' if n == 1 else 's'}"


def number(value: float, digits: int = 3) -> str:
    """Format a coefficient; a dash for NaN."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """Format a 95% interval."""
    return "–" if math.isnan(low) or math.isnan(high) else f"{number(low)} to {number(high)}"


def p_value(p: float) -> str:
    """Format a p value: ``0.024``, ``3e-12``, ``≈ 0`` where the digits of a double do not suffice."""
    if math.isnan(p):
        return "–"
    if p < TINY:
        return "≈ 0"
    return f"{p:.3f}" if p >= SMALL else f"{p:.1e}".replace("e-0", "e-")


def p_equals(p: float) -> str:
    """Format an equation: ``p = 0.024``, ``p ≈ 0``."""
    words = p_value(p)
    return f"p {words}" if words.startswith("≈") else f"p = {words}"


def category_label(name: str) -> str:
    """Return the name of a category; ``(not given)`` for cells without one, whose name is empty."""
    return name or NOT_GIVEN
