"""The gene that is looked at, in every group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.markers.ranking import explore
from callbacks.shared.refusals import or_words
from core.figures.violin import nothing
from core.views.markers import violin

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]


def draw(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    """Violins of the gene, and its numbers in the category shown."""

    def refused(why: str) -> Outputs:
        gene = view.query.gene
        return {
            "figure": nothing(theme),
            "height": {},
            "fault": why,
            "title": gene,
            "note": "",
            "explore": explore(view, gene),
        }

    return or_words(lambda: _drawn(services, view, theme), refused)


def _drawn(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    result = violin.compute(services, view)
    figure, gene = violin.draw(result, theme), result.expression.gene
    return {
        "figure": figure,
        "height": {"height": f"{figure['layout']['height']}px"},
        "fault": "",
        "title": [html.I(gene), f" in {view.whom}"],
        "note": violin.words(result).note,
        "explore": explore(view, gene),
    }
