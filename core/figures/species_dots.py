"""Dot plot across species: matching cell types as rows, atlases as columns, paralogs as rows of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.analysis.species_dots import is_elsewhere
from core.figures.dotplot import legend_of_sizes, size_entry
from core.figures.gene_grid import color_bar
from core.figures.palette import ramp
from core.figures.text_width import widest, wrapped
from core.figures.theme import Json, Theme, base_layout, color_scale, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

MAX_NAME, MAX_GENE = 34, 60
# Pixels: of a row, of the heading of a gene, of letters, around names, right of the columns, of the largest dot.
PITCH, HEAD, LETTERS, MARK, RIGHT, LARGEST = 20, 26, 11, 14, 92, 15
# Least and usual pixels of a column; of the legend of sizes, and below the rows.
NARROW, USUAL, LEGEND, BELOW = 76, 90, 46, 10
BAR: Final = 160
LEAST: Final = 420
# Percentages of the legend of sizes.
SIZES: Final = (25, 50, 100)
# Percentiles at the ticks of the colour bar; colours are even in the logarithm of the share of genes above.
TICKS: Final = (0, 50, 90, 99, 99.9)
# Marks for what has no number, and what each means.
NO_GENE, NO_TYPE = "×", "–"
MARKS: Final = f"{NO_GENE} no ortholog known, or not in the atlas; {NO_TYPE} no matching cell type"
# Of a frame: half its width in columns, and its distance from the lines around it in pixels.
HALF, INSET = 0.44, 1.5


@dataclass(frozen=True)
class Lines:
    """Lines of the plot from the top: each a row of genes in a cell type, or the heading of a gene.

    Attributes
    ----------
    keys : the gene, the row and the cell type of each line, by its place in pixels from the top
    ticks : name of each line, by its place
    heads : symbols of each gene, by the place of its heading
    height : of all lines in pixels
    """

    keys: Mapping[tuple[str, str, str], float]
    ticks: Mapping[float, str]
    heads: Mapping[float, str]
    height: float

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> Lines:
        """Arrange the rows: within a gene its cell types, and within each of them the rows of the gene."""
        keys: dict[tuple[str, str, str], float] = {}
        ticks: dict[float, str] = {}
        heads: dict[float, str] = {}
        at = 0.0
        genes = list(dict.fromkeys(row["gene"] for row in rows))
        for gene in genes:
            own = [row for row in rows if row["gene"] == gene]
            names = list(dict.fromkeys(row["row"] for row in own))
            if len(genes) > 1 or len(names) == 1:
                heads[at + HEAD / 2] = f"<i>{escaped(shortened(names[0], MAX_GENE))}</i>"
                at += HEAD
            for cell_type in dict.fromkeys(row["cell_type"] for row in own):
                for place, name in enumerate(names):
                    keys[gene, name, cell_type] = at + PITCH / 2
                    first = escaped(shortened(cell_type, MAX_NAME)) if place == 0 else ""
                    symbol = f"<i>{escaped(shortened(name, MAX_NAME))}</i>" if len(names) > 1 else ""
                    ticks[at + PITCH / 2] = "  ".join(filter(None, (first, symbol)))
                    at += PITCH
        return cls(keys, ticks, heads, at)

    @property
    def beside(self) -> float:
        """Pixels of the names beside the lines."""
        return round(widest(self.ticks.values(), LETTERS)) + MARK


def species_dots(table: pa.Table, titles: Mapping[str, str], theme: Theme, width: float = 0.0) -> Json:
    """Draw the table of `core.analysis.species_dots.species_dots`.

    Parameters
    ----------
    table : with the columns ``auroc`` and ``warning`` of `core.services.match_verdicts.marked`
    titles : name of each atlas, by its id
    width : of the whole figure in pixels, where it is known

    Notes
    -----
    The area of a dot is the percentage of cells that express the gene, its colour the rank percentile, from 0 to 99.9
    in every figure: most genes that any cell expresses are above the 80th, so colours are even in the logarithm of the
    share of genes that rank higher. Nothing is drawn where no cell expresses the gene; a mark says where there is
    nothing to measure, and a dotted frame where the matched types are hardly alike.
    """
    rows = table.to_pylist()
    lines, datasets = Lines.of(rows), list(dict.fromkeys(row["dataset"] for row in rows))
    column = {dataset: at for at, dataset in enumerate(datasets)}
    pitch = (width - lines.beside - RIGHT) / len(datasets) if width else USUAL
    names = [wrapped(escaped(titles.get(each, each)), LETTERS, max(pitch, NARROW) - 6) for each in datasets]
    dots = [row for row in rows if row["n_expressing"]]
    scale = ramp("expression", theme)
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": packed([column[row["dataset"]] for row in dots]),
        "y": packed([_place(lines, row) for row in dots]),
        "marker": {
            "size": packed([LARGEST * (row["pct_expressing"] / 100) ** 0.5 for row in dots]),
            "opacity": 1,
            "line": {"width": 0.6, "color": theme.muted},
            "color": packed([shade(row["percentile"]) for row in dots]),
            "colorscale": color_scale(scale),
            "cmin": 0,
            "cmax": shade(TICKS[-1]),
            "colorbar": {
                **color_bar("rank percentile", theme, (0, shade(TICKS[-1])), BAR),
                "tickvals": [shade(tick) for tick in TICKS],
                "ticktext": [f"{tick:g}" for tick in TICKS],
            },
        },
        "showlegend": False,
        "text": [_hover(row) for row in dots],
        "hovertemplate": "%{text}<extra></extra>",
    }
    above = _above(names)
    return {
        "data": [
            trace,
            _marks(rows, lines, column, theme),
            _frames(rows, lines, column, theme),
            *(size_entry(each, LARGEST, theme) for each in SIZES),
        ],
        "layout": _layout(lines, names, theme, above, width),
    }


def shade(percentile: float) -> float:
    """Return the place of a percentile on the colour scale: minus the decimal logarithm of the share of genes above."""
    return -math.log10(max(1 - percentile / 100, 1 - TICKS[-1] / 100))


def least_width(table: pa.Table) -> float:
    """Return the pixels below which the names of the columns, or the sizes of the legend, would touch."""
    rows = table.to_pylist()
    return max(Lines.of(rows).beside + RIGHT + NARROW * len({row["dataset"] for row in rows}), LEAST)


def _place(lines: Lines, row: Mapping[str, Any]) -> float:
    return lines.keys[row["gene"], row["row"], row["cell_type"]]


def _marks(rows: Sequence[Mapping[str, Any]], lines: Lines, column: Mapping[str, int], theme: Theme) -> Json:
    """Return the marks of what has no number; none where the numbers stand in other rows."""
    marked = [row for row in rows if row["n"] is None and not is_elsewhere(row["why"])]
    return {
        "type": "scatter",
        "mode": "text",
        "x": packed([column[row["dataset"]] for row in marked]),
        "y": packed([_place(lines, row) for row in marked]),
        "text": [NO_TYPE if row["symbol"] else NO_GENE for row in marked],
        "textfont": {"size": LETTERS, "color": theme.muted},
        "hovertext": [escaped(row["why"]) for row in marked],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _frames(rows: Sequence[Mapping[str, Any]], lines: Lines, column: Mapping[str, int], theme: Theme) -> Json:
    """Frame what was measured of each gene in matched types that are hardly alike."""
    ends: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        if row["warning"] and row["n"] is not None:
            ends.setdefault((row["gene"], row["cell_type"], row["dataset"]), []).append(_place(lines, row))
    x: list[float] = []
    y: list[float] = []
    for (*_, dataset), places in ends.items():
        left, right = column[dataset] - HALF, column[dataset] + HALF
        top, bottom = min(places) - PITCH / 2 + INSET, max(places) + PITCH / 2 - INSET
        x += [left, right, right, left, left, math.nan]
        y += [top, top, bottom, bottom, top, math.nan]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(y),
        "line": {"color": theme.ink, "width": 1.2, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _hover(row: Mapping[str, Any]) -> str:
    alike = "" if row["auroc"] is None else f"<br>AUROC of the matched types {row['auroc']:.2f}"
    return (
        f"<i>{escaped(row['symbol'])}</i> in {escaped(row['types'])}<br>{escaped(row['dataset'])} ({row['match']})<br>"
        f"{row['n_expressing']:,} of {row['n']:,} cells expressing ({row['pct_expressing']:.1f}%)<br>"
        f"rank percentile {row['percentile']:.1f} among {row['n_genes']:,} genes{alike}"
    )


def _above(names: Sequence[str]) -> float:
    """Return the pixels of the names above the columns."""
    return LETTERS * 1.35 * max(name.count("<br>") + 1 for name in names) + MARK


def _layout(lines: Lines, names: Sequence[str], theme: Theme, above: float, width: float) -> Json:
    font = {"size": LETTERS, "color": theme.muted}
    axis = {"zeroline": False, "ticks": "", "ticklabelstandoff": 4, "fixedrange": True, "gridcolor": theme.grid}
    letters = {"size": LETTERS, "color": theme.ink}
    top = round(LEGEND + above)
    return {
        **base_layout(theme),
        "height": round(top + lines.height + BELOW),
        "margin": {"l": lines.beside, "r": RIGHT, "t": top, "b": BELOW},
        **({"width": width} if width else {}),
        "dragmode": False,
        "xaxis": {
            **axis,
            "side": "top",
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "tickangle": 0,
            "tickfont": letters,
            "range": [-0.5, len(names) - 0.5],
        },
        "yaxis": {
            **axis,
            "tickvals": list(lines.ticks),
            "ticktext": list(lines.ticks.values()),
            "tickfont": letters,
            "range": [lines.height, 0],
        },
        "annotations": [
            {
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "xshift": -lines.beside + 4,
                "y": at,
                "yanchor": "middle",
                "text": f"<b>{name}</b>",
                "showarrow": False,
                "borderpad": 0,
                "font": letters,
            }
            for at, name in lines.heads.items()
        ],
        "showlegend": True,
        "legend": legend_of_sizes("% of cells expressing", "top", font, width),
    }
