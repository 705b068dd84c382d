"""Figures of correlation: ranking, scatter of two genes, forest of strata, matrix of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.palette import ramp
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.analysis.correlation_matrix import GeneMatrix
    from core.analysis.gene_pair import Pair
    from core.analysis.stratified import Strata, Stratum

    F64 = NDArray[np.float64]

# One diverging map, centred at zero: blue falls, red rises; both ends differ in lightness from the middle alike.
FALLS, RISES = "#2166ac", "#b2182b"
_DIVERGING = {
    "light": ("#2166ac", "#6ba5cf", "#c3dcea", "#f4f4f4", "#f7cdb8", "#e0836a", "#b2182b"),
    "dark": ("#6cb2ec", "#3f7fb5", "#2d5172", "#2b3637", "#7a3d35", "#c25d50", "#ff9a8a"),
}
N_NAMED = 12
MAX_POINTS = 4_000
BINS = 70
ROW = 24
MAX_NAME = 28
# More names would be unreadable, more gaps would cover the fields.
MAX_TICKS, MAX_GAPS = 80, 60


def diverging(theme: Theme) -> list[list[float | str]]:
    """The colour scale of a coefficient from -1 to 1."""
    return color_scale(_DIVERGING[theme.name])


def ranking(genes: Sequence[str], r: F64, theme: Theme, named: str = "") -> Json:
    """Coefficients of all genes from highest to lowest, the ends named.

    Parameters
    ----------
    genes, r : as in the table of `core.analysis.correlation.correlates`; NaN is left out
    named : a gene to point at, such as the one chosen
    """
    given = np.flatnonzero(np.isfinite(r))
    order = given[np.argsort(-r[given], kind="stable")]
    place = np.arange(1, len(order) + 1)
    half = min(N_NAMED // 2, len(order) // 2)
    n = len(order)
    # From the outermost inwards: (place, column of names beside the end, line within it).
    ends = [(at, True, line) for line, at in enumerate(range(half))]
    ends += [(n - 1 - at, False, line) for line, at in enumerate(range(half))]
    chosen = next((at for at, gene in enumerate(order) if named and genes[gene] == named), None)
    top, bottom = (float(r[order[at]]) for at in (0, -1)) if n else (1.0, -1.0)
    reach = 0.06 * max(top - bottom, 0.1)
    return {
        "data": [
            {
                "type": "scattergl",
                "mode": "markers",
                "x": packed(place, "f4"),
                "y": packed(r[order], "f4"),
                "text": [escaped(str(genes[gene])) for gene in order],
                "hovertemplate": "<i>%{text}</i><br>r %{y:.3f}, rank %{x:,}<extra></extra>",
                "marker": {
                    "size": 4,
                    "color": packed(r[order], "f4"),
                    # Small points, unlike fields, must stand out from the ground: grey is the middle.
                    "colorscale": color_scale((_DIVERGING[theme.name][0], theme.muted, _DIVERGING[theme.name][-1])),
                    "cmin": -1,
                    "cmax": 1,
                },
            }
        ],
        "layout": {
            **base_layout(theme),
            "margin": {"l": 48, "r": 12, "t": 12, "b": 40},
            "xaxis": _axis("genes, from the highest r to the lowest", theme)
            | {"showgrid": False, "range": [1 - 0.03 * n, n + 0.03 * n]},
            "yaxis": _axis("r", theme)
            | {"zeroline": True, "zerolinecolor": theme.muted, "range": [bottom - reach, top + reach]},
            "annotations": [
                *(
                    _name(str(genes[order[at]]), int(place[at]), float(r[order[at]]), theme, high=high, line=line)
                    for at, high, line in ends
                    if at != chosen
                ),
                *([] if chosen is None else [_chosen(named, int(place[chosen]), float(r[order[chosen]]), theme, n)]),
            ],
        },
    }


def _chosen(gene: str, x: int, y: float, theme: Theme, n: int) -> Json:
    """The name of gene B, on the side of the curve where the names of the ends are not."""
    left = x <= n / 2
    return _name(gene, x, y, theme, high=left, line=0) | {
        "text": f"<b><i>{escaped(shortened(gene, MAX_NAME))}</i></b>",
        "bgcolor": theme.paper,
        "ax": 14 if left else -14,
        "ay": 46 if left else -46,
        "xanchor": "left" if left else "right",
    }


def _name(gene: str, x: int, y: float, theme: Theme, *, high: bool, line: int) -> Json:
    """The name of a point in a column beside its end of the curve; each on a line of its own."""
    return {
        "x": x,
        "y": y,
        "text": f"<i>{escaped(shortened(gene, MAX_NAME))}</i>",
        "font": {"size": 11, "color": theme.ink},
        "arrowcolor": theme.muted,
        "arrowwidth": 0.8,
        "arrowhead": 0,
        "standoff": 3,
        "ax": 72 if high else -72,
        "ay": (line * 17 - 4) * (1 if high else -1),
        "xanchor": "left" if high else "right",
        "captureevents": False,
    }


def scatter(x: F64, y: F64, names: tuple[str, str], found: Pair, unit: str, theme: Theme) -> Json:
    """Two genes cell by cell: points up to a few thousand cells, a density of them beyond; the line and its band."""
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
            "xaxis": _axis(titles[0], theme) | {"range": _around(x)},
            "yaxis": _axis(titles[1], theme) | {"range": _around(y)},
        },
    }


def _around(values: F64) -> list[float]:
    """The range of an axis: that of the cells, not that of a line which leaves them."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    pad = 0.04 * (high - low) or 0.5
    return [low - pad, high + pad]


