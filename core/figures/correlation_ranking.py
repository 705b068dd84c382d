"""Ranking of all genes by their correlation with one gene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import DIVERGING, MAX_NAME, axis
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

N_NAMED = 12


def ranking(genes: Sequence[str], r: F64, theme: Theme, named: str = "", title: str = "r") -> Json:
    """Draw the coefficients of all genes from highest to lowest, the ends named.

    Parameters
    ----------
    genes, r : as in the table of `core.analysis.correlation.correlates`; NaN is left out
    named : a gene to point at, such as the one chosen
    title : of the axis of coefficients, which may hold markup
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
                    # Small points, unlike fields, must contrast with the background: grey is the middle.
                    "colorscale": color_scale((DIVERGING[theme.name][0], theme.muted, DIVERGING[theme.name][-1])),
                    "cmin": -1,
                    "cmax": 1,
                },
            }
        ],
        "layout": {
            **base_layout(theme),
            "margin": {"l": 48, "r": 12, "t": 12, "b": 40},
            "xaxis": axis("genes, from the highest to the lowest", theme)
            | {"showgrid": False, "range": [1 - 0.03 * n, n + 0.03 * n]},
            "yaxis": axis(title, theme)
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
    """Label gene B, on the side of the curve without the names of the ends."""
    left = x <= n / 2
    return _name(gene, x, y, theme, high=left, line=0) | {
        "text": f"<b><i>{escaped(shortened(gene, MAX_NAME))}</i></b>",
        "ax": 14 if left else -14,
        "ay": 46 if left else -46,
        "xanchor": "left" if left else "right",
    }


def _name(gene: str, x: int, y: float, theme: Theme, *, high: bool, line: int) -> Json:
    """Label a point in a column beside its end of the curve, each name on its own line."""
    return {
        "x": x,
        "y": y,
        "text": f"<i>{escaped(shortened(gene, MAX_NAME))}</i>",
        "font": {"size": 11, "color": theme.ink},
        # The curve runs behind a name where it comes near.
        "bgcolor": theme.paper,
        "borderpad": 0,
        "arrowcolor": theme.muted,
        "arrowwidth": 0.8,
        "arrowhead": 0,
        "standoff": 3,
        "ax": 72 if high else -72,
        "ay": (line * 17 - 4) * (1 if high else -1),
        "xanchor": "left" if high else "right",
        "captureevents": False,
    }
