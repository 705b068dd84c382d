"""One transcription factor or pathway between the targets that it lowers and those that it raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.figures.axes import diverging
from core.figures.gene_grid import color_bar
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

ROW: Final = 20
TOP, BOTTOM = 34, 20
# Targets on either side; of more, lines would cover each other.
N_EACH: Final = 15
MAX_NAME: Final = 16
# Places across: of the targets, of the ends of their lines, and of the bend before.
NODE, END, BEND = 1.0, 0.93, 0.8
ACROSS: Final = 1.75


def target_network(source: str, genes: Sequence[str], weight: F64, stat: F64, theme: Theme) -> Json:
    """Draw lines from a source to its targets: solid with an arrow where it raises them, dashed with a bar where not.

    Parameters
    ----------
    genes, weight, stat
        Targets, by falling absolute product of statistic and weight; the first of either sign are drawn, from the
        highest statistic down.
    """
    sides = [_shown(weight, stat, sign) for sign in (-1, 1)]
    rows = max(*(len(side) for side in sides), 1)
    at = np.concatenate(sides)
    y = np.concatenate([_spread(len(side), rows) for side in sides])
    sign = np.sign(weight[at])
    reach = float(np.abs(stat[at]).max(initial=0.0)) or 1.0
    height = TOP + BOTTOM + ROW * (rows + 1)
    nodes = {
        "type": "scatter",
        "mode": "markers+text",
        "x": packed(NODE * sign, "f8"),
        "y": packed(y, "f8"),
        "text": [f"<i>{escaped(shortened(str(genes[each]), MAX_NAME))}</i>" for each in at.tolist()],
        "textposition": ["middle right" if each > 0 else "middle left" for each in sign.tolist()],
        "textfont": {"size": 11, "color": theme.ink},
        "customdata": [str(genes[each]) for each in at.tolist()],
        "hovertext": [
            f"<i>{escaped(str(genes[each]))}</i>: weight {weight[each]:+.3g}, statistic {stat[each]:+.2f}"
            for each in at.tolist()
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "size": 11,
            "color": packed(stat[at], "f8"),
            "colorscale": diverging(theme),
            "cmin": -reach,
            "cmax": reach,
            "line": {"width": 0.8, "color": theme.muted},
            "colorbar": color_bar("statistic: lower · higher", theme, (-reach, reach), height - TOP - BOTTOM),
        },
    }
    middle = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [0],
        "y": [0],
        "text": [f"<b>{escaped(shortened(source, MAX_NAME))}</b>"],
        "textposition": "top center",
        "textfont": {"size": 12, "color": theme.ink},
        "hoverinfo": "skip",
        "marker": {"size": 14, "symbol": "diamond", "color": theme.ink},
    }
    return {
        "data": [
            _lines(y[sign < 0], -1.0, theme),
            _lines(y[sign > 0], 1.0, theme),
            _ends(y, sign, theme),
            nodes,
            middle,
        ],
        "layout": {
            **base_layout(theme),
            "height": height,
            "margin": {"l": 8, "r": 16, "t": TOP, "b": BOTTOM},
            "xaxis": {"visible": False, "range": [-ACROSS, ACROSS], "fixedrange": True},
            "yaxis": {"visible": False, "range": [-rows / 2 - 0.6, rows / 2 + 0.6], "fixedrange": True},
            "annotations": [_head("lowers", -NODE, theme), _head("raises", NODE, theme)],
        },
    }


def _shown(weight: F64, stat: F64, sign: int) -> I64:
    """Choose the first targets of a sign, from the highest statistic down."""
    found = np.flatnonzero(np.sign(weight) == sign)[:N_EACH]
    return found[np.argsort(-stat[found], kind="stable")]


def _spread(n: int, rows: int) -> F64:
    """Place `n` targets a row apart around the middle, closer together at the ends of as many rows as there are."""
    return (min(n, rows) - 1) / 2 - np.arange(n, dtype=np.float64)


def _lines(y: F64, sign: float, theme: Theme) -> Json:
    """Draw a line to each target, which ends level."""
    ends = np.full((len(y), 4, 2), np.nan)
    ends[:, 0] = 0.0
    ends[:, 1, 0], ends[:, 2, 0] = sign * BEND, sign * END
    ends[:, 1, 1] = ends[:, 2, 1] = y
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(ends[:, :, 0].ravel(), "f8"),
        "y": packed(ends[:, :, 1].ravel(), "f8"),
        "line": {"width": 1, "color": theme.muted, "dash": "solid" if sign > 0 else "4px,3px"},
        "hoverinfo": "skip",
    }


def _ends(y: F64, sign: F64, theme: Theme) -> Json:
    """Draw an arrow at the end of a line that raises, a bar at that of one that lowers."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(END * sign, "f8"),
        "y": packed(y, "f8"),
        "hoverinfo": "skip",
        "marker": {
            "symbol": ["triangle-right" if each > 0 else "line-ns-open" for each in sign.tolist()],
            "size": 8,
            "color": theme.muted,
            "line": {"width": 1.6, "color": theme.muted},
        },
    }


def _head(text: str, x: float, theme: Theme) -> Json:
    return {
        "x": x,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": text,
        "showarrow": False,
        "font": {"size": 12, "color": theme.muted},
        "captureevents": False,
    }
