"""Shares of cell types in samples, by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.figures.axes import axis
from core.figures.palette import categories
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

ROW: Final = 42
FRAME: Final = 84
MAX_NAME: Final = 30
# Rows between the middle of a cell type and the line of a side.
APART: Final = 0.2


def abundance(
    types: Sequence[str], shares: F64, side: I64, samples: Sequence[str], names: Sequence[str], theme: Theme
) -> Json:
    """Draw one box a cell type and side, with a dot a sample.

    Parameters
    ----------
    shares : (n_types, n_samples) percent
    side : (n_samples,) 1 for the first of `names`, 0 for the second
    """
    traces: list[Json] = []
    for at, (name, color) in enumerate(zip(names, categories(names), strict=True)):
        kept = np.flatnonzero(side == 1 - at)
        places = -np.arange(len(types), dtype=np.float64) + (APART if at == 0 else -APART)
        traces.append(
            {
                "type": "box",
                "orientation": "h",
                "name": escaped(name),
                "x": packed(shares[:, kept].ravel(), "f8"),
                "y": packed(np.repeat(places, len(kept)), "f8"),
                "text": [escaped(samples[sample]) for _ in types for sample in kept.tolist()],
                "boxpoints": "all",
                "pointpos": 0,
                "jitter": 0.3,
                "width": 0.34,
                "marker": {"size": 5, "color": color, "opacity": 0.8},
                "line": {"color": color, "width": 1.2},
                "fillcolor": "rgba(0,0,0,0)",
                "hovertemplate": "%{text}: %{x:.1f} %<extra></extra>",
            }
        )
    return {
        "data": traces,
        "layout": {
            **base_layout(theme),
            "height": ROW * len(types) + FRAME,
            "showlegend": True,
            "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
            "margin": {"l": 8, "r": 14, "t": 30, "b": 44},
            "xaxis": axis("share of cells (%)", theme) | {"rangemode": "tozero"},
            "yaxis": {
                "tickvals": (-np.arange(len(types))).tolist(),
                "ticktext": [escaped(shortened(name, MAX_NAME)) for name in types],
                "range": [0.6 - len(types), 0.6],
                "showgrid": False,
                "zeroline": False,
                "ticks": "",
                "ticklabelstandoff": 6,
                "automargin": True,
                "fixedrange": True,
            },
        },
    }
