"""Legends on paper: drawn as shapes and texts, in as many columns as the figure is wide.

Plotly sets a legend in the width of the axes, and cuts or stacks what does not fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.figures.legend_marks import BETWEEN, EDGE, GAP, LINE, SIZE, SQUARE, square, text
from core.figures.text_width import BREAK, text_width, widest, wrapped
from core.figures.theme import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.figures.print_style import Look

# Pixels from one line of an entry to the next, and from the figure.
NEXT, APART = 13.0, 12.0
MAX_COLUMNS, FEW = 3, 6
# The largest share of the width that a legend beside a figure takes.
BESIDE = 0.4
MOVED = "The legend stands below the figure: beside it, it would take more than 40% of the width."


@dataclass(frozen=True)
class PrintLegend:
    """Legend of names and colours, measured.

    Attributes
    ----------
    entries
        Names, broken into lines where that saves space, and colours.
    columns
        Entries of each column, the first of them at the top left.
    width
        Pixels of a column.
    side
        ``right`` or ``below``; empty where there is none.
    """

    entries: tuple[tuple[str, str], ...] = ()
    n_columns: int = 1
    width: float = 0.0
    side: str = ""

    @property
    def columns(self) -> list[Sequence[tuple[str, str]]]:
        """Entries, column by column."""
        each = math.ceil(len(self.entries) / self.n_columns)
        return [self.entries[at : at + each] for at in range(0, len(self.entries), each)] if each else []

    @property
    def height(self) -> float:
        """Pixels of its highest column."""
        return max((sum(map(_height, column)) for column in self.columns), default=0.0)

    @property
    def room(self) -> tuple[float, float]:
        """Pixels that the margins on the right and below need for it."""
        if self.side == "right":
            return APART + self.width, 0.0
        return (0.0, APART + self.height + EDGE) if self.side == "below" else (0.0, 0.0)


def measured(entries: Sequence[tuple[str, str]], look: Look) -> PrintLegend:
    """Choose side and columns of a legend."""
    if look.legend == "none" or not entries:
        return PrintLegend()
    width = look.pixels(look.width)
    names = [name for name, _ in entries]
    longest = SQUARE + GAP + widest(names, SIZE) + BETWEEN
    if look.legend != "below" and longest <= BESIDE * width:
        return PrintLegend(tuple(entries), 1, longest, "right")
    room = width - 2 * EDGE
    n = min(max(int(room / longest), 1), MAX_COLUMNS, len(entries))
    if n == 1 and len(entries) > FEW:
        # Two columns of names in several lines are lower than one.
        n, longest = 2, room / 2
    own = longest - SQUARE - GAP - BETWEEN
    fit = tuple((wrapped(name, SIZE, own) if text_width(name, SIZE) > own else name, color) for name, color in entries)
    return PrintLegend(fit, n, max(longest, room / n if n > 1 else longest), "below")


def is_moved(legend: PrintLegend, look: Look) -> bool:
    """Return whether a legend that was asked for on the right stands below."""
    return look.legend == "right" and legend.side == "below"


def with_legend(figure: Json, legend: PrintLegend, look: Look, below: float = 0.0) -> Json:
    """Return a figure with its legend, whose margins have room for it already.

    Parameters
    ----------
    below : pixels of the margin below the axes that the figure itself needs
    """
    layout: Json = {**figure["layout"], "showlegend": False}
    if legend.side:
        left = layout["margin"]["l"]
        beside = legend.side == "right"
        x, y = (1, APART) if beside else (0, EDGE - left), (1, 0.0) if beside else (0, -below - APART)
        shapes: list[Json] = [*layout.get("shapes", ())]
        texts: list[Json] = [*layout.get("annotations", ())]
        for at, column in enumerate(legend.columns):
            down = y[1]
            for entry in column:
                name, color = entry
                place = x[0], x[1] + at * legend.width, y[0], down - LINE / 2
                shapes.append(square(place, color))
                texts.append(text(name, (place[0], place[1] + SQUARE + GAP, y[0], down), look.colors, "top"))
                down -= _height(entry)
        layout |= {"shapes": shapes, "annotations": texts}
    return {**figure, "layout": layout}


def with_side(look: Look, legend: PrintLegend) -> Look:
    """Return the look with the side on which the legend stands."""
    return replace(look, legend=legend.side or "none")  # pyright: ignore[reportArgumentType] - one of the three


def _height(entry: tuple[str, str]) -> float:
    return LINE + NEXT * entry[0].count(BREAK)
