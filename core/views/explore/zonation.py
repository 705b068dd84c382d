"""A gene along the zones of the liver lobule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.donor_groups import MIN_CELLS
from core.analysis.expression import NOT_GIVEN, expression_of
from core.analysis.zonation import along
from core.analysis.zonation_axis import axis_of
from core.atlas.nouns import counted, noun_of, plural, sample_noun
from core.errors import EmptySelection, InvalidQuery
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import OWN
from core.figures.print_legend import MOVED, is_moved, measured, with_legend
from core.figures.print_style import fitted
from core.figures.theme import escaped
from core.figures.zonation import Chart, lines
from core.views.column_colors import colors_of
from core.views.explore.state import WANTED, resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.expression import Expression
    from core.analysis.zonation import Zonation
    from core.atlas.store import Atlas
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.explore.state import ExploreView

# More lines side by side cannot be told apart.
MAX_SPLITS = 6
MEASURES = {"mean": "mean", "percent": "pct_expressing"}
LEAST = 240.0


@dataclass(frozen=True, eq=False)
class Lobule:
    """A gene in the zones of the lobule."""

    view: ExploreView
    expression: Expression
    split: str
    found: Zonation
    n_splits: int

    @property
    def measure(self) -> str:
        """Column of the tables that is drawn."""
        return MEASURES[self.view.query.measure]

    @property
    def by_donor(self) -> bool:
        """True where the line is a mean over donors."""
        return self.found.donors.num_rows > 0


def is_there(atlas: Atlas) -> bool:
    """Tell whether an atlas has a zonation."""
    return axis_of(atlas) is not None


def compute(_services: Services, view: ExploreView) -> Lobule:
    """Summarise the gene in each zone, and in each category of the split.

    Raises
    ------
    InvalidQuery
        The atlas has no zonation, or no selected cell has a zone.
    """
    axis = axis_of(view.atlas)
    if axis is None:
        raise InvalidQuery(f"{view.atlas.id} has no column that orders cells along the lobule.", WANTED)
    split = view.query.split if view.query.split != axis.column else ""
    expression = expression_of(view.atlas, view.shown_gene, view.query.layer)
    found = along(view.atlas, expression, axis, view.query.selection, split)
    if not found.n_cells:
        raise EmptySelection("No selected cell has a zone.")
    return Lobule(view, expression, split, _largest(found), len(found.splits))


def _largest(found: Zonation) -> Zonation:
    """Keep the categories of the split with the most cells, in their order."""
    if len(found.splits) <= MAX_SPLITS:
        return found
    splits = np.array(found.table["split"].to_pylist(), dtype=object)
    n = found.table["n"].to_numpy()
    kept = sorted(found.splits, key=lambda name: -int(n[splits == name].sum()))[:MAX_SPLITS]
    ordered = tuple(name for name in found.splits if name in kept)

    def of_kept(table: pa.Table) -> pa.Table:
        places = [at for at, name in enumerate(table["split"].to_pylist()) if name in kept]
        return table.take(np.array(places, dtype=np.int64))

    return replace(found, table=of_kept(found.table), donors=of_kept(found.donors), splits=ordered)


def draw(result: Lobule, theme: Theme, width: float = 0.0) -> Json:
    """Draw one line a category of the split, from the portal triad to the central vein."""
    gene, axis = escaped(result.expression.gene), result.found.axis
    unit = result.expression.unit if result.measure == "mean" else _share(result)
    ends = "portal triad → central vein" if axis.ends else "in the order of the column"
    titles = f"{escaped(axis.column)}: {ends}", f"<i>{gene}</i> · {escaped(unit)}"
    found = result.found
    chart = Chart(found.table, found.donors, axis.zones, _colors(result, theme), result.measure, titles)
    return lines(chart, theme, width)


def _share(result: Lobule) -> str:
    return "% of cells above 0" if result.expression.signed else "% of cells expressing"


def _colors(result: Lobule, theme: Theme) -> list[tuple[str, str]]:
    if not result.split:
        return [("", theme.ink)]
    atlas = result.view.atlas
    column = atlas.categorical(result.split)
    colors = colors_of(atlas, column, own=result.view.query.scale == OWN)
    known = {NOT_GIVEN: GREY[theme.name], **dict(zip(column.categories, colors, strict=True))}
    return [(name, known[name]) for name in result.found.splits]


def words(result: Lobule) -> Words:
    """Describe axis, cells, dots and line."""
    found, atlas = result.found, result.view.atlas
    axis, gene, donor = found.axis, result.expression.gene, sample_noun(atlas)
    what = "Mean expression" if result.measure == "mean" else "Percentage of cells above zero"
    over = f"of {counted(found.n_samples, donor)} " if found.n_samples else ""
    cells = counted(found.n_cells, "hepatocyte" if found.hepatocytes else "cell")
    some = (
        f" The {MAX_SPLITS} largest of {result.n_splits:,} {plural(noun_of(atlas, result.split))}."
        if (result.n_splits > MAX_SPLITS)
        else ""
    )
    without = f" {found.n_without:,} without a zone omitted." if found.n_without else ""
    parts = f", cut into {len(axis.zones)} parts of equal numbers of cells" if axis.kind == "parts" else ""
    dots = (
        f"dots: {plural(donor)} with {MIN_CELLS} cells or more; line: mean over {plural(donor)}"
        if result.by_donor
        else f"line: all cells, since no {donor} is known with {MIN_CELLS} cells or more"
    )
    note = f"{cells} {over}in {axis.column}{parts}; {dots}.{some}{without} {_ends(result)}"
    line = (
        f"Dots are {plural(donor)} with at least {MIN_CELLS} cells in the zone; lines join the means over "
        f"{plural(donor)}."
        if result.by_donor
        else "Lines join the values of all cells of a zone."
    )
    of_cells = "Only hepatocytes, by the name of their cell type, were included. " if found.hepatocytes else ""
    mean = "mean expression" if result.measure == "mean" else "percentage of cells with a value above zero"
    by_donor = f"for each {donor} with at least {MIN_CELLS} cells, and then averaged over {plural(donor)}"
    unit = by_donor if result.by_donor else "over all cells"
    split = f" and {noun_of(atlas, result.split)}" if result.split else ""
    parameters = {
        "gene": gene,
        "measure": result.view.query.measure,
        "axis": axis.column,
        "split": result.split,
        "note": note,
    }
    by = f" by {noun_of(atlas, result.split)}" if result.split else ""
    return Words(
        f"{gene} along the lobule{by}",
        f"{what} in each zone from the portal triad to the central vein{split and f', for each{split[4:]}'}. {line}",
        f"Zones were taken from {axis.column}{parts}. {of_cells}The {mean} of {gene} was computed in each zone{split} "
        f"{unit}. {_ends(result)}",
        {name: value for name, value in parameters.items() if value},
        note,
        f"{gene} along the zonation of the liver lobule{by}",
    )


def _ends(result: Lobule) -> str:
    """State what tells which end is periportal."""
    axis = result.found.axis
    if axis.ends == "names":
        return "The order of the zones follows their names."
    if axis.ends == "genes":
        return f"Which end is periportal was told by {', '.join(axis.genes)}, so their own direction is no evidence."
    return f"Nothing tells which end is periportal: the order is that of {axis.column}."


def subject(result: Lobule) -> Subject:
    """Name the data of the lines."""
    view, found = result.view, result.found
    return Subject(
        view.atlas,
        view.query,
        view.state,
        layer=result.expression.layer,
        n_cells=found.n_cells,
        n_samples=found.n_samples,
    )


def tables(result: Lobule) -> dict[str, pa.Table]:
    """Return one row a zone and category of the split, and the donors."""
    found = {"zones": result.found.table}
    return {**found, "donors": result.found.donors} if result.by_donor else found


def layout(result: Lobule, look: Look) -> Layout:
    """Lay the lines out with a legend where it has room; on paper names of zones are broken or turned."""
    if look.screen:
        return Layout(vector(draw(result, look.colors)), look)
    paper = fitted(look, (LEAST, 0.0))
    figure = draw(result, look.colors, paper.pixels(paper.width))
    entries = [
        (unescape(trace["name"]), trace["marker"]["color"]) for trace in figure["data"] if trace.get("showlegend")
    ]
    figure["data"] = [trace for trace in figure["data"] if not trace.get("showlegend")]
    legend = measured(entries, paper)
    right, below = legend.room
    if right:
        # Names of zones were broken for the whole width.
        figure = draw(result, look.colors, paper.pixels(paper.width) - right)
        figure["data"] = [trace for trace in figure["data"] if not trace.get("showlegend")]
    margin = figure["layout"]["margin"]
    own = margin["b"]
    figure["layout"] |= {
        "margin": {**margin, "r": margin["r"] + right, "b": own + below},
        "height": round(figure["layout"]["height"] + below),
    }
    figure = with_legend(figure, legend, paper, own)
    notes = (MOVED,) if is_moved(legend, look) else ()
    return Layout(figure, look, (LEAST, 0.0), notes=notes)


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
