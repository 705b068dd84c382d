"""AUROC between the cell types of two atlases, as a heat map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import DIVERGING, MAX_NAME
from core.figures.gene_grid import CLEAR, SLANT, UPRIGHT
from core.figures.text_width import widest
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import F64

FIELD, HEAD, LEAST, MOST = 26, 190, 320, 900
# On paper: pixels of the lowest row, of title and ends below the names; beside the fields the title and the colours.
PRINT_FIELD, TITLES, TITLE, BAR = 15.0, 50.0, 42.0, 62.0
# Sizes of names; pixels that a number needs.
LETTERS, SMALLEST, NUMBER = 11.0, 7.5, 22.0
# Fields are numbered up to this many on a side.
MAX_NUMBERED = 20


@dataclass(frozen=True, eq=False)
class Aurocs:
    """Numbers and names of the heat map.

    Attributes
    ----------
    rows, columns : cell types of the first atlas and of the second
    auroc : (n_rows, n_columns), NaN for too few cells
    matched : places of the matched pairs: row, column, and whether AUROC is below the bound
    names : of the atlases
    """

    rows: Sequence[str]
    columns: Sequence[str]
    auroc: F64
    matched: Sequence[tuple[int, int, bool]]
    names: tuple[str, str]


def heatmap(found: Aurocs, theme: Theme, width: float = 0.0) -> Json:
    """Draw AUROC from 0 to 1, centred at 0.5; matched pairs are framed, with a cross where they are below the bound.

    Parameters
    ----------
    width : of the whole figure in pixels, where it is known: names and numbers are drawn where they have room
    """
    rows, columns = ([shortened(escaped(name), MAX_NAME) for name in names] for names in (found.rows, found.columns))
    numbered = max(len(rows), len(columns)) <= MAX_NUMBERED
    step = max((width - _beside(rows)) / max(len(columns), 1), 1.0) if width else FIELD
    numbered = numbered and step >= NUMBER
    axis: Json = {"showgrid": False, "zeroline": False, "automargin": True, "ticks": "", "constrain": "domain"}
    slanted = step * math.sin(math.radians(SLANT)) >= CLEAR * LETTERS
    ticks = {"size": LETTERS, "color": theme.ink}
    letters = LETTERS if slanted else min(LETTERS, step / CLEAR)
    rises = math.sin(math.radians(SLANT if slanted else UPRIGHT))
    field = min(FIELD, max(step, PRINT_FIELD)) if width else FIELD
    head = widest(columns, letters) * rises + TITLES if width else HEAD
    text = [["" if np.isnan(value) else f"{value:.2f}" for value in row] for row in found.auroc]
    titles = {"font": {"size": 12, "color": theme.muted}, "standoff": 8}
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(range(len(columns))),
                "y": list(range(len(rows))),
                "z": packed(found.auroc, "f4") | {"shape": f"{len(rows)}, {len(columns)}"},
                "zmin": 0,
                "zmax": 1,
                "colorscale": color_scale(DIVERGING[theme.name]),
                "xgap": 1,
                "ygap": 1,
                "hoverongaps": False,
                "customdata": [[[one, other] for other in columns] for one in rows],
                "hovertemplate": "%{customdata[0]} and %{customdata[1]}<br>AUROC %{z:.3f}<extra></extra>",
                **({"text": text, "texttemplate": "%{text}", "textfont": {"size": 8}} if numbered else {}),
                "colorbar": {
                    "title": {"text": "AUROC", "font": {"size": 11, "color": theme.muted}},
                    "tickfont": {"size": 10, "color": theme.muted},
                    "tickvals": [0, 0.25, 0.5, 0.75, 1],
                    "thickness": 9,
                    "len": 160,
                    "lenmode": "pixels",
                    "y": 1,
                    "yanchor": "top",
                    "outlinewidth": 0,
                },
            }
        ],
        "layout": {
            **base_layout(theme),
            "height": round(min(max(field * len(rows) + head, 0 if width else LEAST), MOST)),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": axis
            | {"tickvals": list(range(len(columns))), "ticktext": columns, "tickangle": -SLANT if slanted else -UPRIGHT}
            | {"tickfont": {**ticks, "size": letters}}
            | {"title": {"text": escaped(found.names[1]), **titles}},
            "yaxis": axis
            | {"tickvals": list(range(len(rows))), "ticktext": rows, "autorange": "reversed", "tickfont": ticks}
            | {"title": {"text": escaped(found.names[0]), **titles}},
            "shapes": [shape for place in found.matched for shape in _frame(*place, theme)],
        },
    }


def least_width(found: Aurocs) -> float:
    """Return the pixels below which the names of the columns would touch at the smallest letters."""
    rows = [shortened(escaped(name), MAX_NAME) for name in found.rows]
    return len(found.columns) * CLEAR * SMALLEST + _beside(rows)


def _beside(rows: Sequence[str]) -> float:
    """Return the pixels beside the fields: names, the title of the axis and the colour bar."""
    return widest(rows, LETTERS) + TITLE + BAR


def _frame(row: int, column: int, below: bool, theme: Theme) -> list[Json]:  # noqa: FBT001 - a place of `Aurocs.matched`
    line = {"color": theme.ink, "width": 1.6}
    ends = {"x0": column - 0.47, "x1": column + 0.47, "y0": row - 0.47, "y1": row + 0.47}
    frame: Json = {"type": "rect", **ends, "line": line, "layer": "above"}
    if not below:
        return [frame]
    return [frame, {"type": "line", **ends, "line": {**line, "width": 1, "dash": "dot"}, "layer": "above"}]
