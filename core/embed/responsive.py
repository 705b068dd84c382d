"""Adaptation of a figure to screens of any width: hover, scrolling, fewer labels where narrow."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

import numpy as np

from core.figures.gene_grid import RIGHT
from core.figures.text_width import BREAK
from core.figures.theme import DTYPES, name_in_lines, packed

if TYPE_CHECKING:
    from core.figures.theme import Json

CLEAR = "rgba(0,0,0,0)"
# Below this width, what stands beside a figure moves below it.
NARROW = 560
# SVG is fast enough for fewer points, and a page may have only a few WebGL contexts.
FEW_POINTS = 2_000
# Points are sized for a map of this width; they shrink on a smaller map, down to a limit.
WIDE, SMALLEST, LEAST_POINT = 560.0, 0.6, 1.3
# Height reserved for a colour bar below a figure, and its maximum length.
SCALE_ROOM, SCALE_LENGTH = 50, 180
LETTER, LINE = 6.2, 14
EDGE = 12
# Closer than this, names and dots of a lattice cannot be told apart: then the figure is wider than the frame, and
# scrolls.
LEAST_STEP, USUAL_STEP = 13, 20
LONGEST_NAME = 20
# Row height of the labels of a matrix, and its share of the width of a frame.
LEAST_NAME, SQUARE = 10, 0.7
_MARKS = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Screen:
    """A figure for a frame.

    Attributes
    ----------
    figure
        Without its size.
    height
        Pixels it wants.
    least
        Pixels of width below which it scrolls.
    legend
        Names and colours, for a legend that flows below it.
    """

    figure: Json
    height: float
    least: int
    legend: tuple[tuple[str, str], ...]


def on_screen(figure: Json, *, width: int, clear: bool) -> Screen:
    """Adapt a figure to a frame of a width in pixels; `clear` makes the background transparent."""
    layout: Json = {**figure["layout"], "hovermode": "closest", "dragmode": False}
    layout["margin"] = {**layout.get("margin", {})}
    data: list[Json] = figure["data"]
    if clear:
        layout |= {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR}
    for name in _axes(layout):
        # Touch gestures scroll the page instead of the figure.
        layout[name] = {**layout[name], "fixedrange": True}
    data, legend = _without_legend(data, layout)
    if width < NARROW:
        data = _scales_below(data, layout)
        _wrapped(layout, width)
        _thinned(data, layout, width)
    data, least = _lattice(data, layout, width)
    factor = min(max(width / WIDE, SMALLEST), 1.0)
    data = [_points(trace, factor) for trace in data]
    height = float(layout.pop("height"))
    layout.pop("width", None)
    return Screen({"data": data, "layout": layout}, height, least, legend)


def _axes(layout: Json) -> list[str]:
    return [name for name in layout if name.startswith(("xaxis", "yaxis"))]


def _without_legend(data: list[Json], layout: Json) -> tuple[list[Json], tuple[tuple[str, str], ...]]:
    """Remove the legend, unless it shows sizes: HTML wraps a legend better than Plotly does."""
    named = [trace for trace in data if (trace.get("type") == "bar" and "name" in trace) or _is_only_a_name(trace)]
    if not named or layout.get("legend", {}).get("title"):
        return data, ()
    layout["showlegend"] = False
    legend = tuple((unescape(str(trace["name"])), str(trace["marker"]["color"])) for trace in named)
    return [trace for trace in data if not _is_only_a_name(trace)], legend


def _is_only_a_name(trace: Json) -> bool:
    return bool(trace.get("showlegend")) and trace.get("x") == [None]


def _scales_below(data: list[Json], layout: Json) -> list[Json]:
    """Move the colour bar, which takes a quarter of a narrow figure, below the plot."""
    found = False
    changed: list[Json] = []
    for trace in data:
        holder: Json = trace if "colorbar" in trace else trace.get("marker", {})
        bar: Json | None = holder.get("colorbar")
        if bar is None or bar.get("orientation") == "h":
            changed.append(trace)
            continue
        found = True
        below = {
            **{name: value for name, value in bar.items() if name not in ("len", "lenmode", "xpad", "ypad")},
            **{"orientation": "h", "len": SCALE_LENGTH, "lenmode": "pixels", "nticks": 5},
            **{"x": 0.5, "xref": "container", "xanchor": "center", "y": 0, "yref": "container", "yanchor": "bottom"},
            # Plotly would write a title above onto the colour bar.
            "title": {**bar.get("title", {}), "side": "bottom"},
        }
        own = {**holder, "colorbar": below}
        changed.append(own if holder is trace else {**trace, "marker": own})
    if found:
        margin = layout["margin"]
        margin["b"] = margin.get("b", 0) + SCALE_ROOM
        margin["r"] = min(margin.get("r", EDGE), EDGE)
        layout["height"] += SCALE_ROOM
    return changed


def _wrapped(layout: Json, width: int) -> None:
    """Break the title of an axis that is longer than a narrow axis."""
    for name in _axes(layout):
        title = layout[name].get("title")
        text = str(title.get("text", "")) if isinstance(title, dict) else ""
        if not name.startswith("x") or len(text) * LETTER < width / 2 or "<" in text:
            continue
        words = text.split()
        half = min(range(1, len(words)), key=lambda at: abs(len(" ".join(words[:at])) - len(text) / 2), default=0)
        if half:
            broken = f"{' '.join(words[:half])}<br>{' '.join(words[half:])}"
            layout[name] = {**layout[name], "title": {**layout[name]["title"], "text": broken}}
            layout["height"] += LINE


def _thinned(data: list[Json], layout: Json, width: int) -> None:
    """Show fewer labels beside a matrix, and those beside a dot plot in shorter lines."""
    across, up = layout.get("xaxis", {}), layout.get("yaxis", {})
    if _is_lattice(layout):
        texts = [text if "<i>" in text else name_in_lines(_plain(text), LONGEST_NAME) for text in up["ticktext"]]
        layout["yaxis"] = {**up, "ticktext": texts}
        n, further = len(texts), max((text.count(BREAK) for text in texts), default=0)
        margin = layout["margin"]
        row = (layout["height"] - margin.get("t", 0) - margin.get("b", 0)) / max(n, 1)
        layout["height"] += n * max((further + 1) * LINE + 2 - row, 0) if further else 0
        # Labels above are rotated to the right.
        layout["margin"]["r"] = 2 * EDGE
    elif across.get("type") == "category":
        n = max((len(trace.get("x", ())) for trace in data), default=0)
        every = max(math.ceil(LEAST_NAME * n / (SQUARE * width)), 1)
        for name in ("xaxis", "yaxis"):
            small = {**layout[name].get("tickfont", {}), "size": 9}
            layout[name] = {**layout[name], "dtick": every, "tickfont": small}


def _plain(text: str) -> str:
    """Return a text without its markup, such as that of a gene in italics, on one line."""
    return unescape(_MARKS.sub("", text.replace(BREAK, " ")))


def _is_lattice(layout: Json) -> bool:
    """Return whether names stand above columns of dots or fields."""
    across = layout.get("xaxis", {})
    return across.get("side") == "top" and "ticktext" in across


def _lattice(data: list[Json], layout: Json, width: int) -> tuple[list[Json], int]:
    """Place columns as close as can be read; return the least width as well, 0 for other figures."""
    if not _is_lattice(layout):
        return data, 0
    lines = [line for text in layout["yaxis"]["ticktext"] for line in text.split(BREAK)]
    names = max((len(_plain(line)) for line in lines), default=0)
    rest = names * LETTER + EDGE + layout["margin"].get("r", 0)
    n = max(len(layout["xaxis"]["ticktext"]), 1)
    if "width" in layout and layout["xaxis"].get("tickangle") == 0:
        # Names that lie flat need the width for which they were drawn, without the colours on the right.
        margin = layout["margin"]
        return data, math.ceil(layout["width"] - RIGHT + margin.get("r", 0))
    step = max(min((width - rest) / n, USUAL_STEP), LEAST_STEP)
    # Dots are as large as the width allows for which they were drawn.
    margin = layout["margin"]
    drawn = (layout["width"] - margin.get("l", 0) - RIGHT) / n if "width" in layout else USUAL_STEP
    return [_dots(trace, step / min(drawn, USUAL_STEP)) for trace in data], math.ceil(rest + n * step)


def _dots(trace: Json, factor: float) -> Json:
    marker: Json = trace.get("marker", {})
    size = marker.get("size")
    if isinstance(size, dict) and "bdata" in size:
        values = np.frombuffer(base64.b64decode(size["bdata"]), dtype=DTYPES[size["dtype"]])
        return {**trace, "marker": {**marker, "size": packed(values * factor)}}
    if isinstance(size, int | float):
        return {**trace, "marker": {**marker, "size": size * factor}}
    return trace


def _points(trace: Json, factor: float) -> Json:
    """Shrink the points of a small map, and use WebGL for many points."""
    if trace.get("type") != "scatter" or trace.get("mode") != "markers" or trace.get("showlegend"):
        return trace
    marker: Json = trace.get("marker", {})
    size = marker.get("size")
    if isinstance(size, int | float):
        trace = {**trace, "marker": {**marker, "size": round(max(size * factor, LEAST_POINT), 2)}}
    return {**trace, "type": "scattergl"} if _length(trace.get("x")) > FEW_POINTS else trace


def _length(values: object) -> int:
    """Count the values of an array of a figure, packed or not."""
    if isinstance(values, dict):
        return len(str(values.get("bdata", ""))) * 3 // 4 // int(str(values.get("dtype", "f4"))[-1])
    return len(values) if isinstance(values, list | tuple) else 0
