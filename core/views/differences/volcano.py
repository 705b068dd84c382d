"""Volcano and MA plot of the genes of one cell type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.print_style import DEFAULT_HEIGHT
from core.figures.volcano import NARROW, WIDE, Points, ma_plot, volcano
from core.views.differences.comparison import Comparison, compare
from core.views.differences.state import resolve
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.arrays import Mask
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.views.differences.state import DifferencesView
    from core.views.result import Subject

# Pixels for the names of the first genes.
LEAST = (260.0, 240.0)


def draw(result: Comparison, theme: Theme, size: tuple[float, float] = NARROW) -> Json:
    """Draw the volcano, its names placed for a size in pixels."""
    points = Points(result.genes, called(result), result.gene, result.view.genes)
    return volcano(points, result.numbers("log2fc"), result.numbers("p"), theme, size)


def draw_ma(result: Comparison, theme: Theme, size: tuple[float, float] = WIDE) -> Json:
    """Draw the MA plot, its names placed for a size in pixels."""
    with np.errstate(divide="ignore"):
        mean = np.log2(result.numbers("base_mean"))
    points = Points(result.genes, called(result), result.gene, result.view.genes)
    return ma_plot(points, mean, result.numbers("log2fc"), theme, size)


def called(result: Comparison) -> Mask:
    """Find the genes within the thresholds, (n_genes,) bool."""
    small = np.nan_to_num(result.numbers("p_adj"), nan=2.0) <= result.view.fdr
    return small & (np.abs(np.nan_to_num(result.numbers("log2fc"))) >= result.view.min_change)


def thresholds(view: DifferencesView) -> str:
    """State the thresholds: ``adjusted p at most 0.05 and at least twofold``."""
    fold = f" and at least {fold_of(view.min_change)}" if view.min_change else ""
    return f"adjusted p at most {view.fdr:g}{fold}"


def fold_of(change: float) -> str:
    """Write a log2 fold change as a fold change: ``twofold``, ``1.5-fold``."""
    return "twofold" if change == 1 else f"{2**change:.3g}-fold"


def words(result: Comparison) -> Words:
    """Describe the volcano."""
    return _words(result, "by log2 fold change and p value")


def words_ma(result: Comparison) -> Words:
    """Describe the MA plot."""
    return _words(result, "by mean counts per million and log2 fold change")


def _kept(result: Comparison) -> str:
    n = len(result.view.genes)
    return f" All others but the kept set of {n:,} genes are faint." if n else ""


def _words(result: Comparison, axes: str) -> Words:
    a, b = result.names
    numbers = result.counted
    return Words(
        f"{a} against {b}{result.where}",
        f"Each point is one of {numbers['n_tested']:,} tested genes, {axes} between {result.n_samples}. "
        f"Coloured are genes with {thresholds(result.view)}, red where they are higher in {a}, blue where lower; the "
        f"first of each direction are labelled.{_kept(result)}",
        result.methods,
        {**result.parameters, "gene": result.gene},
        f"{numbers['up']:,} genes higher in {a}, {numbers['down']:,} lower, of {numbers['n_tested']:,} tested; "
        f"{numbers['n_filtered']:,} have too few counts. Click a point to plot the gene.",
        f"Differences between {a} and {b}{result.where}",
    )


def subject(result: Comparison) -> Subject:
    """Name the data of the plot."""
    return result.subject


def tables(result: Comparison) -> dict[str, pa.Table]:
    """Return one row a gene."""
    return {"differences": result.table}


def layout(result: Comparison, look: Look) -> Layout:
    """Lay the volcano out with room for names."""
    return Layout(vector(draw(result, look.colors, size_of(look))), look, LEAST)


def layout_ma(result: Comparison, look: Look) -> Layout:
    """Lay the MA plot out with room for names."""
    return Layout(vector(draw_ma(result, look.colors, size_of(look))), look, LEAST)


def size_of(look: Look) -> tuple[float, float]:
    """Return width and height of a figure on paper, in its pixels."""
    return look.pixels(look.width), look.pixels(look.height) if look.height else DEFAULT_HEIGHT


VIEW = View(resolve, compare, draw, words, subject, tables, layout)
MA = View(resolve, compare, draw_ma, words_ma, subject, tables, layout_ma)
