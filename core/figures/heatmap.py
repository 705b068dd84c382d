"""Heatmaps of genes by categories: deviation from the mean of each gene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import diverging
from core.figures.gene_grid import Grid, color_bar, frame, panel_height, pitch
from core.figures.theme import Json, Theme, packed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# A gene of a single category would otherwise use up the colour range.
FURTHEST = 2.5
# Gaps between smaller fields would cover too much.
MIN_PITCH = 12


def heatmap(table: pa.Table, unit: str, theme: Theme, *, signed: bool = False, width: float = 0.0) -> Json:
    """Draw the mean of each gene in each category, standardised per gene over the categories.

    Parameters
    ----------
    table : of `core.analysis.dotplot.dots`
    unit : of the values
    signed : values above zero do not mean that a cell expresses the gene, and are not called so
    width : of the whole figure in pixels, where it is known

    Notes
    -----
    Every category counts the same, however many cells it has. What is the same in all categories has no z and stays
    empty. Colours end at 2.5 standard deviations; the hover tells the number.
    """
    grid = Grid.of(table)
    z = z_scores(grid.mean)
    reach = min(float(np.nanmax(np.abs(z), initial=0.0)) if np.isfinite(z).any() else 0.0, FURTHEST) or 1.0
    matrices = [part.T if grid.across else part for part in (z, grid.mean, grid.pct, grid.n)]
    facts = np.stack(matrices[1:], axis=2)
    n_rows, n_columns = matrices[0].shape
    layout = frame(grid, np.arange(len(grid.labels)), theme, legend=False, width=width)
    gap = 1 if pitch(grid, layout) >= MIN_PITCH else 0
    trace = {
        "type": "heatmap",
        "z": packed(matrices[0]) | {"shape": f"{n_rows}, {n_columns}"},
        "zmin": -reach,
        "zmax": reach,
        "colorscale": diverging(theme),
        "xgap": gap,
        "ygap": gap,
        "hoverongaps": False,
        "customdata": packed(facts) | {"shape": f"{n_rows}, {n_columns}, 3"},
        "hovertemplate": (
            "%{x} · %{y}<br>z over the categories %{z:.2f}, mean %{customdata[0]:.3g}<br>%{customdata[1]:.1f}% of "
            f"%{{customdata[2]:,}} {'cells are above 0' if signed else 'cells express it'}<extra></extra>"
        ),
        "colorbar": color_bar(f"z-score of mean {unit}", theme, (-reach, reach), panel_height(grid)),
    }
    for axis in ("xaxis", "yaxis"):
        layout[axis]["showgrid"] = False
    return {"data": [trace], "layout": layout}


def z_scores(mean: F64) -> F64:
    """Standardise the means of each gene (n in the denominator); NaN where they do not vary."""
    if not mean.size:
        return mean
    away = mean - mean.mean(axis=1, keepdims=True)
    spread = mean.std(axis=1, keepdims=True)
    constant = mean.min(axis=1, keepdims=True) == mean.max(axis=1, keepdims=True)
    return np.divide(away, spread, out=np.full_like(mean, np.nan), where=~constant & (spread > 0))
