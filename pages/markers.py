"""Markers: genes that mark a category of cells, or differ between two selections.

The callbacks of ``callbacks/markers`` fill in all that depends on an atlas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import dcc, html

from core.urls.base_path import below
from pages import _controls as controls
from pages import _fields as fields
from pages import _tables as tables
from pages._ids_markers import Markers as Id
from pages._share import file, share
from pages._tables import SMALL, P
from pages._tabs import tab_list, tab_panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

dash.register_page(__name__, path="/markers", title="Markers · MASLDatlas")

TABS = {"dots": "Dot plot", "heatmap": "Heatmap"}
PANELS = {"dots": Id.DOTS_TAB, "heatmap": Id.HEATMAP_TAB}


def _fixed(digits: int) -> str:
    return f"params.value == null ? '–' : d3.format('.{digits}f')(params.value)"


def layout(**_params: str) -> html.Div:
    """Lay out the page without data; the callbacks fill it from the address."""
    return controls.analysis_page(
        Id,
        "Markers",
        stores=(Id.TABLE_SOURCE,),
        questions=("Cells and categories", _questions()),
        answer=_answer(),
        class_name="correlation markers",
    )


def _questions() -> list[Component]:
    return [
        fields.group("What to compare", _what()),
        fields.filters(Id),
        fields.group(
            "Which gene",
            [fields.gene_search("Gene shown", (Id.GENE_SEARCH, Id.GENE, Id.GENE_LIST, Id.CHOSEN))],
        ),
        fields.group("Display", _how()),
    ]


def _what() -> list[Component]:
    return [
        html.Div(
            [
                dcc.RadioItems(id=Id.MODE, className="correlation-choice markers-mode"),
                html.P(id=Id.MODE_HELP, className="correlation-help"),
            ],
            className="explore-field",
            role="group",
            **{"aria-label": "What to compare"},  # pyright: ignore[reportArgumentType]
        ),
        fields.field("Compare categories of", fields.dropdown(id=Id.BY, clearable=False), id=Id.BY_FIELD),
    ]


def _how() -> list[Component]:
    return [
        fields.layer(Id),
        fields.field(
            "Top genes in the dot plot and the heatmap",
            dcc.Input(id=Id.TOP, type="number", min=1, max=500, step=1, debounce=True, className="markers-top"),
        ),
        html.Div(
            dcc.RadioItems(
                id=Id.WHOSE,
                options=[{"label": "of each category", "value": "each"}, {"label": "of this category", "value": "one"}],  # pyright: ignore[reportArgumentType]
                className="correlation-choice",
            ),
            className="explore-field",
            role="group",
            **{"aria-label": "Top genes of"},  # pyright: ignore[reportArgumentType]
        ),
    ]


def _answer() -> list[Component]:
    explore = dcc.Link(
        "Explore", id=Id.EXPLORE, href=below("/explore"), title="Show these cells in Explore", className=SMALL
    )
    return [*controls.statement(Id, explore), html.Div(_parts(), id=Id.PARTS)]


def _parts() -> list[Component]:
    """Build the parts that are shown where groups can be compared."""
    return [
        html.Div(
            [
                html.Label("Markers of", htmlFor=Id.CATEGORY, className="explore-label"),
                fields.dropdown(id=Id.CATEGORY, clearable=False, className="markers-category"),
            ],
            className="markers-pick",
        ),
        html.Div([_ranking(), _table()], className="correlation-row correlation-all"),
        _gene(),
        _plots(),
    ]


def _ranking() -> Component:
    return controls.card(
        tables.plot(
            Id.RANKING,
            Id.RANKING_FAULT,
            ("Plot of ranked genes:", Id.RANKING_TITLE, Id.RANKING_NOTE),
            class_name="markers-ranking",
        ),
        title=html.Span(id=Id.RANKING_TITLE),
        subtitle=html.Span(id=Id.RANKING_NOTE),
        tools=share("ranking", figure="markers"),
    )


def _table() -> Component:
    return controls.card(
        tables.genes(Id, _columns()),
        title=html.Span(id=Id.TABLE_TITLE),
        subtitle=html.Span(id=Id.TABLE_NOTE),
        tools=share(
            "table",
            more=[
                file("CSV", "All genes of this category, at full precision", id=Id.CSV),
                file("Excel", "All genes of this category, with provenance", id=Id.XLSX),
                file("CSV of all categories", "All genes of all categories, as CSV", id=Id.EVERY),
            ],
        ),
    )


def _columns() -> Sequence[dict[str, Any]]:
    number = tables.number
    why: dict[str, Any] = {
        "field": "why",
        "headerName": "Note",
        "headerTooltip": "Where p is not that of the rank-sum test, or missing",
        "tooltipField": "why",
        "filter": "agTextColumnFilter",
        "minWidth": 120,
        "width": 220,
    }
    return [
        tables.GENE,
        tables.GENE_ID,
        number("score", "Score", _fixed(1), "Rank-sum z, corrected for ties; positive: higher in this category", 74),
        number("auc", "AUC", _fixed(3), "Chance that a cell of this category has the higher value; 0.5 = equal", 70),
        number(
            "log2fc",
            "log2FC",
            _fixed(2),
            "log2 ratio of the mean linear values plus 0.01, this category over all others; none for signed values",
            88,
        ),
        number("pct_in", "% in", _fixed(1), "Percentage of cells of this category with a value above zero", 70),
        number("pct_out", "% out", _fixed(1), "Percentage of all other cells with a value above zero", 74),
        number("p", "p", P, "Two-sided; exact where few cells express the gene; assumes independent cells", 92),
        number("p_bh", "BH", P, "Benjamini–Hochberg adjusted p: false discovery rate over all genes that have a p", 92),
        number("scanpy_log2fc", "scanpy FC", _fixed(2), "Fold change as in scanpy: of the means of the logarithms", 96),
        why,
    ]


def _gene() -> Component:
    return controls.card(
        tables.plot(
            Id.VIOLIN, Id.VIOLIN_FAULT, ("Violins:", Id.VIOLIN_TITLE, Id.VIOLIN_NOTE), class_name="markers-violin"
        ),
        title=html.Span(id=Id.VIOLIN_TITLE),
        subtitle=html.Span(id=Id.VIOLIN_NOTE),
        tools=[
            dcc.Link("Open in Explore", id=Id.GENE_EXPLORE, href=below("/explore"), className=SMALL),
            share("violins", figure="marker_violin"),
        ],
    )


def _plots() -> Component:
    dots = controls.card(
        tables.plot(
            Id.DOTS, Id.DOTS_FAULT, ("Dot plot:", Id.DOTS_TITLE, Id.DOTS_NOTE), class_name="markers-wide", scrolls=True
        ),
        title=html.Span(id=Id.DOTS_TITLE),
        subtitle=html.Span(id=Id.DOTS_NOTE),
        tools=share(
            "dot plot",
            figure="marker_dotplot",
            more=[
                file("CSV", "Rows of these genes", id=Id.TOP_CSV),
                file("Excel", "Rows of these genes, with provenance", id=Id.TOP_XLSX),
            ],
        ),
    )
    heatmap = controls.card(
        tables.plot(
            Id.HEATMAP,
            Id.HEATMAP_FAULT,
            ("Heatmap:", Id.HEATMAP_TITLE, Id.HEATMAP_NOTE),
            class_name="markers-wide",
            scrolls=True,
        ),
        title=html.Span(id=Id.HEATMAP_TITLE),
        subtitle=html.Span(id=Id.HEATMAP_NOTE),
        tools=share("heatmap", figure="marker_heatmap"),
    )
    return html.Section(
        [
            *tab_list(Id.TAB, "Plots of the top genes", TABS, PANELS),
            tab_panel([dots], Id.DOTS_TAB, Id.TAB, "dots", is_open=True),
            tab_panel([heatmap], Id.HEATMAP_TAB, Id.TAB, "heatmap"),
        ],
        **{"aria-label": "Top genes"},  # pyright: ignore[reportArgumentType]
    )
