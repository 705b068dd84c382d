"""Volcano and MA plot: genes by fold change, and by p or mean."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Points:
    """Genes of a plot.

    Attributes
    ----------
    genes : names, by rising p
    called : (n_genes,) genes within the thresholds, which are coloured by direction
    named : gene that is named in any case
    kept : gene set outside of which points are faint; empty for none. A few are named
    """

    genes: Sequence[str]
    called: Mask
    named: str = ""
    kept: Sequence[str] = ()


def volcano(points: Points, log2fc: F64, p: F64, theme: Theme) -> Json:
    """Draw -log10 p against the fold change; genes without a p are left out."""
    y = -np.log10(np.maximum(p, TINY))
    return _drawn(points, log2fc, y, theme, ("log2 fold change", "−log10 p"), upright=True)


def ma_plot(points: Points, mean: F64, log2fc: F64, theme: Theme) -> Json:
    """Draw the fold change against the mean; `mean` is in log2 counts per million."""
    titles = ("log2 mean counts per million", "log2 fold change")
    return _drawn(points, mean, log2fc, theme, titles, upright=False)


def _drawn(points: Points, x: F64, y: F64, theme: Theme, titles: tuple[str, str], *, upright: bool) -> Json:
    given = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    shown = [str(points.genes[int(at)]) for at in given]
    x, y, called = x[given], y[given], points.called[given]
    inside = set(points.kept)
    kept = [at for at, gene in enumerate(shown) if gene in inside]
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
                **({"selectedpoints": kept, "unselected": {"marker": {"opacity": 0.15}}} if inside else {}),
            }
        ],
        "layout": {
            **base_layout(theme),
            "dragmode": "select",
            "margin": {"l": 52, "r": 14, "t": 14, "b": 44},
            "xaxis": axis(titles[0], theme) | _range(x) | {"zeroline": upright, "zerolinecolor": theme.muted},
            "yaxis": axis(titles[1], theme) | _range(y) | {"zeroline": not upright, "zerolinecolor": theme.muted},
            "annotations": [
                _name(shown[at], float(x[at]), float(y[at]), theme, bold=shown[at] == points.named)
                for at in _named(shown, called, change, [*points.kept[:N_NAMED], points.named])
            ],
        },
    }


def _named(genes: Sequence[str], called: Mask, change: F64, asked: Sequence[str]) -> list[int]:
    """Choose the genes to name: the first called of each direction (they come by rising p), and those asked for."""
    found = [int(at) for sign in (1, -1) for at in np.flatnonzero(called & (np.sign(change) == sign))[:N_NAMED]]
    places = {gene: at for at, gene in enumerate(genes)}
    return list(dict.fromkeys([*found, *(places[gene] for gene in asked if gene in places)]))


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
