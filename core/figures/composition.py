"""Horizontal stacked bars of the composition of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis.expression import NOT_GIVEN
from core.atlas.nouns import counted
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import categories
from core.figures.text_width import widest
from core.figures.theme import LONGEST, Json, Theme, base_layout, escaped, name_in_lines, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.composition import Composition

MAX_NAME = 28
# For up to so many samples: pixels of a line, and the height of its letters.
LINES = ((40, 22, 12), (120, 16, 10), (10**9, 12, 9))
HEADING = 1.1
LEGEND_LINE, FURTHER_LINE = 20, 14
FRAME = 52
# Beside names on paper, and beyond the bars for half of the number 100.
MARK, END = 12, 14


def bars(
    found: Composition,
    every: Sequence[str],
    theme: Theme,
    chosen: Sequence[str] = (),
    width: float = 0.0,
    noun: str = "sample",
) -> Json:
    """Draw one bar a sample, under the name of its group, from top to bottom in the order of the table.

    Parameters
    ----------
    every : the categories of the whole column, which decide what colour each has
    chosen : their colours; ours without any
    width : of the whole figure in pixels, on paper; 0 on a page
    noun : what a bar is
    """
    names = list(dict.fromkeys(found.table["category"].to_pylist()))
    shape = (found.n_samples, len(names))
    n = found.table["n"].to_numpy().reshape(shape)
    share = 100 * found.table["fraction"].to_numpy().reshape(shape)
    samples: list[str] = found.table["sample"].to_pylist()[:: len(names)] if names else []
    groups: list[str] = found.table["group"].to_pylist()[:: len(names)] if names else []
    colors = {NOT_GIVEN: GREY[theme.name], **dict(zip(every, chosen or categories(every), strict=True))}
    places, ticks, reach = _places(samples, groups, n.sum(axis=1), theme, noun)
    line, letters = next((line, size) for most, line, size in LINES if found.n_samples <= most)
    kept = np.flatnonzero(n.any(axis=0))
    # On paper the legend breaks names where they are wider than its room.
    legend = [escaped(shortened(name, LONGEST)) if width else name_in_lines(name, MAX_NAME) for name in names]
    listed = len(kept) * LEGEND_LINE + FURTHER_LINE * sum(legend[at].count("<br>") for at in kept)
    height = reach * line + FRAME if width else max(reach * line, listed) + FRAME
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": legend[at],
                "x": packed(share[:, at], "f8"),
                "y": packed(-places),
                "width": 0.82,
                "marker": {"color": colors[names[at]], "line": {"width": 0.5, "color": theme.paper}},
                "customdata": packed(np.stack([n[:, at], n.sum(axis=1)], axis=1), "f8")
                | {"shape": f"{found.n_samples}, 2"},
                "text": [escaped(sample) for sample in samples],
                "textposition": "none",
                "hovertemplate": (
                    f"<b>{escaped(names[at])}</b><br>%{{text}}: %{{customdata[0]:,}} of %{{customdata[1]:,}} cells"
                    " (%{x:.1f}%)<extra></extra>"
                ),
            }
            for at in kept
        ],
        "layout": {
            **base_layout(theme),
            "barmode": "stack",
            "height": round(height),
            "margin": {
                "l": round(widest([text for _, text in ticks], letters)) + MARK if width else 8,
                **{"r": END if width else 8, "t": 8, "b": 44},
            },
            "dragmode": False,
            "showlegend": True,
            "legend": {"font": {"size": 11, "color": theme.ink}, "traceorder": "normal", "tracegroupgap": 0},
            "xaxis": {
                "title": {
                    "text": f"% of cells in the {escaped(noun)}",
                    "font": {"size": 11, "color": theme.muted},
                    "standoff": 8,
                },
                "range": [0, 100],
                "tickvals": [0, 25, 50, 75, 100],
                "gridcolor": theme.grid,
                "zeroline": False,
                "tickfont": {"size": 11, "color": theme.muted},
                "fixedrange": True,
            },
            "yaxis": {
                "range": [0.5 - reach, 0.5],
                "tickvals": [-at for at, _ in ticks],
                "ticktext": [text for _, text in ticks],
                "tickfont": {"size": letters, "color": theme.ink},
                "showgrid": False,
                "zeroline": False,
                "ticks": "",
                "ticklabelstandoff": 6,
                "automargin": not width,
                "fixedrange": True,
            },
        },
    }


def _places(
    samples: Sequence[str], groups: Sequence[str], n: np.ndarray, theme: Theme, noun: str
) -> tuple[np.ndarray, list[tuple[float, str]], float]:
    """Place the bars: their positions, the labels beside them, and the height of all."""
    places: list[float] = []
    ticks: list[tuple[float, str]] = []
    at = 0.0
    for row, (sample, group) in enumerate(zip(samples, groups, strict=True)):
        if any(groups) and (row == 0 or group != groups[row - 1]):
            n_samples = groups.count(group)
            name = escaped(shortened(group or NOT_GIVEN, MAX_NAME))
            ticks.append((at, f"<b>{name}</b> · {escaped(counted(n_samples, noun))}"))
            at += HEADING
        small = f'<span style="font-size:10px;color:{theme.muted}">n {n[row]:,}</span>'
        ticks.append((at, f"{escaped(shortened(sample, MAX_NAME))}  {small}"))
        places.append(at)
        at += 1.0
    return np.array(places), ticks, max(at, 1.0)
