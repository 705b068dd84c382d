"""Home: the atlases as cards, and a search for one gene in all of them."""

from __future__ import annotations

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html

from core.urls.base_path import below
from pages._controls import icon
from pages._fields import gene_search
from pages._ids import Home

INTRO = (
    "Single-cell atlases of the liver, from healthy to steatosis, steatohepatitis and cirrhosis. "
    "Choose one to see which cells express a gene, and how expression differs between cell types and groups."
)

dash.register_page(__name__, path="/", title="Atlases · MASLDatlas", order=0, description=INTRO)


def layout(gene: str = "", **_params: str) -> html.Div:
    """Lay out the page without data, except for the gene that the address names."""
    where = html.Section(
        [
            dcc.Store(id=Home.CHOSEN, data=gene or None),
            html.H2("Gene search in all atlases", className="visually-hidden"),
            gene_search(
                "Where is this gene expressed?",
                (Home.GENE_SEARCH, Home.GENE, Home.GENE_LIST, Home.CHOSEN),
                placeholder="A gene, such as CYP2E1",
                source=below("/api/v1/genes"),
                gene=gene,
            ),
            html.Div(id=Home.EXAMPLES, className="explore-choices where-examples"),
            html.Div(id=Home.WHERE, className="where-answer", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        ],
        className="where",
        **{"aria-label": "Gene search in all atlases"},  # pyright: ignore[reportArgumentType]
    )
    field = dbc.Input(id=Home.SEARCH, type="search", placeholder="Search the atlases", debounce=0.2, maxlength=100)
    search = html.Label(
        [icon("search"), html.Span("Search the atlases", className="visually-hidden"), field],
        className="search",
        **{"data-search": "true"},  # pyright: ignore[reportArgumentType]
    )
    species = dbc.Checklist(
        id=Home.SPECIES,
        options=[],
        value=[],
        inline=True,
        class_name="chips",
        input_class_name="btn-check",
        label_class_name="chip",
    )
    return html.Div(
        [
            dcc.Interval(id=Home.TICK, interval=1_000),
            dcc.Store(id=Home.SEEN),
            html.Div([html.H1("Atlases"), html.P(INTRO, className="lead-in")], className="home-head"),
            where,
            html.Div(
                [
                    html.P(id=Home.SUMMARY, className="home-summary", role="status"),
                    html.Div(
                        [search, html.Div(species, role="group", **{"aria-label": "Species"})],  # pyright: ignore[reportArgumentType]
                        id=Home.TOOLS,
                        className="home-tools",
                        hidden=True,
                    ),
                ],
                className="home-line",
            ),
            html.Div(id=Home.EMPTY),
            html.Div(
                [
                    html.Div(id=Home.IMPORTS, className="home-cards"),
                    html.Div(id=Home.ATLASES, className="home-cards"),
                    html.Div(id=Home.FAULTS, className="home-cards"),
                ],
                className="home-grid",
            ),
            html.Div(id=Home.SHELF),
        ],
        className="home",
    )
