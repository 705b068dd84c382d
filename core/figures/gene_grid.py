"""Grid of genes by categories, shared by dot plots and heatmaps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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
SLANT = 60
# Plotly measures every name before it makes room for them: seconds for a long list, whose room is guessed instead.
MAX_MEASURED = 60
# What names that lie flat may take together, beside the names on the left of a card on a small laptop.
FLAT = 300
LEGEND, RIGHT, BAR = 34, 86, 150
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


def frame(grid: Grid, places: NDArray[Any], theme: Theme, *, legend: bool) -> Json:
    """Return the layout: names above and to the left, and room for a colour bar on the right.

    Parameters
    ----------
    places : (n_columns,), where the columns stand
    legend : leave room for one above the names
    """
    genes = (np.arange(len(grid.genes)), grid.names, [min(len(gene), MAX_NAME) for gene in grid.genes])
    columns = (places, grid.labels, [len(label) for label in grid.labels])
    (above, names, lengths), (beside, labels, widths) = (genes, columns) if grid.across else (columns, genes)
    letters, small = (_pitch(len(texts))[1] for texts in (names, labels))
    longest, left = (max(found, default=0) * size * LETTER for found, size in ((lengths, letters), (widths, small)))
    measured = len(labels) <= MAX_MEASURED
    flat = longest * len(names) <= FLAT
    top = LEGEND * legend + (letters if flat else longest * math.sin(math.radians(SLANT))) + 14
    height = top + 8 + max(_pitch(len(labels))[0] * _reach(beside), BAR)
    return {
        **base_layout(theme),
        "height": round(height),
        "margin": {"l": 8 if measured else round(left) + 12, "r": RIGHT, "t": round(top), "b": 8},
        "dragmode": False,
        "xaxis": _axis(above, names, letters, theme)
        | {"side": "top", "tickangle": 0 if flat else -SLANT, "range": _range(above)},
        "yaxis": _axis(beside, labels, small, theme) | {"automargin": measured, "range": _range(beside)[::-1]},
    }


def least_width(grid: Grid) -> int:
    """Return the width in pixels below which neighbours would touch; a narrower screen scrolls the figure."""
    above = np.arange(len(grid.genes)) if grid.across else grid.places
    longest = max(map(len, grid.categories if grid.across else grid.genes), default=0)
    letters = min(longest, MAX_NAME) * _pitch(1)[1] * LETTER
    return max(round(_pitch(above.size)[0] * _reach(above) + letters + RIGHT), LEAST)


def least_size(grid: Grid, natural: float) -> tuple[float, float]:
    """Return the width and height in pixels below which names overlap."""
    above = np.arange(len(grid.genes)) if grid.across else grid.places
    texts = grid.categories if grid.across else grid.genes
    left = min(max(map(len, texts), default=0), MAX_NAME) * _pitch(len(texts))[1] * LETTER
    return CLOSE * _pitch(above.size)[0] * _reach(above) + left + RIGHT, max(CLOSE * natural, BAR)


def pitch(grid: Grid) -> int:
    """Return the pixels from one line to the next, in the closer direction."""
    return min(_pitch(len(grid.genes))[0], _pitch(len(grid.categories))[0])


def color_bar(title: str, theme: Theme) -> Json:
    """Return a colour bar on the right, at the top."""
    return {
        "title": {"text": escaped(title), "side": "right", "font": {"size": 11, "color": theme.muted}},
        "tickfont": {"size": 10, "color": theme.muted},
        "thickness": 9,
        "len": BAR,
        "lenmode": "pixels",
        "y": 1,
        "yanchor": "top",
        "ypad": 0,
        "outlinewidth": 0,
    }


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
