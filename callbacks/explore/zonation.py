"""The gene shown along the zones of the lobule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.refusals import shown_or_refusal
from core.figures.violin import nothing
from core.views.explore import zonation

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
# Pixels for the zones of an axis; a narrower screen scrolls.
LEAST_WIDTH = 320


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Draw one line a group along the lobule."""

    def refused(why: str) -> Outputs:
        return {"lobule": {"figure": nothing(theme), "height": {}, "title": "", "note": why}}

    def drawn() -> Outputs:
        result = zonation.compute(view.services, view)
        figure, text = zonation.draw(result, theme), zonation.words(result)
        height = {"height": f"{figure['layout']['height']}px", "minWidth": f"{LEAST_WIDTH}px"}
        return {"lobule": {"figure": figure, "height": height, "title": text.title, "note": text.note}}

    return shown_or_refusal(drawn, refused)
