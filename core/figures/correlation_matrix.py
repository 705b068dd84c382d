"""Heat map of a correlation matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.figures.axes import diverging
from core.figures.theme import Json, Theme, base_layout, escaped, packed

if TYPE_CHECKING:
    from core.analysis.correlation_matrix import GeneMatrix


# Above this number names would be unreadable, and gaps would cover the fields.
MAX_TICKS, MAX_GAPS = 80, 60


def heatmap(found: GeneMatrix, theme: Theme, title: str = "r") -> Json:
    """Draw a correlation matrix in the order of its clustering, `title` above its colours; NaN stays empty."""
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
                    "title": {"text": title, "font": {"size": 11, "color": theme.muted}},
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
