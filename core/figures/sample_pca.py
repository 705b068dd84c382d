"""Samples by their first two principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import axis
from core.figures.name_places import LETTERS, annotation, arranged, span, to_pixels
from core.figures.palette import categories, ramp
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

MISSING = "(not given)"
# More samples are named by the pointer only.
FEW = 24
MAX_NAME = 24
# Pixels of the plot on the page, and of its margins with a legend.
PAGE, FRAME = (900.0, 440.0), (176.0, 58.0)


def sample_pca(
    scores: F64,
    shares: F64,
    names: Sequence[str],
    values: Sequence[str | float | None],
    theme: Theme,
    size: tuple[float, float] = PAGE,
) -> Json:
    """Draw one point a sample, coloured by a column: categories with a legend, numbers with a colour bar.

    Parameters
    ----------
    scores : (n_samples, 2 or more)
    shares : share of the variance of each component
    size : width and height of the whole figure in pixels, for which the names of few samples are placed
    """
    x, y = scores[:, 0], scores[:, 1]
    titles = [f"PC{at + 1} ({100 * shares[at]:.0f} % of the variance)" for at in range(2)]
    numeric = all(value is None or isinstance(value, float) for value in values)
    traces = _numbers(x, y, names, values, theme) if numeric else _levels(x, y, names, values, theme)
    return {
        "data": traces,
        "layout": {
            **base_layout(theme),
            "showlegend": not numeric,
            "legend": {"font": {"size": 11}, "itemsizing": "constant"},
            "margin": {"l": 52, "r": 14, "t": 14, "b": 44},
            "xaxis": axis(titles[0], theme) | {"zeroline": True, "zerolinecolor": theme.grid, "range": span(x)},
            "yaxis": axis(titles[1], theme) | {"zeroline": True, "zerolinecolor": theme.grid, "range": span(y)},
            "annotations": _names(x, y, names, theme, size) if len(names) <= FEW else [],
        },
    }


def _names(x: F64, y: F64, names: Sequence[str], theme: Theme, size: tuple[float, float]) -> list[Json]:
    """Name the samples for which there is room."""
    inner = (size[0] - FRAME[0], size[1] - FRAME[1])
    shown = [escaped(shortened(name, MAX_NAME)) for name in names]
    places = arranged(shown, to_pixels((x, y), range(len(names)), inner), inner, LETTERS)
    return [
        annotation((float(x[at]), float(y[at])), shown[at], place, theme)
        for at, place in enumerate(places)
        if place is not None
    ]


def _levels(x: F64, y: F64, names: Sequence[str], values: Sequence[str | float | None], theme: Theme) -> list[Json]:
    texts = [MISSING if value is None else str(value) for value in values]
    levels = list(dict.fromkeys(texts))
    colors = dict(zip(levels, categories(levels), strict=True)) | {MISSING: theme.muted}
    return [
        _trace(x, y, names, [at for at, text in enumerate(texts) if text == level])
        | {"name": escaped(level), "marker": _marker(colors[level], theme)}
        for level in levels
    ]


def _numbers(x: F64, y: F64, names: Sequence[str], values: Sequence[str | float | None], theme: Theme) -> list[Json]:
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    bar = {"thickness": 9, "len": 0.6, "outlinewidth": 0, "tickfont": {"size": 10, "color": theme.muted}}
    marker = {"colorscale": color_scale(ramp("number", theme)), "colorbar": bar}
    trace = _trace(x, y, names, range(len(names)))
    return [trace | {"marker": _marker(packed(numbers), theme) | marker}]


def _trace(x: F64, y: F64, names: Sequence[str], kept: Sequence[int]) -> Json:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(x[list(kept)], "f8"),
        "y": packed(y[list(kept)], "f8"),
        "text": [escaped(names[at]) for at in kept],
        "hovertemplate": "%{text}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
    }


def _marker(color: object, theme: Theme) -> Json:
    return {"size": 11, "color": color, "line": {"color": theme.paper, "width": 1}}
