"""Activities of transcription factors or pathways as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.figures.axes import FALLS, RISES, axis
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

ROW: Final = 20
N_SHOWN: Final = 25
MAX_NAME: Final = 28
ALPHA: Final = 0.05
_COLORS: Final = {"light": (FALLS, RISES), "dark": ("#6cb2ec", "#ff9a8a")}


def bars(table: pa.Table, theme: Theme, most: int = N_SHOWN) -> Json:
    """Draw the strongest activities of a table of `core.analysis.activity.activity`, from the most active source down.

    Parameters
    ----------
    most
        No more bars than these are drawn: those of largest absolute activity.

    Notes
    -----
    Bars with an adjusted p above 0.05 are pale.
    """
    rows = [row for row in table.to_pylist() if row["activity"] is not None and np.isfinite(row["activity"])][:most]
    rows.sort(key=lambda row: (-row["activity"], row["source"]))
    low, high = _COLORS[theme.name]
    places = -np.arange(len(rows), dtype=np.float64)
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": packed([row["activity"] for row in rows], "f8"),
                "y": packed(places, "f8"),
                "width": 0.72,
                "marker": {
                    "color": [high if row["activity"] > 0 else low for row in rows],
                    "opacity": [1.0 if row["p_adj"] <= ALPHA else 0.35 for row in rows],
                },
                "text": [_hover(row) for row in rows],
                "textposition": "none",
                "customdata": [row["source"] for row in rows],
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {
            **base_layout(theme),
            "height": round(ROW * (len(rows) + 0.5) + 64),
            "margin": {"l": 8, "r": 16, "t": 16, "b": 48},
            "xaxis": axis("activity (t)", theme) | {"zeroline": True, "zerolinecolor": theme.muted},
            "yaxis": {
                "tickvals": places.tolist(),
                "ticktext": [escaped(shortened(row["source"], MAX_NAME)) for row in rows],
                "tickfont": {"size": 11, "color": theme.ink},
                "range": [float(places[-1]) - 0.7 if rows else -0.7, 0.7],
                "showgrid": False,
                "zeroline": False,
                "automargin": True,
                "fixedrange": True,
            },
        },
    }


def _hover(row: Mapping[str, Any]) -> str:
    return (
        f"{escaped(row['source'])}: {row['activity']:+.2f}<br>p {row['p']:.2g}, adjusted {row['p_adj']:.2g}<br>"
        f"{row['n_agreeing']:,} of {row['n_targets']:,} tested targets agree"
    )
