"""A gene along the zones of the liver lobule: a line over donors, and a dot for each donor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import axis
from core.figures.text_width import text_width, widest, wrapped
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

HEIGHT = 330
MAX_NAME = 28
# Share of the room of a zone in which several lines stand side by side.
SPREAD = 0.56
LEFT, RIGHT, TOP, BELOW = 58, 12, 12, 30
# Size of the names of zones, pixels of a line of them, and the most that a turned name takes.
NAME, LINE, TURNED = 11, 15, 90


def lines(
    table: pa.Table,
    donors: pa.Table,
    zones: Sequence[str],
    theme: Theme,
    *,
    colors: Sequence[tuple[str, str]],
    value: str,
    titles: tuple[str, str],
    width: float = 0.0,
) -> Json:
    """Draw one line for each category of the split, side by side in each zone.

    Parameters
    ----------
    table, donors
        Tables of `core.analysis.zonation.Zonation`.
    zones
        Names of the zones, in order.
    colors
        Categories of the split and their colours; one without a name where there is none.
    value
        ``mean`` or ``pct_expressing``.
    titles
        Of both axes, as markup.
    width
        Of the whole figure in pixels, on paper; 0 on a page.
    """
    by_donor = donors.num_rows > 0
    column = f"donor_{value}" if by_donor else value
    traces: list[Json] = []
    for at, (name, color) in enumerate(colors):
        apart = (at - (len(colors) - 1) / 2) * SPREAD / max(len(colors), 1)
        rows = [row for row in table.to_pylist() if row["split"] == name]
        own = [row for row in donors.to_pylist() if row["split"] == name]
        place = {zone: number + apart for number, zone in enumerate(zones)}
        label = f"{escaped(name)}<br>" if name else ""
        traces += [
            {
                "type": "scatter",
                "mode": "markers",
                "x": packed([place[row["zone"]] for row in own], "f8"),
                "y": packed([row[value] for row in own], "f8"),
                "marker": {"size": 6, "color": color, "opacity": 0.5, "line": {"width": 0}},
                "text": [f"{label}{escaped(row['donor'])}: n {row['n']:,}" for row in own],
                "hovertemplate": "%{text}<br>%{y:.3~f}<extra></extra>",
                "showlegend": False,
            },
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": packed([place[row["zone"]] for row in rows], "f8"),
                "y": packed([row[column] for row in rows], "f8"),
                "line": {"color": color, "width": 2},
                "marker": {"size": 8, "symbol": "diamond", "color": color, "line": {"width": 1, "color": theme.paper}},
                "text": [_row(label, row) for row in rows],
                "hovertemplate": "%{text}<br>%{y:.3~f}<extra></extra>",
                "showlegend": False,
            },
        ]
        if name:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": [None],
                    "y": [None],
                    "name": escaped(shortened(name, MAX_NAME)),
                    "marker": {"size": 9, "color": color},
                    "showlegend": True,
                }
            )
    n = [sum(row["n"] for row in table.to_pylist() if row["zone"] == zone) for zone in zones]
    ticks, angle, below = _ticks(
        [(shortened(zone, MAX_NAME), f"n {many:,}") for zone, many in zip(zones, n, strict=True)], width
    )
    top = float(np.nanmax([1e-9, *table[column].to_numpy(), *donors[value].to_numpy()]))
    low = min(0.0, float(np.nanmin([0.0, *table[column].to_numpy(), *donors[value].to_numpy()])))
    return {
        "data": traces,
        "layout": {
            **base_layout(theme),
            "height": round(HEIGHT + below - LINE * 2),
            "margin": {"l": LEFT, "r": RIGHT, "t": TOP, "b": round(BELOW + below)},
            "showlegend": any(name for name, _ in colors),
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "xaxis": {
                **axis(titles[0], theme),
                "range": [-0.5, len(zones) - 0.5],
                "tickvals": list(range(len(zones))),
                "ticktext": ticks,
                "tickangle": angle,
                "showgrid": False,
                "automargin": not width,
            },
            "yaxis": {**axis(titles[1], theme), "range": [low * 1.05, top * 1.06], "automargin": not width},
        },
    }


def _row(label: str, row: Json) -> str:
    donors = f", {row['n_donors']:,} donors" if row["n_donors"] else ""
    return f"{label}{escaped(row['zone'])}: n {row['n']:,}{donors}"


def _ticks(names: Sequence[tuple[str, str]], width: float) -> tuple[list[str], float | str, float]:
    """Write the names of the zones and their numbers of cells: broken or turned on paper where they would overlap.

    Returns
    -------
    Texts, their angle, and the pixels that they take below the axis.
    """
    whole = ["<br>".join(map(escaped, pair)) for pair in names]
    if not width:
        return whole, "auto", LINE * 2
    room = (width - LEFT - RIGHT) / max(len(names), 1) - 4
    broken = [f"{wrapped(escaped(zone), NAME, room)}<br>{escaped(n)}" for zone, n in names]
    if widest(broken, NAME) <= room:
        return broken, 0, LINE * max(text.count("<br>") + 1 for text in broken)
    flat = [escaped(f"{zone}, {n}") for zone, n in names]
    return flat, -90 if room < LINE else -40, min(0.7 * max(text_width(text, NAME) for text in flat) + LINE, TURNED * 2)
