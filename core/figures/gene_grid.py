"""Grid of genes by categories, shared by dot plots and heatmaps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
PITCHES = ((40, 20, 11), (200, 15, 10), (math.inf, 12, 8))
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
# Blocks of a list side by side at most, and pixels above the names and below the rows.
MAX_BLOCKS, EDGES = 6, 22
# Columns over which a gene can be scaled.
LEAST_SCALED = 3
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
    n_blocks : in how many blocks side by side the genes run downwards; 0 where their number decides the direction
    """

    genes: list[str]
    categories: list[str]
    splits: list[str]
    n: F64
    n_expressing: F64
    pct: F64
    mean: F64
    n_blocks: int = 0

    @classmethod
    def of(cls, table: pa.Table, n_blocks: int = 0) -> Grid:
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
            n_blocks,
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
    def n_rows(self) -> int:
        """Number of rows where the genes run downwards."""
        return math.ceil(len(self.genes) / max(self.n_blocks, 1))

    @property
    def across(self) -> bool:
        """True where genes are columns and categories are rows."""
        return not self.n_blocks and len(self.genes) <= MAX_ACROSS


@dataclass(frozen=True)
class Blocks:
    """Positions of genes and columns where a long list runs downwards in blocks side by side.

    Attributes
    ----------
    row : (n_genes,), the row of each gene
    offset : (n_genes,), what is added to the positions of the columns in its block
    stride : from one block to the next, in the units of the columns
    """

    row: NDArray[Any]
    offset: F64
    stride: float


