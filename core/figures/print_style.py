"""Style of exported figures: size, font, theme, legend and title."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from core.errors import InvalidQuery
from core.figures.paper_sizes import JOURNALS
from core.figures.size_legend import Sizes
from core.figures.size_legend import sizes as measured_sizes
from core.figures.text_width import BREAK, FAMILY, text_width, widest, wrapped
from core.figures.theme import DARK, JOURNAL, LIGHT, Json, Theme, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ThemeName: TypeAlias = Literal["light", "dark", "journal"]
Legend: TypeAlias = Literal["auto", "right", "below", "none"]

THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK, "journal": JOURNAL}
LEGENDS = ("auto", "right", "below", "none")
# Parameters of a look in an address; no parameter of a page has one of these names.
NUMBERS = ("width", "height", "font_size")
PARAMETERS = (*NUMBERS, "dpi", "theme", "font", "legend", "title")
# Pixels of CSS and points in an inch, and its millimetres.
DPI, POINTS, INCH = 96.0, 72.0, 25.4
# Font size of every figure in pixels; all other sizes are relative to it.
LETTERS = 12.0
WIDTHS = (20.0, 500.0)
HEIGHTS = (15.0, 700.0)
FONT_SIZES = (4.0, 24.0)
RESOLUTIONS = (50, 1200)
MAX_FAMILY = 120
DEFAULT_HEIGHT = 380.0
TITLE = 28.0
TITLE_LINE = 16.0
LINE = 20.0
EDGE = 8.0
# Narrower figures have no room for a legend of sizes beside its title; and the pixels of one of these sizes.
NARROW = 560.0
ENTRY = 80.0
# Beside the axes: the usual numbers and title, and a colour bar; between lines of the title of an axis, as a share of
# its size.
NUMBERED, BAR, LEADING = 50.0, 86.0, 1.3
# The largest share of the width beside the names that a legend on the right takes by itself; a symbol in it.
BESIDE, SYMBOL = 0.3, 42.0


@dataclass(frozen=True)
class Look:
    """Style of an exported figure; make one with `of`.

    Attributes
    ----------
    theme
        ``light``, ``dark`` or ``journal``: white, without lines of a grid, with black letters.
    width, height
        Millimetres; a height of 0 is what the figure itself asks for.
    font_size, family
        Points of its usual letters, those of axes and notes are smaller in proportion; and CSS names of fonts.
    legend
        ``right``, ``below`` or ``none``; ``auto`` where it has room, and none where names stand on the data.
    title
        Whether its title is written above it.
    dpi
        Of everything that is pixels: a PNG, and the points of a map where they are too many to be drawn one by one.
    most_points
        Maps of more cells become a picture; None for what the settings say.
    screen
        For a frame that scrolls and says itself what is simulated: letters keep their size, and nothing is marked.
    """

    theme: ThemeName = "light"
    width: float = 180.0
    height: float = 0.0
    font_size: float = 7.0
    family: str = FAMILY
    legend: Legend = "auto"
    title: bool = False
    dpi: int = 300
    most_points: int | None = None
    screen: bool = False

    @classmethod
    def of(cls, theme: str = "light", legend: str = "auto", **more: object) -> Look:
        """Create a validated look.

        Raises
        ------
        InvalidQuery
            There is no such theme or legend, or a number is out of its range.
        """
        for name, value, known in (("theme", theme, tuple(THEMES)), ("legend", legend, LEGENDS)):
            if value not in known:
                raise InvalidQuery(f"There is no {name} {value[:40]!r}.", f"Choose {', '.join(known)}.")
        look = cls(cast("ThemeName", theme), legend=cast("Legend", legend), **more)  # pyright: ignore[reportArgumentType] - checked below
        ranges = (
            ("width", "width", look.width, WIDTHS, "mm"),
            ("height", "height", look.height or HEIGHTS[0], HEIGHTS, "mm"),
            ("font size", "font_size", look.font_size, FONT_SIZES, "pt"),
            ("resolution", "dpi", look.dpi, RESOLUTIONS, "dpi"),
        )
        for name, parameter, value, (low, high), unit in ranges:
            if not (math.isfinite(value) and low <= value <= high):
                raise InvalidQuery(
                    f"A {name} of {value:g} {unit} cannot be drawn.",
                    f"Give {low:g} to {high:g} {unit} ({parameter}).",
                )
        if not 0 < len(look.family) <= MAX_FAMILY or any(letter in look.family for letter in "<>{};&\\\n"):
            raise InvalidQuery(f"{look.family[:40]!r} is not a list of fonts.", "Write names separated by commas.")
        return look

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Look:
        """Read a look from the parameters of an address; parameters that are not in `PARAMETERS` are ignored.

        Raises
        ------
        InvalidQuery
            One of them cannot be read, or is out of its range.
        """
        known = {name: text.strip() for name, text in given.items() if name in PARAMETERS and text.strip()}
        if known.get("width") in JOURNALS:
            known["width"] = str(JOURNALS[known["width"]])
        more: dict[str, object] = {name: _number(name, known[name]) for name in NUMBERS if name in known}
        if "dpi" in known:
            if not known["dpi"].isascii() or not known["dpi"].isdigit():
                raise InvalidQuery(f"dpi={known['dpi'][:40]!r} is not a whole number.", "Write dpi=300.")
            more["dpi"] = int(known["dpi"][:9])
        if "font" in known:
            more["family"] = known["font"]
        if "title" in known:
            if known["title"] not in ("0", "1", "false", "true"):
                raise InvalidQuery(f"title={known['title'][:40]!r} is neither 0 nor 1.", "Write title=1 or title=0.")
            more["title"] = known["title"] in ("1", "true")
        return cls.of(known.get("theme", cls.theme), known.get("legend", cls.legend), **more)

    @property
    def colors(self) -> Theme:
        """Colours of everything that is not data."""
        return THEMES[self.theme]

    @property
    def scale(self) -> float:
        """Pixels of paper, 96 to the inch, for one pixel of the figure."""
        return self.font_size * DPI / POINTS / LETTERS

    def pixels(self, millimetres: float) -> float:
        """Convert millimetres on paper to pixels of the figure."""
        return millimetres / INCH * DPI / self.scale

    def millimetres(self, pixels: float) -> float:
        """Convert pixels of the figure to millimetres on paper."""
        return pixels * self.scale / DPI * INCH


def fitted(look: Look, least: tuple[float, float]) -> Look:
    """Reduce the font size so that a figure of at least `least` pixels fits the paper.

    Raises
    ------
    InvalidQuery
        They would be too small to be read.
    """
    room = [look.pixels(look.width) / least[0]] if least[0] else []
    if look.height and least[1]:
        room.append(look.pixels(look.height) / (least[1] + TITLE))
    factor = min([1.0, *room])
    smallest = FONT_SIZES[0]
    if look.font_size * factor < smallest:
        size = replace(look, font_size=smallest)
        width, height = (size.millimetres(side) for side in (least[0], least[1] + TITLE))
        high = f" by {height:.0f}" if look.height else ""
        raise InvalidQuery(
            f"The names in this figure would overlap: with a font size of {smallest:g} pt, the figure needs "
            f"{width:.0f}{high} mm.",
            "Choose a larger size, or show fewer rows or columns.",
        )
    return replace(look, font_size=round(look.font_size * factor, 2)) if factor < 1 else look


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidQuery(f"{name}={text[:40]!r} is not a number.", f"Write {name}=85.") from error


def styled(figure: Json, look: Look, title: str = "", mark: str = "", italic: Sequence[str] = ()) -> Json:
    """Return a copy of a figure in a style.

    A figure is laid out in its own pixels, in which its letters have 12, and scaled as a whole to the letters asked
    for: lines, points and gaps keep their proportions to the text. `Look.scale` says by how much. `mark` is written in
    the place of a title that is not wanted; the genes in `italic` are set in italics where the title names them.
    """
    title = title if look.title else mark
    layout: Json = {**figure["layout"]}
    theme = look.colors
    width = look.pixels(look.width)
    if look.screen:
        # A figure that is wider than its frame scrolls.
        width = max(width, float(layout.get("width") or 0))
    height = look.pixels(look.height) if look.height else float(layout.get("height") or DEFAULT_HEIGHT)
    layout |= {
        "width": round(width, 2),
        "paper_bgcolor": theme.paper,
        "plot_bgcolor": theme.paper,
        "font": {**layout.get("font", {}), "family": look.family, "color": theme.ink},
        # There is no hover on paper.
        "hovermode": False,
        "modebar": {},
    }
    margin = {**layout.get("margin", {})}
    own: Json = layout.get("legend", {})
    above = own.get("yref") == "container"
    sizes: Sizes | None = None
    if above and look.legend != "none" and width < NARROW:
        entries = [trace for trace in figure["data"] if trace.get("showlegend")]
        # In a frame dots change their size with the width, those of the legend too.
        if _is_fixed(layout) and not look.screen:
            # Plotly would stack what is wider than the axes.
            sizes = measured_sizes(entries, str(own.get("title", {}).get("text", "")), width, theme)
            taken = sizes.further
        else:
            # Below their title, as many sizes side by side as the axes are wide.
            own = {**own, "title": {**own.get("title", {}), "side": "top"}}
            room = width - margin.get("r", 0) - max(margin.get("l", 0), _names_beside(layout))
            taken = LINE * math.ceil(len(entries) / max(int(room / ENTRY), 1))
        margin["t"] = margin.get("t", 0) + taken
        height += 0 if look.height else taken
    below = _titles_fitted(layout, margin, figure["data"], width, 0.0 if look.screen else EDGE)
    if not (above or look.screen) and (legend_below := _legend_below(figure["data"], layout, look, width)):
        below += legend_below
        look = replace(look, legend="below")
    if below:
        margin["b"] = margin.get("b", 0) + below
        height += 0 if look.height else below
    head = 0.0
    if title:
        title = wrapped(title, LETTERS + 1, width - 2 * EDGE)
        head = TITLE + TITLE_LINE * title.count(BREAK)
        height += 0 if look.height else head
        margin["t"] = margin.get("t", 0) + head
        _headed(layout, margin, _marked(title, italic), height, theme)
        if above:
            own = {**own, "y": 1 - head / height}
    if above:
        layout["legend"] = own
    if sizes:
        layout |= sizes.drawn(layout, margin, head)
    layout |= {"height": round(height, 2), "margin": margin}
    _placed(layout, look)
    if look.theme == "journal":
        for name in [name for name in layout if name.startswith(("xaxis", "yaxis"))]:
            layout[name] = _journal_axis(layout[name], theme)
    return {**figure, "layout": layout}


def _marked(title: str, italic: Sequence[str]) -> str:
    """Escape a title in several lines, and set its genes in italics."""
    found = BREAK.join(escaped(line) for line in title.split(BREAK))
    for gene in dict.fromkeys(italic):
        found = re.sub(rf"(?<![\w-]){re.escape(escaped(gene))}(?![\w-])", lambda at: f"<i>{at[0]}</i>", found)
    return found


def _is_fixed(layout: Json) -> bool:
    """Return whether the margin on the left is known: the axis does not measure its own names."""
    return not layout.get("yaxis", {}).get("automargin", False)


def _sides(layout: Json, margin: Json, traces: Sequence[Json]) -> tuple[float, float]:
    """Return the pixels left and right of the axes, guessed where Plotly measures names."""
    left, right = float(margin.get("l", 0)), float(margin.get("r", 0))
    if not _is_fixed(layout):
        named = layout["yaxis"].get("ticktext")
        left = max(left, _names_beside(layout) + EDGE if named else NUMBERED)
    if any("colorbar" in trace or "colorbar" in trace.get("marker", {}) for trace in traces):
        right = max(right, BAR)
    return left, right


def _titles_fitted(layout: Json, margin: Json, traces: Sequence[Json], width: float, edge: float) -> float:
    """Break titles of horizontal axes that would be cut at an edge; return the pixels of their further lines."""
    left, right = _sides(layout, margin, traces)
    most = 0.0
    for name in [name for name in layout if name.startswith("xaxis")]:
        axis: Json = layout[name]
        title = axis.get("title")
        if not isinstance(title, dict) or not title.get("text"):
            continue
        size = float(title.get("font", {}).get("size", LETTERS))
        low, high = axis.get("domain", (0.0, 1.0))
        middle = left + (width - left - right) * (low + high) / 2
        room = 2 * min(middle, width - middle) - 2 * edge
        old = str(title["text"]).split(BREAK)
        new = BREAK.join(line if text_width(line, size) <= room else wrapped(line, size, room) for line in old)
        layout[name] = {**axis, "title": {**title, "text": new}}
        most = max(most, (new.count(BREAK) + 1 - len(old)) * LEADING * size)
    return round(most)


def _legend_below(traces: Sequence[Json], layout: Json, look: Look, width: float) -> float:
    """Return the pixels of a legend below the axes; 0 where it stands beside them."""
    names = [str(trace.get("name", "")) for trace in traces if trace.get("showlegend", True) and trace.get("name")]
    if not layout.get("showlegend") or look.legend not in ("auto", "below") or not names:
        return 0.0
    own: Json = layout.get("legend", {})
    entry = widest(names, own.get("font", {}).get("size", LETTERS)) + SYMBOL
    left, right = _sides(layout, layout.get("margin", {}), traces)
    if look.legend == "auto" and entry <= BESIDE * (width - left):
        return 0.0
    return LINE * math.ceil(len(names) / max(int((width - left - right) / entry), 1)) + EDGE


def _names_beside(layout: Json) -> float:
    """Return the width in pixels of the names beside the rows of a figure."""
    axis: Json = layout.get("yaxis", {})
    return widest(map(str, axis.get("ticktext") or ()), axis.get("tickfont", {}).get("size", LETTERS))


def _headed(layout: Json, margin: Json, title: str, height: float, theme: Theme) -> None:
    """Write a title above the figure."""
    font = {"size": LETTERS + 1, "color": theme.ink}
    if margin.get("autoexpand", True):
        layout["title"] = {
            **{"text": title, "font": font, "pad": {"l": EDGE}, "automargin": False},
            **{"x": 0.0, "xanchor": "left", "xref": "container"},
            **{"y": 1 - EDGE / height, "yanchor": "top", "yref": "container"},
        }
        return
    # Plotly pushes a title out of the figure where a colour bar is above its axes; a note stays.
    note = {
        **{"text": title, "font": font, "showarrow": False, "align": "left"},
        **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": EDGE - margin.get("l", 0)},
        **{"y": 1, "yref": "paper", "yanchor": "top", "yshift": margin.get("t", 0) - EDGE / 2},
    }
    layout["annotations"] = [*layout.get("annotations", []), note]


def _placed(layout: Json, look: Look) -> None:
    """Move the legend to the requested side; a legend with a fixed position stays, or is removed."""
    if not layout.get("showlegend"):
        return
    if look.legend == "none":
        layout["showlegend"] = False
        return
    own: Json = layout.get("legend", {})
    if own.get("yref") == "container":
        return
    below = {
        **{"orientation": "h", "x": 0, "xref": "container", "xanchor": "left"},
        **{"y": 0, "yanchor": "bottom", "yref": "container"},
    }
    right = {"orientation": "v", "x": 1.01, "xanchor": "left", "y": 1, "yanchor": "top"}
    layout["legend"] = {**own, **(below if look.legend == "below" else right)}


def _journal_axis(axis: Json, theme: Theme) -> Json:
    """Return an axis in the style of journals: no grid, a black line, black numbers."""
    if axis.get("showticklabels") is False or axis.get("visible") is False:
        return {**axis, "showgrid": False}
    font = {**axis.get("tickfont", {}), "color": theme.ink}
    named = {**axis.get("title", {})} if isinstance(axis.get("title"), dict) else {}
    if "font" in named:
        named["font"] = {**named["font"], "color": theme.ink}
    line = {"showgrid": False, "showline": True, "linecolor": theme.ink, "linewidth": 1}
    # Names need no ticks, and headings among them have nothing to point at.
    named_rows = axis.get("ticks") == "" and "ticktext" in axis
    ticks = {} if named_rows else {"ticks": "outside", "ticklen": 3, "tickcolor": theme.ink}
    return {**axis, **line, **ticks, "tickfont": font, **({"title": named} if named else {})}
