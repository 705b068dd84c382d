"""A gene along the zones of the liver lobule: a line over donors, and a dot for each donor."""

from __future__ import annotations

from dataclasses import dataclass
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
NAME, LINE, TURNED = 10, 14, 90


@dataclass(frozen=True, eq=False)
class Chart:
    """Data of the plot and its titles.

    Attributes
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
    """

    table: pa.Table
    donors: pa.Table
    zones: tuple[str, ...]
    colors: Sequence[tuple[str, str]]
    value: str
    titles: tuple[str, str]

    @property
    def column(self) -> str:
        """Column of the table through which the line goes: over donors, else over cells."""
        return f"donor_{self.value}" if self.donors.num_rows else self.value


def lines(chart: Chart, theme: Theme, width: float = 0.0) -> Json:
    """Draw one line for each category of the split, side by side in each zone.

    Parameters
    ----------
    width
        Of the whole figure in pixels, on paper; 0 on a page.
    """
    rows = chart.table.to_pylist()
    n = [sum(row["n"] for row in rows if row["zone"] == zone) for zone in chart.zones]
    names = [(shortened(zone, MAX_NAME), f"n {many:,}") for zone, many in zip(chart.zones, n, strict=True)]
    ticks, angle, below = _ticks(names, width)
    across, up = chart.titles
    return {
        "data": [trace for at in range(len(chart.colors)) for trace in _traces(chart, at, theme)],
        "layout": {
            **base_layout(theme),
            "height": round(HEIGHT + below - LINE * 2),
            "margin": {"l": LEFT, "r": RIGHT, "t": TOP, "b": round(BELOW + below)},
            "showlegend": any(name for name, _ in chart.colors),
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "xaxis": {
                **axis(across, theme),
                "range": [-0.5, len(chart.zones) - 0.5],
                "tickvals": list(range(len(chart.zones))),
                "ticktext": ticks,
                "tickangle": angle,
                "tickfont": {"size": NAME, "color": theme.muted},
                "showgrid": False,
                "automargin": not width,
            },
            "yaxis": {**axis(up, theme), "range": _range(chart), "automargin": not width},
        },
    }


def _range(chart: Chart) -> list[float]:
    """Return the range of the values, from zero or below."""
    values = np.concatenate([chart.table[chart.column].to_numpy(), chart.donors[chart.value].to_numpy()])
    low, high = (float(end) for end in (np.nanmin([0.0, *values]), np.nanmax([0.0, *values])))
    room = 0.06 * (high - low) or 0.5
    return [low - room if low < 0 else -room / 3, high + room]


def _traces(chart: Chart, at: int, theme: Theme) -> list[Json]:
    """Draw the dots and the line of one category of the split, and its entry in the legend."""
    name, color = chart.colors[at]
    apart = (at - (len(chart.colors) - 1) / 2) * SPREAD / len(chart.colors)
    place = {zone: number + apart for number, zone in enumerate(chart.zones)}
    rows, donors = ([row for row in table.to_pylist() if row["split"] == name] for table in (chart.table, chart.donors))
    label = f"{escaped(name)}<br>" if name else ""
    shared = {"type": "scatter", "hovertemplate": "%{text}<br>%{y:.3~f}<extra></extra>", "showlegend": False}
    dots = {
        **shared,
        "mode": "markers",
        "x": packed([place[row["zone"]] for row in donors], "f8"),
        "y": packed([row[chart.value] for row in donors], "f8"),
        "marker": {"size": 6, "color": color, "opacity": 0.45, "line": {"width": 0}},
        "text": [f"{label}{escaped(row['donor'])}: n {row['n']:,}" for row in donors],
    }
    line = {
        **shared,
        "mode": "lines+markers",
        "x": packed([place[row["zone"]] for row in rows], "f8"),
        "y": packed([row[chart.column] for row in rows], "f8"),
        "line": {"color": color, "width": 2},
        "marker": {"size": 8, "symbol": "diamond", "color": color, "line": {"width": 1, "color": theme.paper}},
        "text": [_row(label, row) for row in rows],
    }
    entry = {
        **{"type": "scatter", "mode": "markers", "x": [None], "y": [None], "showlegend": True},
        **{"name": escaped(shortened(name, MAX_NAME)), "marker": {"size": 9, "color": color}},
    }
    return [dots, line, entry] if name else [dots, line]


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
    room = (width - LEFT - RIGHT) / max(len(names), 1) - 3
    broken = [f"{wrapped(escaped(zone), NAME, room)}<br>{escaped(n)}" for zone, n in names]
    if widest(broken, NAME) <= room:
        return broken, 0, LINE * max(text.count("<br>") + 1 for text in broken)
    flat = [escaped(f"{zone}, {n}") for zone, n in names]
    return flat, -90 if room < LINE else -40, min(0.7 * max(text_width(text, NAME) for text in flat) + LINE, TURNED * 2)