def blocks(grid: Grid, places: NDArray[Any], width: float) -> Blocks:
    """Place the genes in blocks in a figure of `width` pixels; one block is as wide as its columns."""
    at = np.arange(len(grid.genes))
    if grid.n_blocks < 2:  # noqa: PLR2004 - nothing beside
        return Blocks(at, np.zeros(at.size), _reach(places))
    names = _names_width(grid)
    step = (width - RIGHT - grid.n_blocks * names) / (grid.n_blocks * _reach(places))
    stride = _reach(places) + names / step
    return Blocks(at % grid.n_rows, ((at // grid.n_rows) * stride).astype(np.float64), stride)


def is_scaled(grid: Grid) -> bool:
    """Return whether genes can be scaled over the columns: over one or two, every gene would look alike."""
    return len(grid.labels) >= LEAST_SCALED


def frame(grid: Grid, places: NDArray[Any], theme: Theme, *, legend: bool, width: float = 0.0) -> Json:
    """Return the layout: names above and to the left, and room for a colour bar on the right.

    Parameters
    ----------
    places : (n_columns,), where the columns stand
    legend : leave room for one above the names
    width : of the whole figure in pixels, where it is known: names above lie flat, are slanted or stand upright so that
        none touches its neighbour; 0 for a card of the page
    """
    placed, n_blocks, rows = blocks(grid, places, width), max(grid.n_blocks, 1), grid.n_rows
    genes = (np.arange(rows), grid.names[:rows])
    columns = (np.concatenate([places + at * placed.stride for at in range(n_blocks)]), grid.labels * n_blocks)
    (above, names), (beside, labels) = (genes, columns) if grid.across else (columns, genes)
    letters, small = _letters(grid)
    measured = len(labels) <= MAX_MEASURED and not width
    left = round(widest(labels, small)) + MARK if grid.across else _names_width(grid)
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
        **({"annotations": _further_names(grid, placed, small, theme)} if n_blocks > 1 else {}),
    }


def _further_names(grid: Grid, placed: Blocks, size: int, theme: Theme) -> list[Json]:
    """Write the names of the genes of all blocks but the first, which the axis names."""
    return [
        {
            "x": float(placed.offset[at]) - 0.6,
            "y": float(placed.row[at]),
            "text": grid.names[at],
            "xanchor": "right",
            "yanchor": "middle",
            "showarrow": False,
            "borderpad": 0,
            "xshift": -4,
            "font": {"size": size, "color": theme.ink},
        }
        for at in range(grid.n_rows, len(grid.genes))
    ]


def _angle(names: Sequence[str], size: float, step: float) -> int:
    """Return the angle at which names of a size do not touch, where they stand `step` pixels apart."""
    halves = [text_width(name, size) / 2 for name in names]
    if all(one + other + BETWEEN <= step for one, other in pairwise(halves)):
        return 0
    return SLANT if step * math.sin(math.radians(SLANT)) >= CLEAR * size else UPRIGHT


def panel_height(grid: Grid) -> float:
    """Return the height in pixels of the rows."""
    beside = grid.places if grid.across else np.arange(grid.n_rows)
    return max(_row_pitch(grid)[0] * _reach(beside), BAR)


def least_width(grid: Grid) -> int:
    """Return the width in pixels below which neighbours would touch; a narrower screen scrolls the figure."""
    above = np.arange(len(grid.genes)) if grid.across else grid.places
    longest = max(map(len, grid.categories if grid.across else grid.genes), default=0)
    letters = min(longest, MAX_NAME) * _pitch(1)[1] * LETTER
    return max(round(_pitch(above.size)[0] * _reach(above) + letters + RIGHT), LEAST)


def least_size(grid: Grid) -> tuple[float, float]:
    """Return the width and height in pixels below which names overlap, although those above stand upright."""
    above = np.arange(len(grid.genes)) if grid.across else grid.places
    names = grid.names if grid.across else grid.labels
    size, small = _letters(grid)
    beside = widest(grid.labels, small) + MARK if grid.across else _names_width(grid)
    width = max(grid.n_blocks, 1) * (CLEAR * size * _reach(above) + beside) + RIGHT
    return width, max(CLOSE * panel_height(grid), BAR) + widest(names, size) + LEGEND


def arranged(grid: Grid, width: float, height: float) -> Grid:
    """Choose the direction of the genes, and the number of blocks, in which a figure fits without smaller letters.

    The first that fits is taken, else the lowest that is not too wide, else the grid as it is.

    Parameters
    ----------
    width, height : of the paper in pixels
    """
    possible = [each for each in _possible(grid) if least_size(each)[0] <= width]
    lowest = min(possible, key=_height, default=grid)
    return next((each for each in possible if _height(each) <= height), lowest)


def genes_within(grid: Grid, width: float, height: float) -> int:
    """Return how many genes fit downwards on a paper, in as many blocks as there is room for; at least 0."""
    possible = [each for each in _possible(grid) if not each.across and least_size(each)[0] <= width]
    if not possible:
        return 0
    most = possible[-1]
    rows = int((height - _height(most) + panel_height(most)) / _row_pitch(most)[0])
    return max(rows, 0) * most.n_blocks


def _possible(grid: Grid) -> list[Grid]:
    return [*([grid] if grid.across else []), *(replace(grid, n_blocks=n) for n in range(1, MAX_BLOCKS + 1))]


def _height(grid: Grid) -> float:
    names = grid.names if grid.across else grid.labels
    return panel_height(grid) + widest(names, _letters(grid)[0]) + LEGEND + EDGES


def _names_width(grid: Grid) -> float:
    """Return the pixels of the names beside the rows, where these are genes."""
    return round(widest(grid.names, _letters(grid)[1])) + MARK


def _letters(grid: Grid) -> tuple[int, int]:
    """Return the sizes of the names above and beside the rows."""
    n_above = len(grid.genes if grid.across else grid.labels)
    above = max(n_above, MAX_ACROSS + 1) if grid.n_blocks > 1 else n_above
    return _pitch(above)[1], _row_pitch(grid)[1]


def _row_pitch(grid: Grid) -> tuple[int, int]:
    """Return the pixels from one row to the next, and the size of its name; in blocks those of a long list."""
    n = len(grid.categories) if grid.across else grid.n_rows
    return _pitch(max(n, MAX_ACROSS + 1) if grid.n_blocks else n)


def pitch(grid: Grid, layout: Json) -> float:
    """Return the pixels from one line to the next, in the closer direction, in a layout of `frame`."""
    steps: list[float] = [_pitch(len(grid.genes) if grid.across else len(grid.categories))[0], _row_pitch(grid)[0]]
    if "width" in layout:
        above = np.asarray(layout["xaxis"]["tickvals"])
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
    """Return the pixels from one of `n` lines to the next, and the size of their letters."""
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
