"""Samples by their first two principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.figures.axes import axis
from core.figures.palette import categories, ramp
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

MISSING = "(not given)"
# More names would cover each other.
FEW = 12


def sample_pca(
    scores: F64, shares: F64, names: Sequence[str], values: Sequence[str | float | None], theme: Theme
) -> Json:
    """Draw one point a sample, coloured by a column: categories with a legend, numbers with a colour bar.

    Parameters
    ----------
    scores : (n_samples, 2 or more)
    shares : share of the variance of each component
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
            "xaxis": axis(titles[0], theme) | {"zeroline": True, "zerolinecolor": theme.grid},
            "yaxis": axis(titles[1], theme) | {"zeroline": True, "zerolinecolor": theme.grid},
        },
    }


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
        "mode": "markers+text" if len(names) <= FEW else "markers",
        "textposition": "top center",
        "textfont": {"size": 10},
        "x": packed(x[list(kept)], "f8"),
        "y": packed(y[list(kept)], "f8"),
        "text": [escaped(names[at]) for at in kept],
        "cliponaxis": False,
        "hovertemplate": "%{text}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
    }


def _marker(color: object, theme: Theme) -> Json:
    return {"size": 11, "color": color, "line": {"color": theme.paper, "width": 1}}
