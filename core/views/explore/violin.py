"""The violins of a gene, or of a score, in each category of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core.analysis.distributions import densities, summarise
from core.analysis.expression import NOT_GIVEN, Valued, expression_of
from core.errors import InvalidQuery
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import categories
from core.figures.violin import Row, nothing, violin
from core.urls.permalinks import panel_of
from core.views.explore.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.distributions import CategorySummary, Density
    from core.figures.print_style import Look
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
# More would be read in the table.
MAX_ROWS = 48
# Names and what is left for the violins; and how much closer rows may stand on paper than on the page.
LEAST_WIDTH, CLOSE = 280.0, 0.95


def draw(services: Services, search: str, look: Look) -> Figure:
    """The gene by the chosen column, the cell type unless there is a choice.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, there is no column of categories, or no cell is left.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    query, atlas = view.query, view.atlas
    number = panel_of("violin", search)
    by = rows_by(view) if number == 1 else rows_by_group(view)
    if not by:
        which = "of categories for the rows" if number == 1 else "of groups other than that of the first violins"
        raise InvalidQuery(f"{atlas.id} has no column {which}.", "Choose another figure.")
    split = query.split if query.split != by else ""
    expression = expression_of(atlas, view.shown_gene, query.layer)
    summaries = [it for it in summarise(atlas, expression, by, query.selection, split) if it.n]
    if not summaries:
        raise InvalidQuery("No cell is left by the filters.", "Remove one, or reset them all.")
    axis = f"{expression.gene} · {expression.unit}"
    figure, note = by_column(view, expression, axis, (by, split), look.colours)
    n_rows = min(len(summaries), MAX_ROWS)
    kept = {id(it) for it in sorted(summaries, key=lambda it: -it.n)[:n_rows]}
    drawn = [it for it in summaries if id(it) in kept]
    boxes = query.plot == "box"
    parts = f"{by}{f' and {split}' if split else ''}"
    marks = (
        "Box: quartiles; line: median; whiskers: to the last value within 1.5 interquartile ranges; dot: median."
        if boxes
        else "Width: density of the cells, each row to a maximum of its own; bar: quartiles; dot: median."
    )
    made = f"{expression.gene} by {parts}: quartiles and medians over all cells of a row, zeros included" + (
        "." if boxes else "; Gaussian kernel density with Scott's bandwidth, cut at the smallest and largest value."
    )
    parameters = {"gene": expression.gene, "by": by, "split": split, "plot": query.plot, "note": note}
    words = Words(
        f"{expression.gene} by {parts}",
        f"{marks} Beside each name its number of cells and the percentage with a value above zero.",
        made,
        {name: value for name, value in parameters.items() if value},
    )
    tables = {"summary": summary_table(drawn)}
    if not boxes:
        tables["density"] = density_table(densities_of(view, expression, (by, split), drawn))
    subject = Subject("violin", atlas, query, view.state, layer=expression.layer, notes=notes, panel=number)
    return finished(subject, figure, tables, words, look, least_size(figure))


def least_size(figure: Outputs) -> tuple[float, float]:
    """Pixels across and up below which the names of violins lie over each other."""
    return LEAST_WIDTH, CLOSE * float(figure["layout"]["height"])


def rows_by(view: ExploreView) -> str:
    """The column of the first violins: the chosen one, else the cell type; empty where there is none."""
    return view.query.by or view.atlas.manifest.roles.get("cell_type") or view.by


def rows_by_group(view: ExploreView) -> str:
    """The column of the second violins: the group, where the first are of another column; else empty."""
    group = view.atlas.manifest.roles.get("group", "")
    return group if group != rows_by(view) else ""


def summary_table(found: Sequence[CategorySummary]) -> pa.Table:
    """One row for each violin: its cells, mean, quartiles and whiskers."""
    names = ("n", "n_expressing", "pct_expressing", "mean", "median", "quartile_1", "quartile_3", "whisker_low",
             "whisker_high")  # fmt: skip
    split = {"split": [it.split for it in found]} if any(it.split for it in found) else {}
    columns = {name: [getattr(it, name) for it in found] for name in names}
    return pa.table({"category": [it.category for it in found], **split, **columns})


def densities_of(
    view: ExploreView, expression: Valued, columns: tuple[str, str], drawn: list[CategorySummary]
) -> list[tuple[CategorySummary, Density]]:
    """Of the rows that are drawn, the outlines."""
    by, split = columns
    selection = view.query.selection
    pairs = zip(
        summarise(view.atlas, expression, by, selection, split),
        densities(view.atlas, expression, by, selection, split),
        strict=True,
    )
    wanted = {(it.category, it.split) for it in drawn}
    return [(it, density) for it, density in pairs if (it.category, it.split) in wanted]


def density_table(kept: Sequence[tuple[CategorySummary, Density]]) -> pa.Table:
    """The outlines: 96 points of each row of five cells or more."""
    split = any(it.split for it, _ in kept)
    sizes = [density.grid.size for _, density in kept]
    names = {"category": [it.category for it, _ in kept], **({"split": [it.split for it, _ in kept]} if split else {})}
    repeated = {
        name: np.repeat(np.array(texts, dtype=object), sizes).tolist() if texts else [] for name, texts in names.items()
    }
    return pa.table(
        {
            **{name: pa.array(texts, pa.string()) for name, texts in repeated.items()},
            "value": np.concatenate([np.empty(0), *(density.grid for _, density in kept)]).astype(np.float64),
            "density": np.concatenate([np.empty(0), *(density.height for _, density in kept)]).astype(np.float64),
        }
    )


def by_column(
    view: ExploreView, expression: Valued, unit: str, columns: tuple[str, str], theme: Theme, *, expressing: bool = True
) -> tuple[Outputs, str]:
    """The violins, or boxes, of anything that has a number for every cell, and a note on how to read them.

    Parameters
    ----------
    unit
        What stands at the axis.
    columns
        That of the rows, and one that splits them; empty for none.
    expressing
        Whether a value above zero means that a cell expresses it.
    """
    by, split = columns
    selection = view.query.selection
    summaries = summarise(view.atlas, expression, by, selection, split)
    with_cells = [
        (summary, density)
        for summary, density in zip(summaries, densities(view.atlas, expression, by, selection, split), strict=True)
        if summary.n
    ]
    if not with_cells:
        return nothing(theme), "No cell is left by the filters."
    most = sorted(with_cells, key=lambda pair: -pair[0].n)[:MAX_ROWS]
    kept = {id(summary) for summary, _ in most}
    colours = _colours(view, split or by, theme)
    rows = [
        Row(summary, density, colours.get(summary.split or summary.category, theme.muted))
        for summary, density in with_cells
        if id(summary) in kept
    ]
    left_out = f"The {MAX_ROWS} largest of {len(with_cells):,}. " if len(rows) < len(with_cells) else ""
    also = f" and {split}" if split else ""
    boxes = view.query.plot == "box"
    marks = "box: quartiles, dot: median, whiskers: 1.5 IQR" if boxes else "bar: quartiles, dot: median"
    told = "n, % expressing" if expressing else "n"
    figure = violin(rows, unit, theme, boxes=boxes, expressing=expressing)
    return figure, f"{left_out}By {by}{also}: {told}; {marks}."


def _colours(view: ExploreView, column: str, theme: Theme) -> dict[str, str]:
    names = view.atlas.categorical(column).categories
    return {NOT_GIVEN: GREY[theme.name], **dict(zip(names, categories(names), strict=True))}
