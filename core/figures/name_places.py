"""Places for the names of points in a plot, so that no two names overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.figures.label_style import halo
from core.figures.text_width import text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import F64
    from core.figures.theme import Json, Theme

# Size of the letters of names, in pixels.
LETTERS: Final = 11.0

# Pixels: height of a line over the size of its letters, and from a point to its name.
LEADING: Final = 1.25
GAP: Final = 6.0
# Between two names on one line.
APART: Final = 4.0
# Moves of a name, in lines up and in pixels aside of where it begins or ends: beside its point, then further away.
_UP: Final = (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0, -4.0)
_ASIDE: Final = (0.0, 14.0, 34.0)


@dataclass(frozen=True)
class Place:
    """Place of a name, by the middle of its line.

    Attributes
    ----------
    dx, dy : pixels from the point, to the right and up
    anchor : end of the name that is there: ``left``, ``center`` or ``right``
    is_far : whether a line has to lead to the point
    """

    dx: float
    dy: float
    anchor: str
    is_far: bool


Box = tuple[float, float, float, float]


def arranged(
    names: Sequence[str],
    points: Sequence[tuple[float, float]],
    size: tuple[float, float],
    letters: float,
    others: Sequence[tuple[float, float]] = (),
) -> list[Place | None]:
    """Place names beside their points, the first first; None for a name without room.

    Parameters
    ----------
    names : as they are drawn
    points : of the names, in pixels from the lower left corner of the plot
    size : width and height of the plot, in pixels
    letters : size of the letters, in pixels
    others : points without names, that names should not cover
    """
    line = LEADING * letters
    taken = [(x - 3.0, y - 3.0, x + 3.0, y + 3.0) for x, y in (*points, *others)]
    found: list[Place | None] = []
    for at, (name, (x, y)) in enumerate(zip(names, points, strict=True)):
        width = text_width(name, letters)
        chosen = None
        for place in _moves(line, to_right=x < size[0] / 2):
            box = _box(place, x, y, width, line)
            if _is_within(box, size) and not any(_overlap(box, other) for k, other in enumerate(taken) if k != at):
                chosen = place
                taken.append(box)
                break
        found.append(chosen)
    return found


def span(values: F64) -> list[float]:
    """Return the range of an axis, with room around its values; a range that Plotly chose would move the names."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    pad = 0.08 * (high - low) or 0.5
    return [low - pad, high + pad]


def to_pixels(xy: tuple[F64, F64], chosen: Sequence[int], size: tuple[float, float]) -> list[tuple[float, float]]:
    """Convert points to pixels from the lower left corner of a plot whose axes have the range `span`."""
    found: list[list[float]] = []
    for values, length in zip(xy, size, strict=True):
        low, high = span(values)
        found.append(((values[list(chosen)] - low) / (high - low) * length).tolist())
    return list(zip(*found, strict=True))


def annotation(point: tuple[float, float], text: str, place: Place, theme: Theme) -> Json:
    """Return a name as an annotation of Plotly; the text is markup."""
    line: Json = {"ax": place.dx, "ay": -place.dy, "arrowhead": 0, "arrowwidth": 0.8, "arrowcolor": theme.muted}
    return {
        "x": point[0],
        "y": point[1],
        "text": text,
        "xanchor": place.anchor,
        "yanchor": "middle",
        "borderpad": 0,
        "font": {"size": LETTERS, "color": theme.ink, "shadow": halo(theme)},
        "captureevents": False,
        "showarrow": place.is_far,
        **(line if place.is_far else {"xshift": place.dx, "yshift": place.dy}),
    }


def _moves(line: float, *, to_right: bool) -> list[Place]:
    """List the places of a name: above its point, beside it, then away from it with a line, on the outer side first."""
    near = [Place(0.0, GAP + line / 2, "center", is_far=False), Place(0.0, -GAP - line / 2, "center", is_far=False)]
    sides = ("right", "left") if to_right else ("left", "right")
    for aside in _ASIDE:
        for up in _UP:
            for anchor in sides:
                reach = GAP + aside
                near.append(
                    Place(reach if anchor == "left" else -reach, up * line, anchor, is_far=bool(aside) or abs(up) > 1)
                )
    return near


def _box(place: Place, x: float, y: float, width: float, line: float) -> Box:
    left = x + place.dx - {"left": 0.0, "center": width / 2, "right": width}[place.anchor]
    middle = y + place.dy
    return left - APART / 2, middle - line / 2, left + width + APART / 2, middle + line / 2


def _is_within(box: Box, size: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
