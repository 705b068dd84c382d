"""Dot plots: the area of a dot is the fraction of cells that express a gene, its colour the mean expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.gene_grid import CLOSE, Grid, blocks, color_bar, frame, is_scaled, panel_height, pitch
from core.figures.palette import ramp
from core.figures.theme import Json, Theme, color_scale, packed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

SIZES = (25, 50, 75, 100)
SCALED = "<br>colour %{customdata[4]:.2f}: 0 lowest, 1 highest category of this gene"
# Plotly draws no larger marker than this in a legend.
LARGEST = 16
# Pixels from the edge of a figure of known width to its legend.
EDGE = 10


def dotplot(  # noqa: PLR0913 - what is drawn, and how
    table: pa.Table,
    unit: str,
    theme: Theme,
    *,
    standardise: bool = False,
    signed: bool = False,
    width: float = 0.0,
    n_blocks: int = 0,
) -> Json:
    """Draw genes by categories from a table of `core.analysis.dotplot.dots`.

    Parameters
    ----------
    unit : of the values
    standardise : colour each gene from 0 (its lowest category) to 1 (its highest), instead of by its mean, where there
        are three categories or more
    signed : values above zero do not mean that a cell expresses the gene, and are not called so
    width : of the whole figure in pixels, where it is known
    n_blocks : in how many blocks side by side the genes run downwards; 0 where their number decides the direction

    Notes
    -----
    A dot stands for at least one cell above zero: where there is none, nothing is drawn. Categories without cells are
    left out.
    """
    grid = Grid.of(table, n_blocks)
    standardise = standardise and is_scaled(grid)
    shade = standardised(grid.mean) if standardise else grid.mean
    genes, columns = np.nonzero(grid.n_expressing)
    placed = frame(grid, grid.places, theme, legend=True, width=width)
    # In blocks on paper rows may stand closer.
    largest = min(LARGEST, pitch(grid, placed) * (CLOSE if n_blocks else 1) - 2)
    block = blocks(grid, grid.places, width)
    at_gene, at_column = packed(block.row[genes]), packed(grid.places[columns] + block.offset[genes])
    names, labels = grid.names, grid.labels
    parts = (grid.n_expressing, grid.n, grid.pct, grid.mean, *((shade,) if standardise else ()))
    facts = np.stack([part[genes, columns] for part in parts], axis=1)
    what = "cells above 0" if signed else "cells expressing"
    low, high = float(shade.min(initial=0.0)), float(shade.max(initial=0.0)) or 1.0
    dots = {
        # Not scattergl, whatever the number: a long list is taller than the largest canvas that WebGL draws on.
        "type": "scatter",
        "mode": "markers",
        "x": at_gene if grid.across else at_column,
        "y": at_column if grid.across else at_gene,
        "marker": {
            "size": packed(largest * np.sqrt(grid.pct[genes, columns] / 100)),
            "opacity": 1,
            "line": {"width": 0.6, "color": theme.muted},
            "color": packed(shade[genes, columns]),
            "colorscale": color_scale(ramp("expression", theme)),
            "cmin": low,
            "cmax": high,
            "colorbar": color_bar(
                "mean expression (scaled 0–1 per gene)" if standardise else f"mean {unit}",
                theme,
                (low, high),
                panel_height(grid),
            ),
        },
        "showlegend": False,
        "text": [f"{names[gene]} · {labels[column]}" for gene, column in zip(genes, columns, strict=True)],
        "customdata": packed(facts) | {"shape": f"{genes.size}, {len(parts)}"},
        "hovertemplate": (
            f"%{{text}}<br>%{{customdata[0]:,}} of %{{customdata[1]:,}} {what} (%{{customdata[2]:.1f}}%)"
            f"<br>mean %{{customdata[3]:.3g}}{SCALED if standardise else ''}<extra></extra>"
        ),
    }
    font = {"size": 11, "color": theme.muted}
    legend = legend_of_sizes(f"% of {what}", "left", font, width)
    layout = {**placed, "showlegend": True, "legend": legend}
    return {"data": [dots, *(size_entry(percent, largest, theme) for percent in SIZES)], "layout": layout}


def standardised(mean: F64) -> F64:
    """Scale the means of each gene from 0 in the lowest category to 1 in the highest; 0 where all are the same."""
    low = mean.min(axis=1, keepdims=True, initial=np.inf)
    high = mean.max(axis=1, keepdims=True, initial=-np.inf)
    return np.divide(mean - low, high - low, out=np.zeros_like(mean), where=high > low)


def size_entry(percent: int, largest: float, theme: Theme) -> Json:
    """Return a dot of the legend: a trace without a point."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": f"{percent}%",
        "showlegend": True,
        "hoverinfo": "skip",
        "marker": {"size": largest * (percent / 100) ** 0.5, "color": theme.muted},
    }


def legend_of_sizes(text: str, side: str, font: Json, width: float) -> Json:
    """Lay out the legend of the sizes of dots, above the plot, for a figure of a width; 0 where it is not known."""
    return {
        "orientation": "h",
        "itemsizing": "trace",
        "itemclick": False,
        "itemdoubleclick": False,
        "entrywidth": 36,
        "bgcolor": "rgba(0,0,0,0)",
        "xref": "container",
        "x": EDGE / width if width else 0,
        "yref": "container",
        "y": 1,
        "yanchor": "top",
        "font": font,
        "title": {"text": text, "side": side, "font": font},
    }
