"""Volcano and MA plot: genes by fold change, and by p or mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.figures.axes import FALLS, RISES, axis
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

# Names of the best genes of either direction; beyond, they would cover each other.
N_NAMED: Final = 8
MAX_NAME: Final = 18
# The smallest p that is drawn apart from zero.
TINY: Final = 1e-300
_LIGHTER: Final = {"light": (FALLS, RISES), "dark": ("#6cb2ec", "#ff9a8a")}


def volcano(genes: Sequence[str], log2fc: F64, p: F64, called: Mask, theme: Theme, named: str = "") -> Json:
    """Draw -log10 p against the fold change; genes without a p are left out.

    Parameters
    ----------
    called : genes within the thresholds, which are coloured by direction
    named : gene that is named in any case
    """
    y = -np.log10(np.maximum(p, TINY))
    return _points(genes, log2fc, y, called, theme, named, ("log2 fold change", "−log10 p"), upright=True)


def ma_plot(genes: Sequence[str], mean: F64, log2fc: F64, called: Mask, theme: Theme, named: str = "") -> Json:
    """Draw the fold change against the mean; `mean` is in log2 counts per million."""
    return _points(
        genes, mean, log2fc, called, theme, named, ("log2 mean counts per million", "log2 fold change"), upright=False
    )


def _points(  # noqa: PLR0913, PLR0917 - the parts of one plot
    genes: Sequence[str],
    x: F64,
    y: F64,
    called: Mask,
    theme: Theme,
    named: str,
    titles: tuple[str, str],
    *,
    upright: bool,
) -> Json:
    given = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    shown = [str(genes[int(at)]) for at in given]
    x, y, called = x[given], y[given], called[given]
    change = x if upright else y
    kind = np.where(~called, 0, np.where(change > 0, 2, 1))
    falls, rises = _LIGHTER[theme.name]
    both = f"<i>%{{text}}</i><br>{titles[0]} %{{x:.2f}}<br>{titles[1]} %{{y:.2f}}<extra></extra>"
    return {
        "data": [
            {
                "type": "scattergl",
                "mode": "markers",
                "x": packed(x),
                "y": packed(y),
                "text": [escaped(gene) for gene in shown],
                "hovertemplate": both,
                "marker": {
                    "size": packed(np.where(called, 6, 4), "u1"),
                    "line": {"width": 0},
                    "opacity": 0.75,
                    "color": packed(kind.astype(np.uint8), "u1"),
                    "colorscale": [[0, theme.muted], [0.5, falls], [1, rises]],
                    "cmin": 0,
                    "cmax": 2,
                },
            }
        ],
        "layout": {
            **base_layout(theme),
            "dragmode": "select",
            "margin": {"l": 52, "r": 14, "t": 14, "b": 44},
            "xaxis": axis(titles[0], theme) | _range(x) | {"zeroline": upright, "zerolinecolor": theme.muted},
            "yaxis": axis(titles[1], theme) | _range(y) | {"zeroline": not upright, "zerolinecolor": theme.muted},
            "annotations": [
                _name(shown[at], float(x[at]), float(y[at]), theme, bold=shown[at] == named)
                for at in _named(shown, called, change, named)
            ],
        },
    }


def _named(genes: Sequence[str], called: Mask, change: F64, named: str) -> list[int]:
    """Choose the genes to name: the first called of each direction (they come by rising p), and the one looked at."""
    found = [int(at) for sign in (1, -1) for at in np.flatnonzero(called & (np.sign(change) == sign))[:N_NAMED]]
    if named in genes and genes.index(named) not in found:
        found.append(genes.index(named))
    return found


def _name(gene: str, x: float, y: float, theme: Theme, *, bold: bool) -> Json:
    text = f"<i>{escaped(shortened(gene, MAX_NAME))}</i>"
    return {
        "x": x,
        "y": y,
        "text": f"<b>{text}</b>" if bold else text,
        "showarrow": False,
        "yshift": 9,
        "font": {"size": 11, "color": theme.ink},
        "captureevents": False,
    }


def _range(values: F64) -> Json:
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    pad = 0.08 * (high - low) or 0.5
    return {"range": [low - pad, high + pad]}
