"""Callbacks of the page Species; `callbacks.shared.page` wires the address, the controls and the state.

::

    STATE -> sentence, and the part of the open tab

Each tab is a `Part` of a module of its own; only the open one is computed and drawn.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from dash import ClientsideFunction, Input, Output, State, html

from callbacks.shared import clientside
from callbacks.shared.page import Page
from callbacks.species import auroc, card, concordance, conserved, dots, types
from callbacks.species.hydrate import collect, hydrate
from core.errors import AtlasError
from core.urls.page_queries import SpeciesQuery
from core.views.species.state import resolve
from pages._ids_species import Species as Id
from pages._species import TABS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash import Dash

    from callbacks.species.part import Outputs, Part
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.species.state import SpeciesView

# By the key of the tab.
PARTS: Final[Mapping[str, Part]] = {
    "card": card.PART,
    "dots": dots.PART,
    "types": types.PART,
    "auroc": auroc.PART,
    "concordance": concordance.PART,
    "conserved": conserved.PART,
}

HYDRATED: Final = {
    "gene": {
        "typed": Output(Id.GENE, "value"),
        "chosen": Output(Id.CHOSEN, "data"),
        "shown": Output(Id.GENE_SEARCH, "data-gene"),
    },
    "others": {"options": Output(Id.OTHERS, "options"), "value": Output(Id.OTHERS, "value")},
    "list": {"typed": Output(Id.LIST, "value"), "drawn": Output(Id.LISTED, "data")},
    "tab": Output(Id.TAB, "data"),
    "parts": {name: part.hydrated for name, part in PARTS.items() if part.hydrated},
}
CHOICES: Final = {
    "gene": Input(Id.CHOSEN, "data"),
    "others": Input(Id.OTHERS, "value"),
    "genes": Input(Id.LISTED, "data"),
    "tab": Input(Id.TAB, "data"),
    "parts": {name: part.choices for name, part in PARTS.items() if part.choices},
}


def sentence(view: SpeciesView, _theme: Theme) -> Outputs:
    """Say which gene is shown, and which atlases are compared."""
    try:
        others = view.others
    except AtlasError as error:
        return {"sentence": str(error)}
    named, beside = view.gene, " and ".join(_named(atlas.manifest.title, atlas.manifest.simulated) for atlas in others)
    reference = _named(view.atlas.manifest.title, view.atlas.manifest.simulated)
    compared = f"; {reference} compared with {beside}." if others else f"; no atlas is compared with {reference}."
    return {"sentence": [html.I(named.gene), f" of {named.species}{compared}"]}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    page = Page.of(app, services, Id, SpeciesQuery, resolve)

    def gather(filled: Outputs | None, choices: Outputs, _cells: Outputs, shown: str | None) -> str | None:
        return collect(services, PARTS, filled, choices, shown)

    page.register_controls(services, (dict(HYDRATED), partial(hydrate, PARTS)), (dict(CHOICES), gather))
    page.draw({"sentence": Output(Id.SENTENCE, "children")}, sentence)
    for name, part in PARTS.items():
        page.draw(part.outputs, partial(part.draw, services), wanted=partial(_is_open, name))
        if part.register is not None:
            part.register(app, services, page)
    clientside.tabs(app, Id, [tab.panel for tab in TABS])
    app.clientside_callback(
        ClientsideFunction("species", "take_list"),
        Output(Id.LISTED, "data", allow_duplicate=True),
        Input(Id.LIST_DRAW, "n_clicks"),
        State(Id.LIST, "value"),
        prevent_initial_call=True,
    )


def _is_open(tab: str, view: SpeciesView) -> bool:
    return view.query.tab == tab


def _named(title: str, simulated: bool) -> str:  # noqa: FBT001
    return f"{title} (SIMULATED)" if simulated else title
