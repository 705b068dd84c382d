"""How a figure leaves the page: its size on paper, its letters, its theme, its legend and its title."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from core.errors import InvalidQuery
from core.figures.theme import DARK, JOURNAL, LIGHT, Json, Theme, escaped, shortened

ThemeName: TypeAlias = Literal["light", "dark", "journal"]
Legend: TypeAlias = Literal["right", "below", "none"]

THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK, "journal": JOURNAL}
LEGENDS = ("right", "below", "none")
# Pixels of CSS and points in an inch, and its millimetres.
DPI, POINTS, INCH = 96.0, 72.0, 25.4
# The letters of every figure of ours in pixels; all else on it is drawn to go with them.
LETTERS = 12.0
WIDTHS = (20.0, 500.0)
HEIGHTS = (15.0, 700.0)
FONT_SIZES = (4.0, 24.0)
RESOLUTIONS = (50, 1200)
MAX_FAMILY = 120
FAMILY = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
DEFAULT_HEIGHT = 380.0
TITLE = 28.0
LETTER = 7.0
LINE = 20.0
EDGE = 8.0
# Less has no room for a legend of sizes and its title side by side.
NARROW = 560.0


@dataclass(frozen=True)
class Look:
    """How a figure is set on paper; make one with `of`.

    Attributes
    ----------
    theme
        ``light``, ``dark`` or ``journal``: white, without lines of a grid, with black letters.
    width, height
        Millimetres; a height of 0 is what the figure itself asks for.
    font_size, family
        Points of its usual letters, those of axes and notes are smaller in proportion; and CSS names of fonts.
    legend
        ``right``, ``below`` or ``none``.
    title
        Whether its title is written above it.
    dpi
        Of everything that is pixels: a PNG, and the points of a map where they are too many to be drawn one by one.
    most_points
        Maps of more cells become a picture; None for what the settings say.
    """

    theme: ThemeName = "light"
    width: float = 180.0
    height: float = 0.0
    font_size: float = 9.0
    family: str = FAMILY
    legend: Legend = "right"
    title: bool = True
    dpi: int = 300
    most_points: int | None = None

    @classmethod
    def of(cls, theme: str = "light", legend: str = "right", **more: object) -> Look:
        """The same, checked.

        Raises
        ------
        InvalidQuery
            There is no such theme or legend, or a number is out of its range.
        """
        for name, value, known in (("theme", theme, tuple(THEMES)), ("legend", legend, LEGENDS)):
            if value not in known:
                raise InvalidQuery(f"There is no {name} {value[:40]!r}.", f"Choose {', '.join(known)}.")
        made = cls(cast("ThemeName", theme), legend=cast("Legend", legend), **more)  # pyright: ignore[reportArgumentType] - checked below
        ranges = (
            ("width", made.width, WIDTHS, "mm"),
            ("height", made.height or HEIGHTS[0], HEIGHTS, "mm"),
            ("font size", made.font_size, FONT_SIZES, "pt"),
            ("resolution", made.dpi, RESOLUTIONS, "dpi"),
        )
        for name, value, (low, high), unit in ranges:
            if not (math.isfinite(value) and low <= value <= high):
                raise InvalidQuery(
                    f"A {name} of {value:g} {unit} cannot be drawn.", f"Give {low:g} to {high:g} {unit}."
                )
        if not 0 < len(made.family) <= MAX_FAMILY or any(it in made.family for it in "<>{};&\\\n"):
            raise InvalidQuery(f"{made.family[:40]!r} is no list of fonts.", "Write names separated by commas.")
        return made

    @property
    def colours(self) -> Theme:
        """The colours of what is not data."""
        return THEMES[self.theme]

    @property
    def scale(self) -> float:
        """Pixels of paper, 96 to the inch, for one pixel of the figure: so the letters get their size."""
        return self.font_size * DPI / POINTS / LETTERS

    def pixels(self, millimetres: float) -> float:
        """Pixels of the figure for a length on paper."""
        return millimetres / INCH * DPI / self.scale

    def millimetres(self, pixels: float) -> float:
        """A length on paper for pixels of the figure."""
        return pixels * self.scale / DPI * INCH


def styled(figure: Json, look: Look, title: str = "") -> Json:
    """The same figure as it is set on paper; nothing of the one given is changed.

    A figure is laid out in its own pixels, in which its letters have 12, and scaled as a whole to the letters asked
    for: lines, points and gaps keep their proportions to the text. `Look.scale` says by how much.
    """
    layout: Json = {**figure["layout"]}
    theme = look.colours
    width = look.pixels(look.width)
    height = look.pixels(look.height) if look.height else float(layout.get("height") or DEFAULT_HEIGHT)
    layout |= {
        "width": round(width, 2),
        "paper_bgcolor": theme.paper,
        "plot_bgcolor": theme.paper,
        "font": {**layout.get("font", {}), "family": look.family, "color": theme.ink},
        # A name stands for what its trace is on paper, where nobody hovers.
        "hovermode": False,
        "modebar": {},
    }
    margin = {**layout.get("margin", {})}
    own: Json = layout.get("legend", {})
    above = own.get("yref") == "container"
    if above and look.legend != "none" and width < NARROW:
        # Its sizes would stand one below the other: they go side by side below their title.
        own = {**own, "title": {**own.get("title", {}), "side": "top"}}
        margin["t"] = margin.get("t", 0) + LINE
        height += 0 if look.height else LINE
    if title and look.title:
        height += 0 if look.height else TITLE
        margin["t"] = margin.get("t", 0) + TITLE
        _headed(layout, margin, shortened(title, max(int(width / LETTER), 12)), height, theme)
        if above:
            own = {**own, "y": 1 - TITLE / height}
    if above:
        layout["legend"] = own
    layout |= {"height": round(height, 2), "margin": margin}
    _placed(layout, look)
    if look.theme == "journal":
        for name in [name for name in layout if name.startswith(("xaxis", "yaxis"))]:
            layout[name] = _on_paper(layout[name], theme)
    return {**figure, "layout": layout}


def _headed(layout: Json, margin: Json, title: str, height: float, theme: Theme) -> None:
    """Write a title into the room above."""
    font = {"size": LETTERS + 1, "color": theme.ink}
    if margin.get("autoexpand", True):
        layout["title"] = {
            **{"text": escaped(title), "font": font, "pad": {"l": EDGE}, "automargin": False},
            **{"x": 0.0, "xanchor": "left", "xref": "container"},
            **{"y": 1 - EDGE / height, "yanchor": "top", "yref": "container"},
        }
        return
    # Plotly pushes a title out of the figure where a colour bar is above its axes; a note stays.
    note = {
        **{"text": escaped(title), "font": font, "showarrow": False, "align": "left"},
        **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": EDGE - margin.get("l", 0)},
        **{"y": 1, "yref": "paper", "yanchor": "top", "yshift": margin.get("t", 0) - EDGE / 2},
    }
    layout["annotations"] = [*layout.get("annotations", []), note]


def _placed(layout: Json, look: Look) -> None:
    """Put the legend where it is wanted; one that a figure keeps at a place of its own stays, or goes."""
    if not layout.get("showlegend"):
        return
    if look.legend == "none":
        layout["showlegend"] = False
        return
    own: Json = layout.get("legend", {})
    if own.get("yref") == "container":
        return
    below = {"orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yanchor": "bottom", "yref": "container"}
    right = {"orientation": "v", "x": 1.01, "xanchor": "left", "y": 1, "yanchor": "top"}
    layout["legend"] = {**own, **(below if look.legend == "below" else right)}


def _on_paper(axis: Json, theme: Theme) -> Json:
    """An axis as papers want it: no grid, a black line, black numbers."""
    if axis.get("showticklabels") is False or axis.get("visible") is False:
        return {**axis, "showgrid": False}
    font = {**axis.get("tickfont", {}), "color": theme.ink}
    named = {**axis.get("title", {})} if isinstance(axis.get("title"), dict) else {}
    if "font" in named:
        named["font"] = {**named["font"], "color": theme.ink}
    line = {"showgrid": False, "showline": True, "linecolor": theme.ink, "linewidth": 1}
    ticks = {"ticks": "outside", "ticklen": 3, "tickcolor": theme.ink}
    return {**axis, **line, **ticks, "tickfont": font, **({"title": named} if named else {})}
