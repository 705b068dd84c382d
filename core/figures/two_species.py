"""One number of each ortholog in two species: points in groups, with their intervals on both axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import axis
from core.figures.label_style import halo
from core.figures.theme import Json, Theme, base_layout, escaped, packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import F64

# Colour on a light and a dark background, symbol, size and opacity, from the most to the least telling group.
LOOKS = (
    (("#2166ac", "#72baf9"), "circle", 6, 0.9),
    (("#b2182b", "#ff9a8a"), "x", 7, 0.9),
    (("#b8620a", "#f9b118"), "diamond", 7, 0.9),
    (("#7a4fa0", "#c3a6f0"), "diamond-open", 7, 0.9),
    (("#566461", "#98a7a4"), "circle-open", 5, 0.7),
    (("#b4bdbb", "#56625f"), "circle", 4, 0.5),
)
HEIGHT = 520
MAX_NAMED = 14
# Room of a letter and of a line, as shares of the axes.
LETTER, LINE = 0.018, 0.035
# From a point to its name.
GAP = 0.015
INTERVALS = 400


@dataclass(frozen=True, eq=False)
class Group:
    """Points with one look.

    Attributes
    ----------
    name : in the legend
    genes : names of the points, the most telling first
    x, y : (n,) values in both species
    x_limits, y_limits : (n, 2) ends of their intervals; None to draw none
    """

    name: str
    genes: Sequence[str]
    x: F64
    y: F64
    x_limits: F64 | None = None
    y_limits: F64 | None = None


def scatter(
    groups: Sequence[Group],
    titles: tuple[str, str],
    theme: Theme,
    *,
    number: str = "log2FC",
    corners: Sequence[str] = (),
) -> Json:
    """Draw one number in two species; the line is that of equal values.

    Parameters
    ----------
    groups : one for each of `LOOKS`; one without a name is left out
    titles : of both axes, which may hold markup
    number : what is drawn, for the labels of points
    corners : texts of the quadrants: both high, both low, only the first high, only the second
    """
    reach = _reach(groups)
    dark = theme.name != "light"
    traces = [_points(group, look, number, dark=dark) for group, look in zip(groups, LOOKS, strict=True) if group.name]
    ends = [-reach, reach]
    around = {"range": ends, "zeroline": True, "zerolinecolor": theme.muted, "zerolinewidth": 1}
    return {
        # Those that say most are drawn last, above the others.
        "data": [
            {"type": "scatter", "mode": "lines", "x": ends, "y": ends, "hoverinfo": "skip", "showlegend": False,
             "line": {"color": theme.muted, "width": 1, "dash": "dot"}},
            *(trace | {"legendrank": len(traces) - at} for at, trace in enumerate(reversed(traces))),
        ],
        "layout": {
            **base_layout(theme),
            "height": HEIGHT,
            "margin": {"l": 56, "r": 12, "t": 12, "b": 48},
            "showlegend": True,
            "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 11},
                       "itemsizing": "constant"},
            "xaxis": axis(titles[0], theme) | around,
            "yaxis": axis(titles[1], theme) | around,
            "annotations": [*_names(groups, reach, theme), *_corners(corners, theme)],
        },
    }  # fmt: skip


def _corners(texts: Sequence[str], theme: Theme) -> list[Json]:
    places = (("right", "top"), ("left", "bottom"), ("right", "bottom"), ("left", "top"))
    return [
        {"xref": "paper", "yref": "paper", "x": float(across == "right"), "y": float(up == "top"), "text": text,
         "xanchor": across, "yanchor": up, "showarrow": False, "font": {"size": 11, "color": theme.muted}}
        for text, (across, up) in zip(texts, places, strict=False)
    ]  # fmt: skip


def _points(group: Group, look: tuple[tuple[str, str], str, int, float], number: str, *, dark: bool) -> Json:
    colors, symbol, size, opacity = look
    color = colors[dark]
    limits = {}
    if group.x_limits is not None and group.y_limits is not None and len(group.x) <= INTERVALS:
        bar = {"type": "data", "symmetric": False, "color": color, "thickness": 0.6, "width": 0}
        for name, values, ends in (("error_x", group.x, group.x_limits), ("error_y", group.y, group.y_limits)):
            limits[name] = {
                **bar,
                "array": packed(ends[:, 1] - values, "f4"),
                "arrayminus": packed(values - ends[:, 0], "f4"),
            }
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{escaped(group.name)} ({len(group.x):,})",
        "x": packed(group.x, "f4"),
        "y": packed(group.y, "f4"),
        "text": [f"<i>{escaped(gene)}</i>" for gene in group.genes],
        "marker": {"color": color, "symbol": symbol, "size": size, "opacity": opacity},
        "hovertemplate": f"%{{text}}<br>{number} %{{x:.2f}} and %{{y:.2f}}<extra></extra>",
        **limits,
    }


def _reach(groups: Sequence[Group]) -> float:
    values = np.concatenate([np.abs(np.concatenate([group.x, group.y])) for group in groups])
    values = values[np.isfinite(values)]
    return float(values.max()) * 1.12 if values.size and values.max() > 0 else 1.0


def _names(groups: Sequence[Group], reach: float, theme: Theme) -> list[Json]:
    """Name the first points of the three most telling groups, where no name would cover another."""
    taken: list[tuple[float, float, float]] = []
    found: list[Json] = []
    for group in groups[:3]:
        n = 0
        for gene, x, y in zip(group.genes, group.x.tolist(), group.y.tolist(), strict=True):
            if n == MAX_NAMED // 2 or len(found) == MAX_NAMED:
                break
            width = LETTER * len(gene)
            across, place = (x + reach) / (2 * reach), (y + reach) / (2 * reach)
            right = across + GAP + width <= 1
            left_end = across + GAP if right else across - GAP - width
            if any(abs(place - other) < LINE and left_end < end and start < left_end + width
                   for start, end, other in taken):  # fmt: skip
                continue
            taken.append((left_end, left_end + width, place))
            n += 1
            found.append(
                {"x": x, "y": y, "text": f"<i>{escaped(gene)}</i>", "showarrow": False,
                 "xanchor": "left" if right else "right", "xshift": 6 if right else -6,
                 "font": {"size": 10, "color": theme.ink, "shadow": halo(theme)}}
            )  # fmt: skip
    return found
