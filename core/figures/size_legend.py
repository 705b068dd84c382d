"""Legend of the sizes of dots above a plot that is too narrow for the one of Plotly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.figures.legend_marks import BETWEEN, EDGE, GAP, LINE, SIZE, square, text
from core.figures.text_width import text_width, widest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.figures.theme import Json, Theme


@dataclass(frozen=True)
class Sizes:
    """Legend of the sizes of dots above a plot, measured.

    Attributes
    ----------
    title : its words
    dots : name, diameter in pixels and colour of each
    step : pixels from one dot to the next
    start : pixels from the left edge to the first
    further : pixels of a second line, where the dots do not fit beside the title; else 0
    theme : of its letters
    """

    title: str
    dots: tuple[tuple[str, float, str], ...]
    step: float
    start: float
    further: float
    theme: Theme

    def drawn(self, layout: Json, margin: Json, head: float) -> Json:
        """Return what of a layout changes: the legend is drawn `head` pixels below the upper edge."""
        up = margin["t"] - head - LINE
        place = 0.0, EDGE - margin["l"], 1.0, up
        shapes: list[Json] = [*layout.get("shapes", ())]
        texts: list[Json] = [*layout.get("annotations", ()), text(self.title, place, self.theme)]
        largest = max((size for _, size, _ in self.dots), default=0.0)
        for at, (name, size, color) in enumerate(self.dots):
            right = self.start + at * self.step - margin["l"]
            shapes.append(square((0.0, right + (largest - size) / 2, 1.0, up - self.further), color, size, "circle"))
            texts.append(text(name, (0.0, right + largest + GAP, 1.0, up - self.further), self.theme))
        return {"shapes": shapes, "annotations": texts, "showlegend": False}


def sizes(entries: Sequence[Json], title: str, width: float, theme: Theme) -> Sizes:
    """Measure a legend of the sizes of dots: `entries` are traces without a point."""
    dots = tuple((str(each["name"]), float(each["marker"]["size"]), str(each["marker"]["color"])) for each in entries)
    largest = max((size for _, size, _ in dots), default=0.0)
    step = largest + GAP + widest([name for name, _, _ in dots], SIZE) + BETWEEN
    beside = EDGE + text_width(title, SIZE) + BETWEEN
    fits = beside + len(dots) * step - BETWEEN <= width - EDGE
    return Sizes(title, dots, step, beside if fits else EDGE, 0.0 if fits else LINE, theme)
