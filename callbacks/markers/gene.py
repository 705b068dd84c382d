"""Violins of the gene shown, in every group that is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.markers.ranking import explore
from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.titles import in_italics
from core.figures.violin import nothing
from core.views.markers import violin

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]


def draw(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    """Draw the violins of the gene, and state its numbers in the category shown."""

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

    return shown_or_refusal(lambda: _drawn(services, view, theme), refused)


def _drawn(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    result = violin.compute(services, view)
    figure, text, gene = violin.draw(result, theme), violin.words(result), result.expression.gene
    return {
        "figure": figure,
        "height": {"height": f"{figure['layout']['height']}px"},
        "fault": "",
        "title": in_italics(text.title, gene),
        "note": text.note,
        "explore": explore(view, gene),
    }
