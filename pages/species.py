"""Species: a gene and its orthologs in human, mouse and zebrafish, side by side.

The callbacks of ``callbacks/species`` fill in all that depends on atlases; the tabs are those of ``pages/_species.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash
from dash import dcc, html

from core.urls.base_path import below
from pages import _controls as controls
from pages import _fields as fields
from pages import _species_pair as pair
from pages._ids_species import Species as Id
from pages._species import TABS
from pages._tables import SMALL
from pages._tabs import tab_list, tab_panel

if TYPE_CHECKING:
    from dash.development.base_component import Component

dash.register_page(__name__, path="/species", title="Species · MASLDatlas")


def layout(**_params: str) -> html.Div:
    """Lay out the page without data; the callbacks fill it from the address."""
    return controls.analysis_page(
        Id,
        "Species",
        stores=(Id.LISTED, Id.MATCH),
        questions=("Gene and atlases", _questions()),
        answer=_answer(),
        class_name="correlation species-page",
    )


def _questions() -> list[Component]:
    genes = dcc.Textarea(
        id=Id.LIST,
        placeholder="ALB COL1A1 TREM2 …",
        spellCheck=False,
        maxLength=6_000,
        className="explore-list",
    )
    return [
        fields.group(
            "Which gene",
            [
                fields.gene_search(
                    "Symbol or Ensembl ID, of any species",
                    (Id.GENE_SEARCH, Id.GENE, Id.GENE_LIST, Id.CHOSEN),
                    source=below("/api/v1/genes"),
                ),
            ],
        ),
        fields.group(
            "Which atlases",
            [
                html.P("The atlas chosen above is the reference.", className="correlation-help"),
                fields.field(
                    "Compared with",
                    fields.dropdown(id=Id.OTHERS, multi=True, placeholder="No other atlas", optionHeight="auto"),
                ),
            ],
        ),
        pair.questions(),
        fields.group(
            "Several genes in the dot plot",
            [
                fields.field("Gene list", genes),
                html.Button("Plot genes", id=Id.LIST_DRAW, type="button", className=SMALL),
            ],
        ),
    ]


def _answer() -> list[Component]:
    words, panels = {tab.key: tab.words for tab in TABS}, {tab.key: tab.panel for tab in TABS}
    return [
        html.P(id=Id.SENTENCE, className="explore-sentence", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        *tab_list(Id.TAB, "Across species", words, panels),
        *(tab_panel(tab.build(), tab.panel, Id.TAB, tab.key, is_open=tab is TABS[0]) for tab in TABS),
    ]
