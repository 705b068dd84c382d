"""Forest plot of a correlation within strata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import MAX_NAME, RISES, axis
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.stratified import Strata, Stratum


ROW = 24


def forest(found: Strata, theme: Theme, most: int = 60, title: str = "r") -> Json:
    """Show r and its 95% interval in each level of a column, and over them; a line at zero and at the pooled value.

    Parameters
    ----------
    most : no more levels than these are drawn, those with the most cells
    title : of the axis of coefficients, which may hold markup
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
            "xaxis": axis(f"{title} (95% CI)", theme) | {"zeroline": True, "zerolinecolor": theme.muted},
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
    missing = ", no r" if not np.isfinite(stratum.r) else ", not pooled" if "not pooled" in stratum.why else ""
    return f"{shortened(stratum.category or '(empty)', MAX_NAME)} (n {stratum.n:,}{missing})"


def _sizes(n: Sequence[int]) -> list[float]:
    """Return the sizes of squares whose area is proportional to the number of cells, between 5 and 11 pixels."""
    most = max(n, default=1) or 1
    return [round(5 + 6 * float(np.sqrt(size / most)), 1) for size in n]
