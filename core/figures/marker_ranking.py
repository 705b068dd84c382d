"""Ranking of the genes of one category by their marker score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.figures.text_width import widest
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Names stand in a column beside the curve, one a line: more would not fit.
N_NAMED = 14
# Pixels from one name to the next, and of the plot of the page, whose height is that of assets/css/32-markers.css.
LINE, HEIGHT = 17.0, 428.0
# Where the column of names begins right of the curve, as a share of the axis.
RIGHT = 0.55
# Names left of a curve that stays high: pixels from them to the curve, the width of the narrowest plot, and the most of
# it that they take.
APART, NARROWEST, MOST_LEFT = 22.0, 250.0, 0.45
# Names are placed right of the curve where at least this many fit.
FEW = 8
MAX_NAME, LETTERS = 24, 11
_BEST = {"light": "#0b6259", "dark": "#6fd0c2"}


@dataclass(frozen=True)
class Place:
    """Position of a name, from which a line leads to its point, and its anchor."""

    x: float
    y: float
    anchor: str = "left"


def ranks(
    genes: Sequence[str], scores: F64, theme: Theme, *, named: str = "", n_top: int = 0, title: str = "score"
) -> Json:
    """Draw scores against rank, on a logarithmic axis, as the first of thousands matter; these are coloured and named.

    Parameters
    ----------
    genes, scores : by falling score, as in the table of `core.analysis.markers.markers`; NaN is left out
    named : a gene to point at
    n_top : how many are coloured, such as those of a dot plot; none below zero
    title : of the axis of scores
    """
    given = np.flatnonzero(np.isfinite(scores))
    shown = [str(genes[int(at)]) for at in given]
    y, n = scores[given], len(given)
    rank = np.arange(1, n + 1)
    best = (rank <= n_top) & (y > 0)
    chosen = shown.index(named) if named in shown else None
    top, bottom = (float(y.max()), float(y.min())) if n else (1.0, -1.0)
    reach = 0.06 * max(top - bottom, 0.1)
    width = float(np.log10(max(n, 2)))
    step = (top - bottom + 2 * reach) * LINE / HEIGHT
    named_at, left = _places(shown, y, width, step)
    if chosen is not None and chosen not in named_at:
        place = float(np.log10(chosen + 1)), float(y[chosen])
        named_at[chosen] = _beside(*place, width, step, is_high=left > 0)
    return {
        "data": [
            {
                "type": "scattergl",
                "mode": "markers",
                "x": packed(rank),
                "y": packed(y),
                "text": [escaped(gene) for gene in shown],
                "hovertemplate": "<i>%{text}</i><br>score %{y:.2f}, rank %{x:,}<extra></extra>",
                "marker": {
                    "size": packed(np.where(best, 6, 4), "u1"),
                    # Plotly rings points of several sizes in white, which hides the curve where they are close.
                    "line": {"width": 0},
                    "color": packed(best.astype(np.uint8), "u1"),
                    "colorscale": [[0, theme.muted], [1, _BEST[theme.name]]],
                    "cmin": 0,
                    "cmax": 1,
                },
            }
        ],
        "layout": {
            **base_layout(theme),
            "margin": {"l": 48, "r": 12, "t": 12, "b": 40},
            "xaxis": _axis("rank", theme)
            | {"type": "log", "tickformat": ",", "showgrid": False, "range": [-0.04 * width - left, 1.04 * width]}
            # There is no rank below 1.
            | {"tickvals": [10**power for power in range(int(width) + 1)]},
            "yaxis": _axis(title, theme)
            | {"zeroline": True, "zerolinecolor": theme.muted, "range": [bottom - reach, top + reach]},
            "annotations": [
                _name(shown[at], at + 1, float(y[at]), place, theme, bold=at == chosen)
                for at, place in named_at.items()
            ],
        },
    }


def _places(names: Sequence[str], y: F64, width: float, step: float) -> tuple[dict[int, Place], float]:
    """Place the names of the best genes in a column: right of a steep curve, or left of one that stays high.

    On either side they stand in the order of their ranks, so that no two lines cross.

    Parameters
    ----------
    names, y : by falling score
    width : of the axis, in powers of ten
    step : from one name to the next, in units of the score

    Returns
    -------
    The places, and what the axis needs to the left of rank 1 for them.
    """
    lines = min(N_NAMED, int((y > 0).sum()))
    if not lines:
        return {}, 0.0
    top, beside = (float(y[min(int(10 ** (share * width)), len(y)) - 1]) for share in (0, RIGHT))
    free = int((top - beside) / step)
    if free >= min(lines, FEW):
        return {at: Place(RIGHT * width, top - at * step) for at in range(min(lines, free))}, 0.0
    room = max(int((top - float(y[-1])) / step), 1)
    shown = [shortened(name, MAX_NAME) for name in names[: min(lines, room)]]
    share = min((widest(shown, LETTERS) + APART) / NARROWEST, MOST_LEFT)
    left = width * share / (1 - share)
    edge = -left * APART / (share * NARROWEST)
    return {at: Place(edge, top - (at + 1) * step, "right") for at in range(len(shown))}, left


def _beside(x: float, score: float, width: float, step: float, *, is_high: bool) -> Place:
    """Place the name of a gene that is not among the first: to the upper right or lower left of the curve."""
    if x < RIGHT * width:
        # Above a curve that stays high there is no room.
        return Place(x + 0.08 * width, score + (-4 if is_high else 4) * step)
    return Place(x - 0.08 * width, score - 4 * step, "right")


def _name(gene: str, rank: int, score: float, place: Place, theme: Theme, *, bold: bool) -> Json:
    """Return a name as an annotation, in the units of the axes, of which one is logarithmic."""
    text = f"<i>{escaped(shortened(gene, MAX_NAME))}</i>"
    return {
        "x": float(np.log10(rank)),
        "y": score,
        "axref": "x",
        "ayref": "y",
        "ax": place.x,
        "ay": place.y,
        "arrowcolor": theme.muted,
        "arrowwidth": 0.8,
        "arrowhead": 0,
        "standoff": 3,
        "text": f"<b>{text}</b>" if bold else text,
        "font": {"size": LETTERS, "color": theme.ink},
        "bgcolor": theme.paper,
        "xanchor": place.anchor,
        "captureevents": False,
    }


def _axis(title: str, theme: Theme) -> Json:
    return {
        "title": {"text": title, "font": {"size": 12, "color": theme.muted}, "standoff": 8},
        "gridcolor": theme.grid,
        "tickfont": {"size": 11, "color": theme.muted},
        "zeroline": False,
        "automargin": True,
    }
