"""Ranking of all genes by their correlation with one gene."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.figures.axes import DIVERGING, MAX_NAME, axis
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

N_NAMED = 12
# Pixels from one name to the next, and of a usual panel; where names stand, as a share of its width from their end.
LINE, PANEL, BESIDE = 17, 330, 0.25
# Up to this share of the ranks from an end, the name of gene B stands in the column of that end.
NEAR = 0.1


class Beside(NamedTuple):
    """Place of a name: pixels to the right of its point and below it, and the side of the name that is there."""

    right: float
    down: float
    anchor: str


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
    top, bottom = (float(r[order[at]]) for at in (0, -1)) if n else (1.0, -1.0)
    reach = 0.06 * max(top - bottom, 0.1)
    # As many names of an end as have room beside the curve, which they would hide.
    inner = int(BESIDE * n)
    free = [abs(float(r[order[at]] - r[order[to]])) for at, to in ((0, inner), (-1, -1 - inner))] if half else [0, 0]
    high, low = (min(half, _lines(each / (top - bottom + 2 * reach))) for each in free)
    # From the outermost inwards, so that no two lines cross.
    named_at = {at: _beside(at, is_high=True) for at in range(high)}
    named_at |= {n - 1 - at: _beside(at, is_high=False) for at in range(low)}
    chosen = next((at for at, gene in enumerate(order) if named and genes[gene] == named), None)
    if chosen is not None and chosen not in named_at:
        named_at[chosen] = _chosen(chosen, n, (high, low))
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
                _name(str(genes[order[at]]), (int(place[at]), float(r[order[at]])), theme, beside, bold=at == chosen)
                for at, beside in named_at.items()
            ],
        },
    }


def _lines(share: float) -> int:
    """Return how many names have room in a share of the height of the panel; one at least."""
    return max(int(share * PANEL / LINE), 1)


def _beside(line: int, *, is_high: bool) -> Beside:
    """Place a name in the column beside its end of the curve, each on its own line."""
    return Beside(72 if is_high else -72, (line * LINE - 4) * (1 if is_high else -1), "left" if is_high else "right")


def _chosen(at: int, n: int, taken: tuple[int, int]) -> Beside:
    """Place the name of gene B: after those of its end where it is close to one, else near its point."""
    is_high = at < n / 2
    from_end = at if is_high else n - 1 - at
    if from_end < NEAR * n:
        return _beside(taken[0 if is_high else 1], is_high=is_high)
    return Beside(14, 46, "left") if is_high else Beside(-14, -46, "right")


def _name(gene: str, point: tuple[int, float], theme: Theme, beside: Beside, *, bold: bool) -> Json:
    """Label a point."""
    text = f"<i>{escaped(shortened(gene, MAX_NAME))}</i>"
    return {
        "x": point[0],
        "y": point[1],
        "text": f"<b>{text}</b>" if bold else text,
        "font": {"size": 11, "color": theme.ink},
        # The curve runs behind a name where it comes near.
        "bgcolor": theme.paper,
        "borderpad": 0,
        "arrowcolor": theme.muted,
        "arrowwidth": 0.8,
        "arrowhead": 0,
        "standoff": 3,
        "ax": beside.right,
        "ay": beside.down,
        "xanchor": beside.anchor,
        "captureevents": False,
    }
