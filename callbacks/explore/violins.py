"""The violins of the gene shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from callbacks.shared.refusals import figure_or_fault
from core.figures.violin import nothing
from core.views.explore import violin
from core.views.explore.state import ExploreView

if TYPE_CHECKING:
    from core.figures.theme import Theme

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Draw the gene by the column of the rows, the cell type by default, and by group."""
    return {
        "types": _card(view, 1, violin.rows_by(view), theme),
        "groups": _card(view, 2, violin.rows_by_group(view), theme),
    }


def _card(view: ExploreView, panel: int, by: str, theme: Theme) -> Outputs:
    if not by:
        return {"figure": nothing(theme), "height": {}, "hidden": True, "title": "", "note": ""}
    result = violin.compute(view.services, replace(view, panel=panel))
    figure, fault = figure_or_fault(lambda: violin.draw(result, theme), theme)
    text = violin.words(result)
    height = {} if fault else {"height": f"{figure['layout']['height']}px"}
    return {"figure": figure, "height": height, "hidden": False, "title": text.title, "note": fault or text.note}
