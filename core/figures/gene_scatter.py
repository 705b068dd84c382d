"""Scatter plot of two genes, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import RISES, axis
from core.figures.palette import ramp
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed

if TYPE_CHECKING:
    from core.analysis.gene_pair import Pair
    from core.arrays import F64


MAX_POINTS = 4_000
BINS = 70


def scatter(x: F64, y: F64, names: tuple[str, str], found: Pair, unit: str, theme: Theme) -> Json:
    """Draw two genes cell by cell: points up to a few thousand cells, a density beyond; the line and its band."""
    cells = _points(x, y, theme) if x.size <= MAX_POINTS else _density(x, y, theme)
    line = found.line
    band = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(np.concatenate([line.x, line.x[::-1]]), "f4"),
            "y": packed(np.concatenate([line.high, line.low[::-1]]), "f4"),
            "fill": "toself",
            "fillcolor": "rgba(178,24,43,0.18)",
            "line": {"width": 0},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(line.x, "f4"),
            "y": packed(line.y, "f4"),
            "line": {"color": RISES if theme.name == "light" else "#ff9a8a", "width": 2},
            "hoverinfo": "skip",
        },
    ]
    titles = [f"<i>{escaped(name)}</i> · {escaped(unit)}" for name in names]
    return {
        "data": [cells, *(band if line.x.size else [])],
        "layout": {
            **base_layout(theme),
            "margin": {"l": 52, "r": 12, "t": 12, "b": 44},
            "xaxis": axis(titles[0], theme) | {"range": _around(x)},
            "yaxis": axis(titles[1], theme) | {"range": _around(y)},
        },
    }


def _around(values: F64) -> list[float]:
    """Return the range of an axis that holds all cells, but not all of the line."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    pad = 0.04 * (high - low) or 0.5
    return [low - pad, high + pad]


def _points(x: F64, y: F64, theme: Theme) -> Json:
    return {
        "type": "scattergl",
        "mode": "markers",
        "x": packed(x, "f4"),
        "y": packed(y, "f4"),
        "marker": {"size": 4, "opacity": 0.5, "color": "#3c7bb1" if theme.name == "light" else "#72baf9"},
        "hovertemplate": "%{x:.3f}, %{y:.3f}<extra></extra>",
    }


def _density(x: F64, y: F64, theme: Theme) -> Json:
    """Draw the number of cells in each field of a grid, on a logarithmic colour scale."""
    counts, x_edges, y_edges = np.histogram2d(x, y, bins=BINS)
    with np.errstate(divide="ignore"):
        shade = np.where(counts > 0, np.log10(counts), np.nan)
    top = float(np.nanmax(shade)) if counts.any() else 0.0
    powers = list(range(int(np.floor(top)) + 1))
    return {
        "type": "heatmap",
        "x": packed((x_edges[:-1] + x_edges[1:]) / 2, "f4"),
        "y": packed((y_edges[:-1] + y_edges[1:]) / 2, "f4"),
        "z": packed(shade.T, "f4") | {"shape": f"{BINS}, {BINS}"},
        "customdata": counts.T.astype(int).tolist(),
        "colorscale": color_scale(ramp("number", theme)),
        "hoverongaps": False,
        "hovertemplate": "%{x:.2f}, %{y:.2f}: %{customdata:,} cells<extra></extra>",
        "colorbar": {
            "title": {"text": "cells", "font": {"size": 11, "color": theme.muted}},
            "tickfont": {"size": 10, "color": theme.muted},
            "thickness": 9,
            "len": 0.6,
            "outlinewidth": 0,
            "tickvals": powers,
            "ticktext": [f"{10**power:,}" for power in powers],
        },
    }
