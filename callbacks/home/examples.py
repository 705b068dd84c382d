"""Example genes of the search on the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from core.errors import AtlasError
from core.genes.examples import SHOWN, spelled_so
from core.urls.base_path import below
from core.urls.page_queries import to_search
from core.views.resolve import by_interest

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.atlas.catalog import Catalog

# Further atlases are not opened for it.
MAX_ATLASES = 3


def examples(catalog: Catalog) -> list[Component | str]:
    """Link to the genes of `SHOWN` that one of the first atlases has; empty without any."""
    found: set[str] = set()
    for manifest in by_interest(catalog)[:MAX_ATLASES]:
        try:
            atlas = catalog.get(manifest.id)
            found |= {gene for gene in SHOWN if gene not in found and spelled_so(atlas, gene)}
        except AtlasError:  # the card of a damaged atlas reports the damage
            continue
    links = [
        dcc.Link(html.I(gene), href=below(f"/{to_search([('gene', gene)])}"), className="choice", title=what)
        for gene, what in SHOWN.items()
        if gene in found
    ]
    return [html.Span("Try: "), *links] if links else []
