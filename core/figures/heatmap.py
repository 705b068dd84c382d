"""Heatmaps of genes by categories: deviation from the mean of each gene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import diverging
from core.figures.gene_grid import Grid, blocks, color_bar, frame, is_scaled, panel_height, pitch
from core.figures.palette import ramp
from core.figures.theme import Json, Theme, color_scale, packed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# A gene of a single category would otherwise use up the colour range.
FURTHEST = 2.5
# Gaps between smaller fields would cover too much.
MIN_PITCH = 12


def heatmap(
    table: pa.Table, unit: str, theme: Theme, *, signed: bool = False, width: float = 0.0, n_blocks: int = 0
) -> Json:
    """Draw the mean of each gene in each category, standardised per gene over three categories or more.

    Parameters
    ----------
    table : of `core.analysis.dotplot.dots`
    unit : of the values
    signed : values above zero do not mean that a cell expresses the gene, and are not called so
    width : of the whole figure in pixels, where it is known
    n_blocks : in how many blocks side by side the genes run downwards; 0 where their number decides the direction

    Notes
    -----
    Two means are always one standard deviation from their middle, so that their z says nothing: the means themselves
    are drawn. Every category counts the same, however many cells it has. What is the same in all categories has no z
    and stays empty. Colours end at 2.5 standard deviations; the hover tells the number.
    """
    grid = Grid.of(table, n_blocks)
    scaled = is_scaled(grid)
    shade = z_scores(grid.mean) if scaled else grid.mean
    low, high = _ends(shade, scaled=scaled)
    places = np.arange(len(grid.labels))
    layout = frame(grid, places, theme, legend=False, width=width)
    block = blocks(grid, places, width)
    share = "cells are above 0" if signed else "cells express it"
    own = {
        "zmin": low,
        "zmax": high,
        "colorscale": diverging(theme) if scaled else color_scale(ramp("expression", theme)),
        "hovertemplate": (
            f"%{{x}} · %{{y}}<br>{'z over the categories %{z:.2f}, ' if scaled else ''}mean %{{customdata[0]:.3g}}"
            f"<br>%{{customdata[1]:.1f}}% of %{{customdata[2]:,}} {share}"
            "<extra></extra>"
        ),
        "colorbar": color_bar(f"{'z-score of ' if scaled else ''}mean {unit}", theme, (low, high), panel_height(grid)),
    }
    gap = 1 if pitch(grid, layout) >= MIN_PITCH else 0
    rows = len(grid.genes) if grid.across else grid.n_rows
    traces: list[Json] = []
    for start in range(0, len(grid.genes), rows or 1):
        genes = slice(start, start + rows)
        fields = _fields(grid, shade, genes)
        if n_blocks > 1:
            fields |= {"x0": float(block.offset[start]), "dx": 1}
        traces.append({**fields, **own, "xgap": gap, "ygap": gap, "hoverongaps": False, "showscale": not start})
    for axis in ("xaxis", "yaxis"):
        layout[axis]["showgrid"] = False
    return {"data": traces, "layout": layout}


def _ends(shade: F64, *, scaled: bool) -> tuple[float, float]:
    """Return both ends of the colours: of z at 2.5 standard deviations at most, of means from zero or below."""
    if scaled:
        reach = min(float(np.nanmax(np.abs(shade), initial=0.0)) if np.isfinite(shade).any() else 0.0, FURTHEST) or 1.0
        return -reach, reach
    low = min(float(shade.min(initial=0.0)), 0.0)
    return low, max(float(shade.max(initial=0.0)), low) or 1.0


def _fields(grid: Grid, shade: F64, genes: slice) -> Json:
    """Return the fields of some genes, with the numbers that a hover shows."""
    parts = [part[genes].T if grid.across else part[genes] for part in (shade, grid.mean, grid.pct, grid.n)]
    n_rows, n_columns = parts[0].shape
    return {
        "type": "heatmap",
        "z": packed(parts[0]) | {"shape": f"{n_rows}, {n_columns}"},
        "customdata": packed(np.stack(parts[1:], axis=2)) | {"shape": f"{n_rows}, {n_columns}, 3"},
    }


def z_scores(mean: F64) -> F64:
    """Standardise the means of each gene (n in the denominator); NaN where they do not vary."""
    if not mean.size:
        return mean
    away = mean - mean.mean(axis=1, keepdims=True)
    spread = mean.std(axis=1, keepdims=True)
    constant = mean.min(axis=1, keepdims=True) == mean.max(axis=1, keepdims=True)
    return np.divide(away, spread, out=np.full_like(mean, np.nan), where=~constant & (spread > 0))
