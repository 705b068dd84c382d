"""Axes and the diverging colour scale that several figures share."""

from __future__ import annotations

from core.figures.theme import Json, Theme, color_scale

# Diverging scale centred at zero: blue is negative, red positive; both ends differ equally in lightness from it.
FALLS, RISES = "#2166ac", "#b2182b"
DIVERGING = {
    "light": ("#2166ac", "#6ba5cf", "#c3dcea", "#f4f4f4", "#f7cdb8", "#e0836a", "#b2182b"),
    "dark": ("#6cb2ec", "#3f7fb5", "#2d5172", "#2b3637", "#7a3d35", "#c25d50", "#ff9a8a"),
}
MAX_NAME = 28


def diverging(theme: Theme) -> list[list[float | str]]:
    """Return the colour scale of a coefficient from -1 to 1."""
    return color_scale(DIVERGING[theme.name])


def axis(title: str, theme: Theme) -> Json:
    """Return an axis with a title in the colours of a theme."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": theme.muted}, "standoff": 8},
        "gridcolor": theme.grid,
        "tickfont": {"size": 11, "color": theme.muted},
        "zeroline": False,
        "automargin": True,
    }
