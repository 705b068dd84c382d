"""Explore: any gene in any cells; the callbacks of ``callbacks/explore`` fill in all that depends on an atlas."""

from __future__ import annotations

import dash
import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from core.urls.base_path import below
from pages import _controls as controls
from pages import _explore_tabs as sets
from pages import _fields as fields
from pages._fields import BLANK, CONFIG
from pages._ids_explore import Explore as Id
from pages._share import entry, share
from pages._tables import COLUMN
from pages._tabs import tab_list, tab_panel

dash.register_page(__name__, path="/explore", title="Explore · MASLDatlas")

SMALL = "btn btn-outline-secondary btn-sm"
SIDES = ("left", "right", "third", "fourth")
TABS = {
    "violins": "Violins",
    "dots": "Dot plot",
    "composition": "Composition",
    "sets": "Gene sets",
    "zonation": "Zonation",
}
PANELS = {
    "violins": Id.VIOLINS_TAB,
    "dots": Id.DOTS_TAB,
    "composition": Id.COMPOSITION_TAB,
    "sets": Id.SETS_TAB,
    "zonation": Id.ZONATION_TAB,
}
TOOLS = (
    ("pan", "Move", "Drag to pan the maps (P)"),
    ("lasso", "Lasso", "Drag around cells to select them (L); with Shift, add to the lasso"),
    ("box", "Box", "Drag a box over cells to select them (B); with Shift, add"),
)


def layout(**_params: str) -> html.Div:
    """Lay out the page without data; the callbacks fill it from the address."""
    return controls.analysis_page(
        Id,
        "Explore",
        stores=(Id.SPEC, Id.LATER, Id.CHOSEN_B, Id.CELL, Id.LISTED, Id.SETS),
        questions=("Cells and gene", _questions()),
        answer=_answer(),
    )


def _questions() -> list[Component]:
    return [
        fields.filters(Id),
        fields.group(
            "Which gene",
            [
                fields.gene_search("Symbol or Ensembl ID", (Id.GENE_SEARCH, Id.GENE, Id.GENE_LIST, Id.CHOSEN)),
                fields.gene_search(
                    "Second gene, to blend or compare",
                    (Id.GENE_B_SEARCH, Id.GENE_B, Id.GENE_B_LIST, Id.CHOSEN_B),
                    first=False,
                    placeholder="None",
                ),
            ],
        ),
        fields.group(
            "Display",
            [
                fields.field("Embedding", fields.dropdown(id=Id.EMBEDDING, clearable=False, searchable=False)),
                fields.field("Split maps by", fields.dropdown(id=Id.FACET, placeholder="Nothing"), id=Id.FACET_FIELD),
                fields.field(
                    "Group plots by",
                    fields.dropdown(id=Id.BY, placeholder="Same as first map"),
                    id=Id.BY_FIELD,
                ),
                fields.field("Split groups by", fields.dropdown(id=Id.SPLIT, placeholder="Nothing"), id=Id.SPLIT_FIELD),
                fields.layer(Id),
                html.Details([html.Summary("Colours and points"), *_look()], className="explore-look"),
            ],
        ),
    ]


def _look() -> list[Component]:
    clips = {"p99.9": "99.9th percentile", "p99": "99th percentile", "p95": "95th percentile", "p90": "90th percentile"}
    scales = {
        "viridis": "Viridis", "cividis": "Cividis", "magma": "Magma", "blues": "Blues", "greys": "Greys",
        "rdbu": "Red and blue, diverging", "puor": "Orange and purple, diverging", "own": "Usual colours of categories",
    }  # fmt: skip
    return [
        fields.field(
            "Colour scale",
            fields.dropdown(id=Id.SCALE, options=_options(scales), placeholder="Default", searchable=False),
        ),
        fields.field(
            "Colour scale ends at",
            fields.dropdown(id=Id.CLIP, options=_options(clips), placeholder="Maximum", searchable=False),
        ),
        fields.field(
            "or at value",
            dcc.Input(id=Id.CLIP_AT, type="number", min=0, step="any", debounce=True, placeholder="–"),
        ),
        html.Div(
            dcc.Checklist(
                id=Id.ORDER,
                options=[{"label": "High values on top", "value": "high"}],  # pyright: ignore[reportArgumentType]
                className="correlation-choice",
            ),
            className="explore-field",
        ),
        fields.field("Point size", _slider(Id.SIZE, 0.2, 5.0, 0.1)),
        fields.field("Opacity", _slider(Id.OPACITY, 0.05, 1.0, 0.05)),
    ]


def _slider(name: Id, low: float, high: float, step: float) -> Component:
    return dcc.Slider(id=name, min=low, max=high, step=step, value=1, marks=None)


def _options(names: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in names.items()]


