"""Targets of one transcription factor or pathway in the volcano of all genes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.figures.axes import FALLS, RISES, axis
from core.figures.name_places import LETTERS, annotation, arranged
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened
from core.figures.volcano import MAX_NAME, TINY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Targets that are named on either side.
N_NAMED: Final = 7
MARGIN: Final = {"l": 52, "r": 14, "t": 14, "b": 44}
# Pixels of the figure for which names are placed.
SIZE: Final = (460.0, 400.0)
_COLORS: Final = {"light": (FALLS, RISES), "dark": ("#6cb2ec", "#ff9a8a")}


def target_volcano(
    genes: Sequence[str], log2fc: F64, p: F64, targets: Mapping[str, tuple[float, bool]], theme: Theme
) -> Json:
    """Draw all genes in grey, and above them the targets; genes without a p are left out.

    Parameters
    ----------
    genes, log2fc, p
        All genes, by rising p.
    targets
        Weight and agreement of each target: whether its statistic has the sign of its weight.
    """
    y = -np.log10(np.maximum(p, TINY))
    given = np.isfinite(log2fc) & np.isfinite(y)
    is_target = np.array([gene in targets for gene in genes], dtype=bool)
    other, goal = np.flatnonzero(given & ~is_target), np.flatnonzero(given & is_target)
    weights = [targets[genes[at]][0] for at in goal.tolist()]
    agrees = [targets[genes[at]][1] for at in goal.tolist()]
    low, high = _COLORS[theme.name]
    reach = max(float(np.abs(log2fc[given]).max(initial=0.0)) * 1.12, 0.5)
    top = max(float(y[given].max(initial=0.0)) * 1.12, 1.0)
    return {
        "data": [
            {
                "type": "scattergl",
                "mode": "markers",
                "x": packed(log2fc[other]),
                "y": packed(y[other]),
                "marker": {"size": 3, "color": theme.outside if theme.name == "light" else theme.blank},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": packed(log2fc[goal]),
                "y": packed(y[goal]),
                "text": [_hover(genes[at], weight) for at, weight in zip(goal.tolist(), weights, strict=True)],
                "customdata": [genes[at] for at in goal.tolist()],
                "hovertemplate": "%{text}<br>log2 fold change %{x:.2f}<br>−log10 p %{y:.2f}<extra></extra>",
                "marker": {
                    "size": 8,
                    "symbol": ["triangle-up" if weight > 0 else "triangle-down" for weight in weights],
                    "color": [high if agree else low for agree in agrees],
                    "line": {"width": 0.5, "color": theme.paper},
                },
            },
        ],
        "layout": {
            **base_layout(theme),
            "margin": MARGIN,
            "xaxis": axis("log2 fold change", theme)
            | {"range": [-reach, reach], "zeroline": True, "zerolinecolor": theme.muted},
            "yaxis": axis("−log10 p", theme) | {"range": [-0.03 * top, top]},
            "annotations": _names(genes, (log2fc, y), goal, (reach, top), theme),
        },
    }


def _hover(gene: str, weight: float) -> str:
    return f"<i>{escaped(gene)}</i>, {'raised' if weight > 0 else 'lowered'}"


def _names(
    genes: Sequence[str], xy: tuple[F64, F64], goal: NDArray[np.int64], ends: tuple[float, float], theme: Theme
) -> list[Json]:
    """Name the targets of smallest p on either side; a name for which there is no room is left out."""
    x, y = xy
    chosen = [int(at) for sign in (1, -1) for at in goal[np.sign(x[goal]) == sign][:N_NAMED]]
    reach, top = ends
    width, height = (SIZE[0] - MARGIN["l"] - MARGIN["r"], SIZE[1] - MARGIN["t"] - MARGIN["b"])
    points = [
        (float((x[at] + reach) / (2 * reach) * width), float((y[at] + 0.03 * top) / (1.03 * top) * height))
        for at in chosen
    ]
    texts = [f"<i>{escaped(shortened(str(genes[at]), MAX_NAME))}</i>" for at in chosen]
    places = arranged(texts, points, (width, height), LETTERS, [])
    return [
        annotation((float(x[at]), float(y[at])), text, place, theme)
        for at, text, place in zip(chosen, texts, places, strict=True)
        if place is not None
    ]
