"""Grid of genes by categories, shared by dot plots and heatmaps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from core.figures.text_width import text_width, widest, wrapped
from core.figures.theme import Json, Theme, base_layout, escaped, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Up to so many genes stand side by side, as in most papers; a longer list runs downwards, where it can be scrolled.
MAX_ACROSS = 40
MAX_NAME = 30
GAP = 0.5
# For lists of up to so many lines: pixels from one to the next, and the height of the letters between them.
PITCHES = ((60, 20, 11), (200, 15, 10), (math.inf, 12, 8))
LETTER = 0.56
SLANT, UPRIGHT = 60, 90
# Plotly measures every name before it makes room for them: seconds for a long list, whose room is guessed instead.
MAX_MEASURED = 60
# What names that lie flat may take together, beside the names on the left of a card on a small laptop.
FLAT = 300
LEGEND, RIGHT, BAR = 34, 86, 150
# Longest colour bar, size of its title; its ticks: how many, and how near to an end they may stand.
LONGEST_BAR, SMALL, TICKS, APART = 320, 11, 4, 0.1
# Pixels beside names on the left, and between names above; lines of slanted names, as a share of their size.
MARK, BETWEEN, CLEAR = 14, 5, 1.15
# Names may stand so much closer on paper than on the page.
CLOSE = 0.8
# What the sizes of the legend take side by side.
LEAST = 600


@dataclass(frozen=True)
class Grid:
    """Table of `core.analysis.dotplot.dots` as matrices; categories without cells are left out.

    Attributes
    ----------
    genes : of the rows
    categories, splits : of the columns, both (n_columns,); splits are empty texts without a second column
    n, n_expressing, pct, mean : (n_genes, n_columns) float64
    """

    genes: list[str]
    categories: list[str]
    splits: list[str]
    n: F64
    n_expressing: F64
    pct: F64
    mean: F64

    @classmethod
    def of(cls, table: pa.Table) -> Grid:
        """Read a table."""
        genes = list(dict.fromkeys(table["gene"].to_pylist()))
        shape = (len(genes), table.num_rows // max(len(genes), 1))
        n, n_expressing, pct, mean = (
            table[name].to_numpy().astype(np.float64).reshape(shape)
            for name in ("n", "n_expressing", "pct_expressing", "mean")
        )
        categories: list[str] = table["category"].to_pylist()[: shape[1]]
        splits: list[str] = table["split"].to_pylist()[: shape[1]] if "split" in table.column_names else [""] * shape[1]
        kept = np.flatnonzero(n.any(axis=0))
        return cls(
            genes,
            [categories[at] for at in kept],
            [splits[at] for at in kept],
            n[:, kept],
            n_expressing[:, kept],
            pct[:, kept],
            mean[:, kept],
        )

    @property
    def names(self) -> list[str]:
        """Names of the genes as a figure shows them."""
        return [f"<i>{escaped(shortened(gene, MAX_NAME))}</i>" for gene in self.genes]

    @property
    def labels(self) -> list[str]:
        """Names of the columns as a figure shows them."""
        return [
            escaped(" · ".join(shortened(part, MAX_NAME) for part in (category, split) if part))
            for category, split in zip(self.categories, self.splits, strict=True)
        ]

    @property
    def places(self) -> F64:
        """Positions of the columns, (n_columns,): one apart, and a gap between categories that are split."""
        at = np.arange(len(self.categories), dtype=np.float64)
        if not any(self.splits):
            return at
        news = [one != other for one, other in zip(self.categories[1:], self.categories, strict=False)]
        return at + GAP * np.concatenate([[0], np.cumsum(news)])

    @property
    def across(self) -> bool:
        """True where genes are columns and categories are rows."""
        return len(self.genes) <= MAX_ACROSS


def frame(grid: Grid, places: NDArray[Any], theme: Theme, *, legend: bool, width: float = 0.0) -> Json:
    """Return the layout: names above and to the left, and room for a colour bar on the right.

    Parameters
    ----------
    places : (n_columns,), where the columns stand
    legend : leave room for one above the names
    width : of the whole figure in pixels, where it is known: names above lie flat, are slanted or stand upright so that
        none touches its neighbour; 0 for a card of the page
    """
    genes = (np.arange(len(grid.genes)), grid.names)
    columns = (places, grid.labels)
    (above, names), (beside, labels) = (genes, columns) if grid.across else (columns, genes)
    letters, small = (_pitch(len(texts))[1] for texts in (names, labels))
    measured = len(labels) <= MAX_MEASURED and not width
    left = round(widest(labels, small)) + MARK
    angle = _angle(names, letters, (width - left - RIGHT) / _reach(above) if width else FLAT / max(len(names), 1))
    rises = math.sin(math.radians(angle))
    top = LEGEND * legend + (widest(names, letters) * rises + letters * (1 - rises)) + 14
    return {
        **base_layout(theme),
        "height": round(top + 8 + panel_height(grid)),
        "margin": {"l": 8 if measured else left, "r": RIGHT, "t": round(top), "b": 8},
        **({"width": width} if width else {}),
        "dragmode": False,
        "xaxis": _axis(above, names, letters, theme)
        | {"side": "top", "tickangle": -angle, "range": _range(above), "automargin": not width},
        "yaxis": _axis(beside, labels, small, theme) | {"automargin": measured, "range": _range(beside)[::-1]},
    }


def _angle(names: Sequence[str], size: float, step: float) -> int:
    """Return the angle at which names of a size do not touch, where they stand `step` pixels apart."""
    halves = [text_width(name, size) / 2 for name in names]
    if all(one + other + BETWEEN <= step for one, other in pairwise(halves)):
        return 0
    return SLANT if step * math.sin(math.radians(SLANT)) >= CLEAR * size else UPRIGHT


def panel_height(grid: Grid) -> float:
    """Return the height in pixels of the rows."""
    n = len(grid.categories if grid.across else grid.genes)
    beside = grid.places if grid.across else np.arange(len(grid.genes))
    return max(_pitch(n)[0] * _reach(beside), BAR)


def least_width(grid: Grid) -> int:
    """Return the width in pixels below which neighbours would touch; a narrower screen scrolls the figure."""
    above = np.arange(len(grid.genes)) if grid.across else grid.places
    longest = max(map(len, grid.categories if grid.across else grid.genes), default=0)
    letters = min(longest, MAX_NAME) * _pitch(1)[1] * LETTER
    return max(round(_pitch(above.size)[0] * _reach(above) + letters + RIGHT), LEAST)


def least_size(grid: Grid) -> tuple[float, float]:
    """Return the width and height in pixels below which names overlap, although those above stand upright."""
    above = np.arange(len(grid.genes)) if grid.across else grid.places
    names, labels = (grid.names, grid.labels) if grid.across else (grid.labels, grid.names)
    size, small = (_pitch(len(texts))[1] for texts in (names, labels))
    width = CLEAR * size * _reach(above) + widest(labels, small) + MARK + RIGHT
    return width, max(CLOSE * panel_height(grid), BAR) + widest(names, size) + LEGEND


def pitch(grid: Grid, layout: Json) -> float:
    """Return the pixels from one line to the next, in the closer direction, in a layout of `frame`."""
    steps: list[float] = [_pitch(len(grid.genes))[0], _pitch(len(grid.categories))[0]]
    if "width" in layout:
        above = np.arange(len(grid.genes)) if grid.across else grid.places
        steps.append((layout["width"] - layout["margin"]["l"] - layout["margin"]["r"]) / _reach(above))
    return min(steps)


def color_bar(title: str, theme: Theme, ends: tuple[float, float], height: float) -> Json:
    """Return a colour bar on the right, as high as the rows, whose ends are labelled.

    Parameters
    ----------
    ends : the values of both ends
    height : of the rows in pixels; the bar of a long list ends before them
    """
    length = min(height, LONGEST_BAR)
    ticks = _ticks(*ends)
    return {
        "title": {
            "text": wrapped(escaped(title), SMALL, length),
            "side": "right",
            "font": {"size": SMALL, "color": theme.muted},
        },
        "tickvals": ticks,
        "ticktext": [f"{tick:.3g}".replace("-", "−") for tick in ticks],
        "tickfont": {"size": 10, "color": theme.muted},
        "thickness": 9,
        "len": length,
        "lenmode": "pixels",
        "y": 1,
        "yanchor": "top",
        "ypad": 0,
        "outlinewidth": 0,
    }


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two ends, and the ends; a round number beside an end is left out."""
    reach = high - low
    if not (math.isfinite(reach) and reach > 0):
        return [low]
    power = 10.0 ** math.floor(math.log10(reach / TICKS))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * TICKS >= reach)
    first, last = math.ceil(low / step), math.floor(high / step)
    round_numbers = [at * step for at in range(first, last + 1)]
    inner = [tick for tick in round_numbers if min(tick - low, high - tick) > APART * reach]
    return [low, *inner, high]


def _pitch(n: int) -> tuple[int, int]:
    return next((step, letters) for most, step, letters in PITCHES if n <= most)


def _reach(places: NDArray[Any]) -> float:
    return float(places[-1]) + 1 if places.size else 1.0


def _range(places: NDArray[Any]) -> list[float]:
    return [-0.6, _reach(places) - 0.4]


def _axis(places: NDArray[Any], names: Sequence[str], letters: int, theme: Theme) -> Json:
    return {
        "tickvals": places.tolist(),
        "ticktext": list(names),
        "tickfont": {"size": letters, "color": theme.ink},
        "gridcolor": theme.grid,
        "zeroline": False,
        "ticks": "",
        "ticklabelstandoff": 4,
        "fixedrange": True,
    }