def _answer() -> list[Component]:
    return [
        html.P(id=Id.SENTENCE, className="explore-sentence", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        _tools(),
        html.Div([_map(side) for side in SIDES], id=Id.MAPS, className="explore-maps"),
        html.Div(_cell(), id=Id.CELL_CARD, hidden=True),
        *tab_list(Id.TAB, "Plots", TABS, PANELS),
        tab_panel(_violins(), Id.VIOLINS_TAB, Id.TAB, "violins", is_open=True),
        tab_panel(sets.dots(), Id.DOTS_TAB, Id.TAB, "dots"),
        tab_panel(sets.composition(), Id.COMPOSITION_TAB, Id.TAB, "composition"),
        tab_panel(sets.gene_sets(), Id.SETS_TAB, Id.TAB, "sets"),
        tab_panel(sets.zonation(), Id.ZONATION_TAB, Id.TAB, "zonation"),
    ]


def _tools() -> Component:
    """Build the tools above the maps: drag mode, undo and redo, and the link that adds a map."""
    tools = [
        html.Button(
            words,
            type="button",
            title=title,
            className="map-tool",
            **{"data-tool": tool, "aria-pressed": "true" if tool == "pan" else "false"},  # pyright: ignore[reportArgumentType]
        )
        for tool, words, title in TOOLS
    ]
    steps = [
        html.Button(
            words,
            type="button",
            title=title,
            className="map-tool",
            disabled=True,
            **{"data-step": step},  # pyright: ignore[reportArgumentType]
        )
        for step, words, title in (("undo", "Undo", "Undo (Ctrl Z)"), ("redo", "Redo", "Redo (Ctrl Shift Z)"))
    ]
    return html.Div(
        [
            html.Div(tools, className="map-tools", role="group", **{"aria-label": "Drag mode"}),  # pyright: ignore[reportArgumentType]
            html.Div(steps, className="map-tools", role="group", **{"aria-label": "Undo and redo"}),  # pyright: ignore[reportArgumentType]
            dcc.Link("Add a map", id=Id.ADD_MAP, href=below("/explore"), className=SMALL),
            html.A([controls.icon("download"), html.Span("Cells as .h5ad")], id=Id.H5AD, className=SMALL),
            dcc.Link("About this atlas", id=Id.ABOUT, href=below("/atlas"), className=SMALL),
        ],
        id=Id.TOOLS,
        className="explore-tools",
    )


def _map(side: str) -> Component:
    """Build one map in its card, with the menu of its colours."""
    first = side == SIDES[0]
    color = Id[f"{side}_color".upper()]
    menu = html.Div(
        [
            html.Label("Colour by", htmlFor=color, className="visually-hidden"),
            fields.dropdown(id=color, clearable=False, className="explore-color"),
        ],
        className="explore-color-place",
    )
    close = dcc.Link(
        "×", id=Id[f"{side}_close".upper()], href=below("/explore"), title="Remove this map", className="map-close"
    )
    correlate = [_correlate()] if side == SIDES[1] else []
    panel = SIDES.index(side) + 1
    published = share(f"map {panel}", figure="embedding", panel=panel)
    return html.Div(
        fields.map_card(Id, side, tools=[menu, *correlate, published, close]),
        id=Id[f"{side}_card".upper()],
        hidden=not first and side != SIDES[1],
    )


def _correlate() -> Component:
    return dcc.Link(
        "Correlate",
        id=Id.CORRELATE,
        href=below("/correlation"),
        title="Correlate this gene with all others in the same cells",
        className=SMALL,
    )


def _cell() -> Component:
    return controls.card(
        html.Div(id=Id.CELL_BODY, **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        title=html.Span(id=Id.CELL_TITLE),
        subtitle="Annotations of the selected cell and its most highly expressed genes.",
        tools=html.Button(
            controls.icon("close"),
            id=Id.CELL_CLOSE,
            type="button",
            title="Close",
            className=SMALL,
            **{"aria-label": "Close"},  # pyright: ignore[reportArgumentType]
        ),
    )


def _violins() -> list[Component]:
    shown = {"gene": "First gene", "gene_b": "Second gene"}
    return [
        html.Div(
            [
                fields.field(
                    "Show", fields.dropdown(id=Id.SHOW, options=_options(shown), clearable=False, searchable=False)
                ),
                html.Div(
                    dcc.RadioItems(
                        id=Id.PLOT,
                        options=[{"label": "Violins", "value": "violin"}, {"label": "Boxes", "value": "box"}],  # pyright: ignore[reportArgumentType]
                        inline=True,
                        className="correlation-choice",
                    ),
                    role="group",
                    **{"aria-label": "Plot type"},  # pyright: ignore[reportArgumentType]
                ),
            ],
            className="explore-tab-controls",
        ),
        html.Div(
            [
                html.Div(_violin(1, "violins", (Id.TYPES, Id.TYPES_TITLE, Id.TYPES_NOTE)), id=Id.TYPES_CARD),
                html.Div(
                    _violin(2, "violins by group", (Id.GROUPS, Id.GROUPS_TITLE, Id.GROUPS_NOTE)), id=Id.GROUPS_CARD
                ),
            ],
            className="explore-violins",
        ),
        html.Div(_table(), id=Id.TABLE_CARD),
    ]


def _violin(panel: int, words: str, ids: tuple[Id, Id, Id]) -> Component:
    name, title, note = ids
    return controls.card(
        controls.figure(
            dcc.Graph(id=name, figure=BLANK, config={**CONFIG, "displayModeBar": False}, className="explore-violin"),  # pyright: ignore[reportArgumentType]
            "Violins or boxes:",
            title,
            note,
            Id.TABLE_TITLE,
        ),
        title=html.Span(id=title),
        subtitle=html.Span(id=note),
        tools=share(words, figure="violin", panel=panel),
    )


def _table() -> Component:
    return controls.card(
        dag.AgGrid(
            id=Id.TABLE,
            defaultColDef=COLUMN,
            rowData=[],
            columnDefs=[],
            dashGridOptions={"domLayout": "autoHeight"},
            style={"height": None},
            className="explore-grid",
        ),
        title=html.Span(id=Id.TABLE_TITLE),
        subtitle=html.Span(id=Id.TABLE_NOTE),
        tools=share("table", more=[entry("CSV", "Download this table as CSV", Id.EXPORT)]),
    )
