"""Running enrichment score of one gene set along a ranking, with its genes and the statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.figures.axes import DIVERGING, axis
from core.figures.theme import Json, Theme, base_layout, escaped, packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.stats.enrichment import RunningScore

    F64 = NDArray[np.float64]

# Points of the statistic's curve; more are narrower than a pixel.
MAX_POINTS: Final = 800
_LINE: Final = {"light": "#0b6259", "dark": "#6fd0c2"}


def running_score(curve: RunningScore, stat: F64, genes: Sequence[str], theme: Theme) -> Json:
    """Draw the score at each gene, the places of the set's genes, and the ranked statistic.

    Parameters
    ----------
    curve : of `core.stats.enrichment.running_score`
    stat : (n_genes,) of the ranking, falling
    genes : names of the ranking

    Notes
    -----
    The score is drawn exactly: between two genes of the set it falls in a straight line.
    """
    n, places = len(stat), curve.places
    x = np.concatenate([[0], np.repeat(places + 1, 2), [n]]).astype(np.float64)
    x[1:-1:2] -= 1
    y = np.concatenate([[0.0], np.stack([curve.before, curve.after], axis=1).ravel(), [0.0]])
    at = np.unique(np.linspace(0, max(n - 1, 0), min(n, MAX_POINTS)).astype(np.int64)) if n else np.empty(0, np.int64)
    peak = _peak(curve)
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "x": packed(places + 0.5, "f8"),
        "y": packed(np.zeros(len(places))),
        "yaxis": "y2",
        "marker": {
            "symbol": "line-ns-open",
            "size": 14,
            "line": {"width": 1},
            "color": [_LINE[theme.name] if leads else theme.muted for leads in curve.leading.tolist()],
        },
        "text": [
            f"<i>{escaped(genes[int(place)])}</i>, rank {place + 1:,}, statistic {stat[place]:.2f}"
            for place in places.tolist()
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": packed(x, "f8"),
                "y": packed(y, "f8"),
                "line": {"color": _LINE[theme.name], "width": 1.8},
                "hovertemplate": "rank %{x:,.0f}, score %{y:.3f}<extra></extra>",
            },
            ticks,
            {
                "type": "scatter",
                "mode": "lines",
                "x": packed(at + 0.5, "f8"),
                "y": packed(stat[at], "f8"),
                "yaxis": "y3",
                "fill": "tozeroy",
                "line": {"color": theme.muted, "width": 1},
                "hovertemplate": "rank %{x:,.0f}, statistic %{y:.2f}<extra></extra>",
            },
        ],
        "layout": {
            **base_layout(theme),
            "height": 340,
            "margin": {"l": 8, "r": 16, "t": 16, "b": 44},
            "xaxis": axis("rank of the gene", theme)
            | {"anchor": "y3", "range": [0, n], "tickformat": ",", "showgrid": False},
            "yaxis": axis("running score", theme)
            | {"domain": [0.46, 1], "range": _range(y), "zeroline": True, "zerolinecolor": theme.muted},
            "yaxis2": {"domain": [0.33, 0.42], "visible": False, "fixedrange": True, "range": [-1, 1]},
            "yaxis3": axis("statistic", theme) | {"domain": [0, 0.29], "zeroline": True, "zerolinecolor": theme.muted},
            "annotations": [] if peak is None else [_score(peak, n, curve.es, theme)],
        },
    }


def _peak(curve: RunningScore) -> float | None:
    """Return the place of the extreme; None where there is no score."""
    if not np.isfinite(curve.es):
        return None
    return float(curve.places[curve.leading][-1] + 1 if curve.es > 0 else curve.places[curve.leading][0])


def _range(y: F64) -> list[float]:
    """Return a range with room for the score at its peak."""
    low, high = (float(np.nanmin(y)), float(np.nanmax(y))) if np.isfinite(y).any() else (0.0, 1.0)
    pad = 0.16 * ((high - low) or 1.0)
    return [low - pad, high + pad]


def _score(x: float, n: int, es: float, theme: Theme) -> Json:
    """Write the score above the peak, or below it, on the side of the larger half."""
    return {
        "x": x,
        "y": es,
        "xref": "x",
        "yref": "y",
        "text": f"ES {es:+.3f}".replace("-", "−"),
        "font": {"size": 11, "color": DIVERGING[theme.name][-1 if es > 0 else 0]},
        "showarrow": False,
        "xanchor": "left" if x < n / 2 else "right",
        "yanchor": "bottom" if es > 0 else "top",
        "captureevents": False,
    }
