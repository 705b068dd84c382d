"""Correlation: one gene against all others in selected cells, and one pair in detail.

The callbacks of ``callbacks/correlation`` fill in all that depends on an atlas.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from core.urls.base_path import below
from pages import _controls as controls
from pages import _fields as fields
from pages import _tables as tables
from pages._ids_correlation import Correlation as Id
from pages._share import entry, file, share
from pages._tables import SMALL, P
from pages._tabs import tab_list, tab_panel

dash.register_page(__name__, path="/correlation", title="Correlation · MASLDatlas")

TABS = {
    "ranking": "Ranking",
    "pair": "Pair",
    "donors": "By donor",
    "groups": "Between groups",
    "matrix": "Matrix",
}
PANELS = {
    "ranking": Id.RANKING_TAB,
    "pair": Id.PAIR_TAB,
    "donors": Id.DONORS_TAB,
    "groups": Id.GROUPS_TAB,
    "matrix": Id.MATRIX_TAB,
}
INTERVAL = "95% confidence interval (Fisher's z; Bonett–Wright for Spearman); assumes independent cells"
R = "params.value == null ? '–' : d3.format('.3f')(params.value)"


def layout(**_params: str) -> html.Div:
    """Lay out the page without data; the callbacks fill it from the address."""
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
                fields.gene_search("Gene A (against all others)", (Id.GENE_SEARCH, Id.GENE, Id.GENE_LIST, Id.CHOSEN)),
                fields.gene_search(
                    "Gene B (pair in detail)",
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
                            title="Use the strongest correlate as gene B",
                        ),
                    ],
                    className="correlation-buttons",
                ),
            ],
        ),
        fields.group("Method", _how()),
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
                    "Uses only cells in which both genes were detected: a zero may be a dropout or a gene that is not "
                    "expressed. Each pair then has its own cells, so n differs and r can change sign.",
                    className="correlation-help",
                ),
            ],
            className="explore-field",
        ),
        fields.layer(Id),
        fields.field("r within each", fields.dropdown(id=Id.BY, clearable=False), id=Id.BY_FIELD),
        html.Div(
            [
                html.Div("Partial correlation, adjusted for", className="explore-label"),
                dcc.Checklist(
                    id=Id.DEPTH,
                    options=[{"label": "total counts of the cell", "value": "true"}],  # pyright: ignore[reportArgumentType]
                    className="correlation-choice",
                ),
            ],
            className="explore-field correlation-depth",
        ),
        fields.field("and for the column", fields.dropdown(id=Id.ADJUST, placeholder="None"), id=Id.ADJUST_FIELD),
        fields.field(
            "Embedding",
            fields.dropdown(id=Id.EMBEDDING, clearable=False, searchable=False),
            id=Id.EMBEDDING_FIELD,
            hidden=True,
        ),
    ]


def _answer() -> list[Component]:
    explore = dcc.Link(
        "Explore",
        id=Id.EXPLORE,
        href=below("/explore"),
        title="Show these cells and gene A in Explore",
        className=SMALL,
    )
    return [
        *controls.statement(Id, explore),
        *tab_list(Id.TAB, "Questions", TABS, PANELS),
        html.Div(id=Id.SIMPSON, role="status", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        *(tab_panel(parts, PANELS[key], Id.TAB, key, is_open=key == "ranking") for key, parts in _parts().items()),
    ]


def _parts() -> dict[str, list[Component]]:
    """Build the parts of each tab."""
    return {
        "ranking": [html.Div([_ranking(), _table()], className="correlation-row correlation-all")],
        "pair": [
            html.Div([_scatter(), _seen()], className="correlation-row correlation-pair"),
            html.Div([_map("left", 1), _map("right", 2)], className="explore-maps"),
        ],
        "donors": [html.Div([_forest(), _holds()], className="correlation-row correlation-strata")],
        "groups": [_difference()],
        "matrix": [_matrix()],
    }


def _map(side: str, panel: int) -> Component:
    return fields.map_card(Id, side, tools=[share(f"map of gene {'AB'[panel - 1]}", figure="pair_map", panel=panel)])


def _ranking() -> Component:
    return controls.card(
        tables.plot(
            Id.RANKING,
            Id.RANKING_FAULT,
            ("Plot of ranked genes:", Id.RANKING_TITLE, Id.RANKING_NOTE),
            class_name="correlation-ranking",
        ),
        title=html.Span(id=Id.RANKING_TITLE),
        subtitle=html.Span(id=Id.RANKING_NOTE),
        tools=share("ranking", figure="ranking"),
    )


def _table() -> Component:
    return controls.card(
        tables.genes(Id, _columns()),
        title=html.Span(id=Id.TABLE_TITLE),
        subtitle=html.Span(id=Id.TABLE_NOTE),
        tools=share("table", more=[file("CSV", "Download all rows at full precision", id=Id.EXPORT)]),
    )


def _columns() -> list[dict[str, Any]]:
    number = tables.number
    whole, share = "d3.format(',')(params.value)", "d3.format('.1f')(params.value)"
    gene: dict[str, Any] = {
        "field": "gene",
        "headerName": "Gene",
        "filter": "agTextColumnFilter",
        "minWidth": 100,
        "width": 116,
        "pinned": "left",
        "cellClass": "correlation-gene",
    }
    why: dict[str, Any] = {
        "field": "why",
        "headerName": "Note",
        "headerTooltip": "Why there is no p, or why the gene is ranked last",
        "filter": "agTextColumnFilter",
        "minWidth": 120,
        "flex": 1.4,
        "tooltipField": "why",
    }
    return [
        gene,
        tables.GENE_ID,
        number("r", "r", R, "Correlation with gene A", 74),
        number(
            "ci_low",
            "CI from",
            R,
            f"Lower limit of the {INTERVAL}",
        ),
        number(
            "ci_high",
            "CI to",
            R,
            f"Upper limit of the {INTERVAL}",
            78,
        ),
        number("p", "p", P, "Two-sided, t approximation (exact below 10 cells); assumes independent cells", 88),
        number("p_bh", "BH", P, "Benjamini–Hochberg adjusted p: false discovery rate over all genes", 88),
        number("p_bonferroni", "Bonferroni", P, "Bonferroni-adjusted p: p times the number of genes tested", 96),
        number("n", "n", whole, "Number of cells", 74),
        number("pct_expressing", "% expr.", share, "Percentage of the selected cells with a value above zero", 92),
        why,
    ]


def _scatter() -> Component:
    return controls.card(
        tables.plot(
            Id.SCATTER,
            Id.SCATTER_FAULT,
            ("Scatter plot:", Id.SCATTER_TITLE, Id.SCATTER_NOTE),
            class_name="correlation-scatter",
        ),
        title=html.Span(id=Id.SCATTER_TITLE),
        subtitle=html.Span(id=Id.SCATTER_NOTE),
        tools=share("scatter", figure="scatter"),
    )


def _seen() -> Component:
    return controls.card(
        html.Div(id=Id.SEEN, className="correlation-words"), title="Co-detection", subtitle=html.Span(id=Id.SEEN_NOTE)
    )


def _forest() -> Component:
    return controls.card(
        tables.plot(
            Id.FOREST,
            Id.FOREST_FAULT,
            ("Forest plot:", Id.FOREST_TITLE, Id.FOREST_NOTE),
            class_name="correlation-forest",
        ),
        title=html.Span(id=Id.FOREST_TITLE),
        subtitle=html.Span(id=Id.FOREST_NOTE),
        tools=share("forest", figure="forest"),
    )


def _holds() -> Component:
    return controls.card(
        html.Div(id=Id.HOLDS, className="correlation-words"),
        title="Robustness",
        subtitle=html.Span(id=Id.HOLDS_NOTE),
    )


def _difference() -> Component:
    choices = html.Div(
        [
            fields.field("First group", fields.dropdown(id=Id.ONE, clearable=False)),
            fields.field("Second group", fields.dropdown(id=Id.TWO, clearable=False)),
        ],
        id=Id.GROUPS_FIELD,
        className="correlation-groups",
    )
    return controls.card(
        html.Div([choices, html.Div(id=Id.DIFFERENCE, className="correlation-words")], className="correlation-between"),
        title="Difference between groups",
        subtitle=html.Span(id=Id.DIFFERENCE_NOTE),
    )


def _matrix() -> Component:
    params = html.Div(
        [
            html.Div(
                [
                    html.Label("Gene list", htmlFor=Id.LIST, className="explore-label"),
                    dcc.Textarea(
                        id=Id.LIST,
                        placeholder="Paste 2 to 300 genes.\n\nLeave empty for A and its strongest correlates.",
                        className="correlation-list",
                        spellCheck=False,
                    ),
                ],
                className="explore-field",
            ),
            fields.field(
                "Number of strongest correlates, without a list",
                dcc.Input(id=Id.TOP, type="number", min=2, max=299, step=1, debounce=True, className="correlation-top"),
            ),
            html.Div(
                [
                    html.Button("Plot genes", id=Id.LIST_DRAW, type="button", className="btn btn-primary btn-sm"),
                    html.Button("Strongest correlates", id=Id.LIST_TOP, type="button", className=SMALL),
                ],
                className="correlation-buttons",
            ),
            html.Div(id=Id.MATRIX_UNKNOWN, role="status"),
        ],
        className="correlation-ask",
    )
    shown = tables.plot(
        Id.MATRIX, Id.MATRIX_FAULT, ("Heatmap:", Id.MATRIX_TITLE, Id.MATRIX_NOTE), class_name="correlation-matrix"
    )
    return controls.card(
        html.Div([params, shown], className="correlation-between"),
        title=html.Span(id=Id.MATRIX_TITLE),
        subtitle=html.Span(id=Id.MATRIX_NOTE),
        tools=[
            dcc.Store(id=Id.MATRIX_SHOWN),
            dcc.Download(id=Id.MATRIX_FILE),
            share(
                "matrix",
                figure="matrix",
                more=[entry("CSV", "Download the matrix in this order, at full precision", Id.MATRIX_EXPORT)],
            ),
        ],
    )
