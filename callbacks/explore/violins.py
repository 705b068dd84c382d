"""The violins of the gene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.analysis.expression import Expression, expression_of
from core.figures.violin import nothing
from core.views.explore.state import ExploreView
from core.views.explore.violin import by_column, rows_by, rows_by_group

if TYPE_CHECKING:
    from core.figures.theme import Theme

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """One of the genes by the chosen column (the cell type unless there is a choice), and by group."""
    expression = expression_of(view.atlas, view.shown_gene, view.query.layer)
    return {
        "types": _card(view, expression, rows_by(view), theme),
        "groups": _card(view, expression, rows_by_group(view), theme),
    }


def _card(view: ExploreView, expression: Expression, by: str, theme: Theme) -> Outputs:
    if not by:
        return {"figure": nothing(theme), "height": {}, "hidden": True, "title": "", "note": ""}
    split = view.query.split if view.query.split != by else ""
    figure, note = by_column(view, expression, f"{expression.gene} · {expression.unit}", (by, split), theme)
    height = {"height": f"{figure['layout']['height']}px"}
    return {"figure": figure, "height": height, "hidden": False, "title": f"{expression.gene} by {by}", "note": note}
