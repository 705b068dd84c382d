"""Volcano and MA plot: genes by fold change, and by p or mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.figures.axes import FALLS, RISES, axis
from core.figures.name_places import LETTERS, Place, annotation, arranged, span, to_pixels
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

# Names of the best genes of either direction; beyond, they would cover each other.
N_NAMED: Final = 8
MAX_NAME: Final = 18
# Coloured points that names do not cover: the first by p.
MAX_COVERED: Final = 300
MARGIN: Final = {"l": 52, "r": 14, "b": 44}
# Pixels of both plots on the page, at the width where they are smallest beside a table.
NARROW, WIDE = (350.0, 440.0), (900.0, 440.0)
MEAN: Final = "log2 mean counts per million"
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


def volcano(points: Points, log2fc: F64, p: F64, theme: Theme, size: tuple[float, float] = NARROW) -> Json:
    """Draw -log10 p against the fold change; genes without a p are left out.

    Parameters
    ----------
    size : width and height of the whole figure in pixels, for which names are placed
    """
    y = -np.log10(np.maximum(p, TINY))
    return _drawn(points, log2fc, y, theme, ("log2 fold change", "−log10 p"), size)


def ma_plot(points: Points, mean: F64, log2fc: F64, theme: Theme, size: tuple[float, float] = WIDE) -> Json:
    """Draw the fold change against the mean; `mean` is in log2 counts per million, `size` as of `volcano`."""
    return _drawn(points, mean, log2fc, theme, (MEAN, "log2 fold change"), size)


def _drawn(points: Points, x: F64, y: F64, theme: Theme, titles: tuple[str, str], size: tuple[float, float]) -> Json:
    upright = titles[0] != MEAN
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
            "margin": {**MARGIN, "t": 14},
            "xaxis": axis(titles[0], theme) | {"range": span(x)} | {"zeroline": upright, "zerolinecolor": theme.muted},
            "yaxis": axis(titles[1], theme)
            | {"range": span(y)}
            | {"zeroline": not upright, "zerolinecolor": theme.muted},
            "annotations": [
                annotation((float(x[at]), float(y[at])), _text(shown[at], bold=shown[at] == points.named), place, theme)
                for at, place in _named(points, shown, (x, y), called, change, size)
            ],
        },
    }


def _named(
    points: Points,
    genes: Sequence[str],
    xy: tuple[F64, F64],
    called: Mask,
    change: F64,
    size: tuple[float, float],
) -> list[tuple[int, Place]]:
    """Choose the genes to name, and where: the one looked at, the kept set or else the first called of each direction.

    Genes come by rising p; names for which there is no room are left out, but for the one looked at.
    """
    places = {gene: at for at, gene in enumerate(genes)}
    best: list[int] = [
        int(at) for sign in (1, -1) for at in np.flatnonzero(called & (np.sign(change) == sign))[:N_NAMED].tolist()
    ]
    kept = [places[gene] for gene in points.kept if gene in places][: 2 * N_NAMED]
    looked_at = [places[points.named]] if points.named in places else []
    chosen: list[int] = list(dict.fromkeys([*looked_at, *(kept or sorted(best))]))
    inner = (size[0] - MARGIN["l"] - MARGIN["r"], size[1] - MARGIN["b"] - 14)
    covered: list[int] = [at for at in np.flatnonzero(called)[:MAX_COVERED].tolist() if at not in chosen]
    names = [_text(genes[at], bold=genes[at] == points.named) for at in chosen]
    found = arranged(names, to_pixels(xy, chosen, inner), inner, LETTERS, to_pixels(xy, covered, inner))
    return [
        (at, place or Place(0.0, 9.0, "center", is_far=False))
        for at, place in zip(chosen, found, strict=True)
        if place is not None or genes[at] == points.named
    ]


def _text(gene: str, *, bold: bool) -> str:
    text = f"<i>{escaped(shortened(gene, MAX_NAME))}</i>"
    return f"<b>{text}</b>" if bold else text
