"""The violins of the gene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.explore.view import View
from core.expression import NOT_GIVEN, Expression, densities, expression_of, summarise
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import categories
from core.figures.violin import Row, nothing, violin

if TYPE_CHECKING:
    from core.figures.theme import Theme

Outputs = dict[str, Any]
# More would be read in the table.
MAX_ROWS = 48


def draw(view: View, theme: Theme) -> Outputs:
    """The gene by cell type (or by the colour of the left map, where the atlas knows no cell types), and by group."""
    roles = view.atlas.manifest.roles
    expression = expression_of(view.atlas, view.query.gene, view.query.layer)
    types = roles.get("cell_type") or view.by
    return {
        "types": _card(view, expression, types, theme),
        "groups": _card(view, expression, roles.get("group", ""), theme),
    }


def _card(view: View, expression: Expression, by: str, theme: Theme) -> Outputs:
    if not by:
        return {"figure": nothing(theme), "height": {}, "hidden": True, "title": "", "note": ""}
    split = view.query.split if view.query.split != by else ""
    figure, note = _violin(view, expression, by, split, theme)
    height = {"height": f"{figure['layout']['height']}px"}
    return {"figure": figure, "height": height, "hidden": False, "title": f"{expression.gene} by {by}", "note": note}


def _violin(view: View, expression: Expression, by: str, split: str, theme: Theme) -> tuple[Outputs, str]:
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
    unit = f"{expression.gene} · {expression.unit}"
    left_out = f"The {MAX_ROWS} largest of {len(with_cells):,}. " if len(rows) < len(with_cells) else ""
    also = f" and {split}" if split else ""
    return violin(rows, unit, theme), f"{left_out}By {by}{also}: n, % expressing; bar: quartiles, dot: median."


def _colours(view: View, column: str, theme: Theme) -> dict[str, str]:
    names = view.atlas.categorical(column).categories
    return {NOT_GIVEN: GREY[theme.name], **dict(zip(names, categories(names), strict=True))}
