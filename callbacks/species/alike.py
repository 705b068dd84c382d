"""AUROC of a match in the tables of the page Species."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

if TYPE_CHECKING:
    from dash.development.base_component import Component

UNJUDGED: Final = "How alike they are is not known:"


def alike(auroc: float | None, warning: str) -> list[Component]:
    """Write AUROC below a match, in words where it is below the bound; nothing where it is not known."""
    if auroc is None:
        return []
    number = f"AUROC {auroc:.2f}"
    if not warning:
        return [html.Span(number, className="species-how")]
    return [html.Span(f"{number}: hardly alike", className="species-how species-below", title=warning)]
