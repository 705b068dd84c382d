"""The violins of the gene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.explore.view import View
from core.expression import NOT_GIVEN, Expression, Valued, densities, expression_of, summarise
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import categories
from core.figures.violin import Row, nothing, violin

if TYPE_CHECKING:
    from core.figures.theme import Theme

Outputs = dict[str, Any]
# More would be read in the table.
MAX_ROWS = 48


def draw(view: View, theme: Theme) -> Outputs:
    """One of the genes by the chosen column (the cell type unless there is a choice), and by group."""
    roles = view.atlas.manifest.roles
    expression = expression_of(view.atlas, view.shown_gene, view.query.layer)
    rows = view.query.by or roles.get("cell_type") or view.by
    group = roles.get("group", "")
    return {
        "types": _card(view, expression, rows, theme),
        "groups": _card(view, expression, group if group != rows else "", theme),
    }


def _card(view: View, expression: Expression, by: str, theme: Theme) -> Outputs:
    if not by:
        return {"figure": nothing(theme), "height": {}, "hidden": True, "title": "", "note": ""}
    split = view.query.split if view.query.split != by else ""
    figure, note = by_column(view, expression, f"{expression.gene} · {expression.unit}", (by, split), theme)
    height = {"height": f"{figure['layout']['height']}px"}
    return {"figure": figure, "height": height, "hidden": False, "title": f"{expression.gene} by {by}", "note": note}


def by_column(
    view: View, expression: Valued, unit: str, columns: tuple[str, str], theme: Theme, *, expressing: bool = True
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


def _colours(view: View, column: str, theme: Theme) -> dict[str, str]:
    names = view.atlas.categorical(column).categories
    return {NOT_GIVEN: GREY[theme.name], **dict(zip(names, categories(names), strict=True))}
