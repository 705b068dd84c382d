"""The violins of the gene."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from callbacks.shared.refusals import or_words
from core.figures.violin import nothing
from core.views.explore import violin

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Draw one of the genes by the chosen column (by default the cell type), and by group."""
    return {
        "types": _card(replace(view, panel=1), violin.rows_by(view), theme),
        "groups": _card(replace(view, panel=2), violin.rows_by_group(view), theme),
    }


def _card(view: ExploreView, by: str, theme: Theme) -> Outputs:
    if not by:
        return {"figure": nothing(theme), "height": {}, "hidden": True, "title": "", "note": ""}
    result = violin.compute(view.services, view)
    title = f"{result.expression.gene} by {by}"

    def drawn() -> Outputs:
        figure = violin.draw(result, theme)
        height = {"height": f"{figure['layout']['height']}px"}
        return {"figure": figure, "height": height, "hidden": False, "title": title, "note": violin.words(result).note}

    def refused(why: str) -> Outputs:
        figure = nothing(theme)
        return {"figure": figure, "height": {}, "hidden": False, "title": title, "note": why}

    return or_words(drawn, refused)
