"""Correlation: one gene against all others, in any cells, and what lies behind one pair.

Everything that depends on an atlas comes by the callbacks of ``callbacks/correlation``.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from pages import _controls as controls
from pages import _export_dialog as publish
from pages import _fields as fields
from pages import _tables as tables
from pages._ids_correlation import Correlation as Id
from pages._tables import SMALL, P

dash.register_page(__name__, path="/correlation", title="Correlation · MASLDatlas")

R = "params.value == null ? '–' : d3.format('.3f')(params.value)"


def layout(**_params: str) -> html.Div:
    """The page without data: the address tells the callbacks what to put into it."""
    return controls.analysis_page(
        Id,
        "Correlation",
        stores=(Id.PARTNER, Id.TABLE_SOURCE, Id.SPEC, Id.CHOSEN_B, Id.LISTED),
        questions=("Cells and genes", _questions()),
        answer=_answer(),
        class_name="correlation",
    )


def _questions() -> list[Component]:
    return [
        fields.filters(Id),
        fields.group(
            "Which genes",
            [
                fields.gene_search("Gene A, against all others", (Id.GENE_SEARCH, Id.GENE, Id.GENE_LIST, Id.CHOSEN)),
                fields.gene_search(
                    "Gene B, looked at closely",
                    (Id.GENE_B_SEARCH, Id.GENE_B, Id.GENE_B_LIST, Id.CHOSEN_B),
                    first=False,
                ),
                html.Div(
                    [
                        html.Button("Swap A and B", id=Id.SWAP, type="button", className=SMALL),
                        html.Button(
                            "Strongest as B",
                            id=Id.STRONGEST,
                            type="button",
                            className=SMALL,
                            title="Let B be the strongest correlate of A, whichever that is",
                        ),
                    ],
                    className="correlation-buttons",
                ),
            ],
        ),
        fields.group("How", _how()),
    ]


def _how() -> list[Component]:
    return [
        html.Div(
            dcc.RadioItems(
                id=Id.METHOD,
                options=[{"label": "Spearman", "value": "spearman"}, {"label": "Pearson", "value": "pearson"}],  # pyright: ignore[reportArgumentType]
                inline=True,
                className="correlation-choice",
            ),
            className="explore-field",
            role="group",
            **{"aria-label": "Method"},  # pyright: ignore[reportArgumentType]
        ),
        html.Div(
            [
                dcc.Checklist(
                    id=Id.ZEROS,
                    options=[{"label": "Drop zero counts", "value": "true"}],  # pyright: ignore[reportArgumentType]
                    className="correlation-choice",
                ),
                html.P(
                    "Uses only cells where both genes were seen: a zero may be a gene missed by the sequencing, or one "
                    "that is off. Each pair then has its own cells, so n differs and r can change sign.",
                    className="correlation-help",
                ),
            ],
            className="explore-field",
        ),
        fields.layer(Id),
        fields.field("r within each", dcc.Dropdown(id=Id.BY, clearable=False), id=Id.BY_FIELD),
        html.Div(
            [
                html.Div("Partial correlation, given", className="explore-label"),
                dcc.Checklist(
                    id=Id.DEPTH,
                    options=[{"label": "total counts of the cell", "value": "true"}],  # pyright: ignore[reportArgumentType]
                    className="correlation-choice",
                ),
            ],
            className="explore-field correlation-depth",
        ),
        fields.field("and the column", dcc.Dropdown(id=Id.ADJUST, placeholder="None"), id=Id.ADJUST_FIELD),
        fields.field(
            "Map of the cells",
            dcc.Dropdown(id=Id.EMBEDDING, clearable=False, searchable=False),
            id=Id.EMBEDDING_FIELD,
            hidden=True,
        ),
    ]


def _answer() -> list[Component]:
    explore = dcc.Link(
        "Explore", id=Id.EXPLORE, href="/explore", title="These cells and gene A in Explore", className=SMALL
    )
    return [
        *controls.statement(Id, explore),
        html.Div([_ranking(), _table()], className="correlation-row correlation-all"),
        html.Div([_map("left", 1), _map("right", 2)], className="explore-maps"),
        html.Div([_scatter(), _seen()], className="correlation-row correlation-pair"),
        html.Div(id=Id.SIMPSON, role="status", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        html.Div([_forest(), _holds()], className="correlation-row correlation-strata"),
        _difference(),
        _matrix(),
    ]


def _map(side: str, panel: int) -> Component:
    return fields.map_card(
        Id, side, tools=[publish.figure_tools("pair_map", f"map of gene {'AB'[panel - 1]}", panel=panel)]
    )


def _ranking() -> Component:
    return controls.card(
        tables.plot(Id.RANKING, Id.RANKING_FAULT, class_name="correlation-ranking"),
        title=html.Span(id=Id.RANKING_TITLE),
        subtitle=html.Span(id=Id.RANKING_NOTE),
        tools=publish.figure_tools("ranking", "ranking"),
    )


def _table() -> Component:
    return controls.card(
        tables.genes(Id, _columns()),
        title=html.Span(id=Id.TABLE_TITLE),
        subtitle=html.Span(id=Id.TABLE_NOTE),
        tools=tables.download("CSV", Id.EXPORT, "Download all rows at full precision"),
    )


def _columns() -> list[dict[str, Any]]:
    number = tables.number
    whole, share = "d3.format(',')(params.value)", "d3.format('.1f')(params.value)"
    gene: dict[str, Any] = {
        "field": "gene",
        "headerName": "Gene",
        "filter": "agTextColumnFilter",
        "minWidth": 108,
        "flex": 1.4,
        "pinned": "left",
        "cellClass": "correlation-gene",
    }
    return [
        gene,
        number("r", "r", R, "Correlation with gene A", 74),
        number("ci_low", "CI from", R, "Lower end of the 95 % interval, as if cells were independent"),
        number("ci_high", "CI to", R, "Upper end of the 95 % interval, as if cells were independent", 78),
        number("p", "p", P, "Two-sided, as if cells were independent", 88),
        number("p_bh", "BH", P, "p after Benjamini and Hochberg: false discovery rate over all genes", 88),
        number("p_bonferroni", "Bonferroni", P, "p times the number of genes tested", 96),
        number("n", "n", whole, "Cells behind this r", 74),
        number("pct_expressing", "% expr.", share, "Percent of the selected cells with a value above zero", 92),
    ]


def _scatter() -> Component:
    return controls.card(
        tables.plot(Id.SCATTER, Id.SCATTER_FAULT, class_name="correlation-scatter"),
        title=html.Span(id=Id.SCATTER_TITLE),
        subtitle=html.Span(id=Id.SCATTER_NOTE),
        tools=publish.figure_tools("scatter", "scatter"),
    )


def _seen() -> Component:
    return controls.card(
        html.Div(id=Id.SEEN, className="correlation-words"), title="Seen together", subtitle=html.Span(id=Id.SEEN_NOTE)
    )


def _forest() -> Component:
    return controls.card(
        tables.plot(Id.FOREST, Id.FOREST_FAULT, class_name="correlation-forest"),
        title=html.Span(id=Id.FOREST_TITLE),
        subtitle=html.Span(id=Id.FOREST_NOTE),
        tools=publish.figure_tools("forest", "forest"),
    )


def _holds() -> Component:
    return controls.card(
        html.Div(id=Id.HOLDS, className="correlation-words"),
        title="Does it hold?",
        subtitle=html.Span(id=Id.HOLDS_NOTE),
    )


def _difference() -> Component:
    choices = html.Div(
        [
            fields.field("First group", dcc.Dropdown(id=Id.ONE, clearable=False)),
            fields.field("Second group", dcc.Dropdown(id=Id.TWO, clearable=False)),
        ],
        id=Id.GROUPS_FIELD,
        className="correlation-groups",
    )
    return controls.card(
        html.Div([choices, html.Div(id=Id.DIFFERENCE, className="correlation-words")], className="correlation-between"),
        title="Does it differ between groups?",
        subtitle=html.Span(id=Id.DIFFERENCE_NOTE),
    )


def _matrix() -> Component:
    params = html.Div(
        [
            html.Div(
                [
                    html.Label("A list of genes", htmlFor=Id.LIST, className="explore-label"),
                    dcc.Textarea(
                        id=Id.LIST,
                        placeholder="Paste 2 to 300 genes.\n\nEmpty: A and its strongest correlates.",
                        className="correlation-list",
                        spellCheck=False,
                    ),
                ],
                className="explore-field",
            ),
            fields.field(
                "Strongest correlates, when there is no list",
                dcc.Input(id=Id.TOP, type="number", min=2, max=299, step=1, debounce=True, className="correlation-top"),
            ),
            html.Div(
                [
                    html.Button("Draw this list", id=Id.LIST_DRAW, type="button", className="btn btn-primary btn-sm"),
                    html.Button("Strongest correlates", id=Id.LIST_TOP, type="button", className=SMALL),
                ],
                className="correlation-buttons",
            ),
            html.Div(id=Id.MATRIX_UNKNOWN, role="status"),
        ],
        className="correlation-ask",
    )
    shown = tables.plot(Id.MATRIX, Id.MATRIX_FAULT, class_name="correlation-matrix")
    return controls.card(
        html.Div([params, shown], className="correlation-between"),
        title=html.Span(id=Id.MATRIX_TITLE),
        subtitle=html.Span(id=Id.MATRIX_NOTE),
        tools=[
            dcc.Store(id=Id.MATRIX_SHOWN),
            dcc.Download(id=Id.MATRIX_FILE),
            html.Button(
                [controls.icon("download"), html.Span("CSV")],
                id=Id.MATRIX_EXPORT,
                type="button",
                title="Download the matrix in this order, at full precision",
                className=f"{SMALL} correlation-download",
            ),
            publish.figure_tools("matrix", "matrix"),
        ],
    )
