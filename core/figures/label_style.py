"""Look of labels on a map, and of the lines from them to their cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from core.figures.theme import Json, escaped, shortened

if TYPE_CHECKING:
    from core.figures.labels import Label
    from core.figures.theme import Theme

MAX_LABEL = 40


def label_of(label: Label, axes: str, theme: Theme) -> Json:
    """Return a label as an annotation on the axes of a small map, empty for those of the only one."""
    text = {"text": escaped(shortened(label.text, MAX_LABEL)), "xref": f"x{axes}", "yref": f"y{axes}"}
    style: Json = {**text, "x": label.x, "y": label.y, **label_style(theme)}
    if not label.is_led:
        return {**style, "showarrow": False}
    return {**style, "showarrow": True, **leader_style(theme), "ax": label.right, "ay": -label.up}


def label_style(theme: Theme) -> Json:
    """Return the look of a label: with a halo, which hides fewer cells than a box."""
    return {
        "captureevents": False,
        "font": {"size": 11.5, "color": theme.ink, "shadow": halo(theme)},
        "borderpad": 1,
    }


def leader_style(theme: Theme) -> Json:
    """Return the look of the line from a label to its cells, where it does not stand on them."""
    return {"arrowhead": 6, "arrowsize": 0.5, "arrowwidth": 1, "arrowcolor": theme.ink}


def halo(theme: Theme) -> str:
    """Return a shadow without blur, in the color of the paper, on all sides of the letters."""
    turns = [(math.cos(at * math.pi / 4), math.sin(at * math.pi / 4)) for at in range(8)]
    return ", ".join(f"{1.6 * x:.2f}px {1.6 * y:.2f}px 0 {theme.paper}" for x, y in turns)