def forest(found: Strata, theme: Theme, most: int = 60) -> Json:
    """Show r and its 95 % interval in each level of a column, and over them; a line at zero and at the pooled value.

    Parameters
    ----------
    most : no more levels than these are drawn, those with the most cells
    """
    largest = sorted(found.strata, key=lambda stratum: -stratum.n)[:most]
    drawn = [stratum for stratum in found.strata if stratum in largest]
    low = [stratum.ci_low for stratum in drawn] + [found.fixed.ci_low, found.random.ci_low]
    high = [stratum.ci_high for stratum in drawn] + [found.fixed.ci_high, found.random.ci_high]
    r = [stratum.r for stratum in drawn] + [found.fixed.r, found.random.r]
    names = [_stratum(stratum) for stratum in drawn] + ["fixed effect", "random effects"]
    places = -np.arange(len(names), dtype=np.float64)
    places[-2:] -= 0.5
    n_strata = len(drawn)
    sizes = _sizes([stratum.n for stratum in drawn])
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": packed(r, "f8"),
                "y": packed(places, "f8"),
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": packed(np.subtract(high, r), "f8"),
                    "arrayminus": packed(np.subtract(r, low), "f8"),
                    "color": theme.muted,
                    "thickness": 1.4,
                    "width": 0,
                },
                "marker": {
                    "size": [*sizes, 12, 12],
                    "symbol": ["square"] * n_strata + ["diamond", "diamond"],
                    "color": [theme.ink] * n_strata + [RISES if theme.name == "light" else "#ff9a8a"] * 2,
                },
                "text": [escaped(name) for name in names],
                "hovertemplate": "%{text}<br>r %{x:.3f}<extra></extra>",
            }
        ],
        "layout": {
            **base_layout(theme),
            "height": round(ROW * (len(names) + 0.5) + 76),
            "margin": {"l": 8, "r": 16, "t": 26, "b": 44},
            "xaxis": _axis("r with its 95 % interval", theme) | {"zeroline": True, "zerolinecolor": theme.muted},
            "yaxis": {
                "tickvals": places.tolist(),
                "ticktext": [escaped(name) for name in names],
                "range": [float(places[-1]) - 0.7, 0.7],
                "showgrid": False,
                "zeroline": False,
                "automargin": True,
                "fixedrange": True,
            },
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "x0": found.pooled,
                    "x1": found.pooled,
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": theme.muted, "width": 1, "dash": "dot"},
                }
            ]
            if np.isfinite(found.pooled)
            else [],
            "annotations": [
                {
                    "x": found.pooled,
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": f"all cells at once {found.pooled:+.3f}",
                    "showarrow": False,
                    "font": {"size": 11, "color": theme.muted},
                }
            ]
            if np.isfinite(found.pooled)
            else [],
        },
    }


def _stratum(stratum: Stratum) -> str:
    missing = "" if np.isfinite(stratum.r) else ", no r"
    return f"{shortened(stratum.category or '(empty)', MAX_NAME)} (n {stratum.n:,}{missing})"


def _sizes(n: Sequence[int]) -> list[float]:
    """Squares whose area follows the number of cells, between 5 and 11 pixels."""
    most = max(n, default=1) or 1
    return [round(5 + 6 * float(np.sqrt(size / most)), 1) for size in n]


def heatmap(found: GeneMatrix, theme: Theme) -> Json:
    """The matrix of a list in the order of its clustering; NaN stays empty."""
    size = len(found.genes)
    names = [escaped(gene) for gene in found.genes]
    pixels = min(max(round(620 / size), 9), 40)
    axis: Json = {
        "type": "category",
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "constrain": "domain",
        "showticklabels": size <= MAX_TICKS,
        "dtick": 1,
        "ticks": "",
        "tickfont": {"size": 11 if pixels > 13 else 9, "style": "italic", "color": theme.ink},  # noqa: PLR2004 - a line
    }
    gap = 1 if size <= MAX_GAPS else 0
    return {
        "data": [
            {
                "type": "heatmap",
                "x": names,
                "y": names,
                "z": packed(found.r, "f4") | {"shape": f"{size}, {size}"},
                "zmin": -1,
                "zmax": 1,
                "colorscale": diverging(theme),
                "xgap": gap,
                "ygap": gap,
                "hoverongaps": False,
                "hovertemplate": "<i>%{y}</i> and <i>%{x}</i><br>r %{z:.3f}<extra></extra>",
                "colorbar": {
                    "title": {"text": "r", "font": {"size": 11, "color": theme.muted}},
                    "tickfont": {"size": 10, "color": theme.muted},
                    "thickness": 9,
                    "len": 180,
                    "lenmode": "pixels",
                    "y": 1,
                    "yanchor": "top",
                    "outlinewidth": 0,
                },
            }
        ],
        "layout": {
            **base_layout(theme),
            "height": min(max(pixels * size + 110, 340), 820),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": axis | {"tickangle": -60, "side": "bottom"},
            "yaxis": axis | {"autorange": "reversed", "scaleanchor": "x"},
        },
    }


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
    """Cells per field of a grid, on a logarithmic colour: a few cells show beside many."""
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


def _axis(title: str, theme: Theme) -> Json:
    return {
        "title": {"text": title, "font": {"size": 12, "color": theme.muted}, "standoff": 8},
        "gridcolor": theme.grid,
        "tickfont": {"size": 11, "color": theme.muted},
        "zeroline": False,
        "automargin": True,
    }
