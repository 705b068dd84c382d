"""Plots of enrichment and activity: their outputs, and what fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Output

from core.figures.violin import nothing
from pages._ids_meaning import Meaning as Id

if TYPE_CHECKING:
    from core.figures.theme import Json, Theme
    from core.views.result import Words

Outputs = dict[str, Any]


def plot(prefix: str) -> dict[str, Output]:
    """Return the outputs of a plot whose ids begin with `prefix`."""
    return {
        "figure": Output(Id[prefix], "figure"),
        "height": Output(Id[prefix], "style"),
        **{part: Output(Id[f"{prefix}_{part.upper()}"], "children") for part in ("fault", "title", "note")},
    }


def drawn(figure: Json, text: Words, *, is_high: bool = False) -> Outputs:
    """Show a figure with its words; `is_high` for one that is as high as its rows."""
    height = {"height": f"{figure['layout']['height']}px"} if is_high else {}
    return {"figure": figure, "height": height, "fault": "", "title": text.title, "note": text.note}


def refused(why: str, title: str, theme: Theme) -> Outputs:
    """Show the reason for which there is no figure."""
    return {"figure": nothing(theme), "height": {}, "fault": why, "title": title, "note": ""}
