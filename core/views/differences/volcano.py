"""Volcano and MA plot of the genes of one cell type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis.differences_overview import FDR, MIN_CHANGE
from core.figures.volcano import ma_plot, volcano
from core.views.differences.comparison import Comparison, compare
from core.views.differences.state import resolve
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.views.result import Subject

# Pixels for the names of the first genes.
LEAST = (260.0, 240.0)
COLORED = (
    f"Coloured are genes with an adjusted p of {FDR:g} or less and at least a twofold change, red where they are "
    "higher in {a}, blue where lower; the first of each direction are labelled."
)


def draw(result: Comparison, theme: Theme) -> Json:
    """Draw the volcano."""
    return volcano(result.genes, result.numbers("log2fc"), result.numbers("p"), called(result), theme, result.gene)


def draw_ma(result: Comparison, theme: Theme) -> Json:
    """Draw the MA plot."""
    with np.errstate(divide="ignore"):
        mean = np.log2(result.numbers("base_mean"))
    return ma_plot(result.genes, mean, result.numbers("log2fc"), called(result), theme, result.gene)


def called(result: Comparison) -> np.ndarray:
    """Find the genes within the thresholds, (n_genes,) bool."""
    small = np.nan_to_num(result.numbers("p_adj"), nan=2.0) <= FDR
    return small & (np.abs(np.nan_to_num(result.numbers("log2fc"))) >= MIN_CHANGE)


def words(result: Comparison) -> Words:
    """Describe the volcano."""
    return _words(result, "by log2 fold change and p value")


def words_ma(result: Comparison) -> Words:
    """Describe the MA plot."""
    return _words(result, "by mean counts per million and log2 fold change")


def _words(result: Comparison, axes: str) -> Words:
    a, b = result.names
    numbers = result.counted
    return Words(
        f"{a} against {b}{result.where}",
        f"Each point is one of {numbers['n_tested']:,} tested genes, {axes} between {result.n_samples}. "
        f"{COLORED.format(a=a)}",
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
    return Layout(vector(draw(result, look.colors)), look, LEAST)


def layout_ma(result: Comparison, look: Look) -> Layout:
    """Lay the MA plot out with room for names."""
    return Layout(vector(draw_ma(result, look.colors)), look, LEAST)


VIEW = View(resolve, compare, draw, words, subject, tables, layout)
MA = View(resolve, compare, draw_ma, words_ma, subject, tables, layout_ma)
