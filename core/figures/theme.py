"""The two themes of the page, as figures need them; the names and values are those of ``assets/css/00-tokens.css``."""

from __future__ import annotations

import base64
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Json: TypeAlias = dict[str, Any]

SANS = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif'
)
# Letters of a name that are shown; the rest is in hovers, tables and files.
LONGEST = 60
DTYPES = {"f4": "<f4", "f8": "<f8", "u1": "u1", "u2": "<u2"}


@dataclass(frozen=True)
class Theme:
    """Colours of everything that is not data.

    `blank` are cells that do not express a gene, or for which nothing is given; `outside` cells that are not selected.
    """

    name: str
    paper: str
    ink: str
    muted: str
    grid: str
    blank: str
    outside: str


LIGHT = Theme("light", "#ffffff", "#18211f", "#566461", "#e6ebea", "#d5dbda", "#edf0f0")
DARK = Theme("dark", "#171e1f", "#e8eeed", "#98a7a4", "#2b3637", "#3a4546", "#242d2e")
# For print: the light colours of data, black text, white background, and an invisible grid.
JOURNAL = Theme("light", "#ffffff", "#000000", "#333333", "#ffffff", "#d5dbda", "#edf0f0")


def theme_of(name: str | None) -> Theme:
    """Return the theme of a name; light unless it is ``dark``."""
    return DARK if name == DARK.name else LIGHT


def escaped(text: str) -> str:
    """Escape a text for Plotly, whose labels understand a subset of HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, limit: int) -> str:
    """Shorten a text to `limit` characters; an ellipsis replaces the end."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def name_in_lines(name: str, letters: int) -> str:
    """Escape a name for Plotly, broken between words into lines of at most so many letters; `LONGEST` in all."""
    text = shortened(name, LONGEST)
    lines = textwrap.wrap(text, letters, break_on_hyphens=False) if len(text) > letters else [text]
    return "<br>".join(map(escaped, lines))


def packed(values: Sequence[float] | NDArray[Any], kind: str = "f4") -> Json:
    """Encode an array in Plotly's compact form; a list of numbers takes several times the space and time."""
    return {
        "dtype": kind,
        "bdata": base64.b64encode(np.ascontiguousarray(values, dtype=DTYPES[kind]).tobytes()).decode(),
    }


def color_scale(colors: Sequence[str]) -> list[list[float | str]]:
    """Return evenly spaced colours as a colour scale of Plotly."""
    return [[place / (len(colors) - 1), color] for place, color in enumerate(colors)]


def base_layout(theme: Theme) -> Json:
    """Return the layout that all figures of a theme share."""
    return {
        "paper_bgcolor": theme.paper,
        "plot_bgcolor": theme.paper,
        "font": {"family": SANS, "size": 12, "color": theme.ink},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": theme.paper,
            "bordercolor": theme.muted,
            "font": {"family": SANS, "size": 12, "color": theme.ink},
            "align": "left",
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.ink},
    }
