"""Key of the colours of two genes blended: a square, one gene to the right and the other upwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.figures.cell_map import BLEND
from core.figures.palette import blend_of
from core.figures.theme import Json, escaped, shortened

if TYPE_CHECKING:
    from core.figures.theme import Theme

# Steps and pixels of a side of the square, from the axes up, and the size of its letters.
STEPS, SIDE, UP, LETTERS = 8, 32.0, 6.0, 10
MAX_NAME = 20


def with_blend_key(figure: Json, names: tuple[str, ...], tops: tuple[float, float], unit: str, theme: Theme) -> Json:
    """Add the key above the axes of a map, in the place of a colour bar.

    Parameters
    ----------
    names, tops : the two genes, and the upper ends of their colours
    unit : of their values
    """
    colors = blend_of(BLEND, theme)
    each, step = SIDE / STEPS, BLEND // STEPS
    squares = [
        {
            "type": "rect",
            **{"xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": x * each, "x1": (x + 1) * each},
            **{"yref": "paper", "ysizemode": "pixel", "yanchor": 1, "y0": UP + y * each, "y1": UP + (y + 1) * each},
            "line": {"width": 0},
            "fillcolor": colors[(x * step + step - 1) * BLEND + y * step + step - 1],
        }
        for x in range(STEPS)
        for y in range(STEPS)
    ]
    one, other = (
        f"<i>{escaped(shortened(name, MAX_NAME))}</i> 0 to {top:.3g}" for name, top in zip(names, tops, strict=True)
    )
    note = {
        "text": f"↑ {other}<br>→ {one} · {escaped(unit)}",
        "align": "left",
        "showarrow": False,
        **{"xref": "paper", "x": 0, "xanchor": "left", "xshift": SIDE + 6},
        **{"yref": "paper", "y": 1, "yanchor": "bottom", "yshift": UP - 2},
        "font": {"size": LETTERS, "color": theme.muted},
    }
    layout = figure["layout"]
    return {
        **figure,
        "layout": {
            **layout,
            "shapes": [*layout.get("shapes", ()), *squares],
            "annotations": [*layout.get("annotations", ()), note],
        },
    }
