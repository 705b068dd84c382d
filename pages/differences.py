"""Differences: what differs between two sides in each cell type, with samples as replicates.

The callbacks of ``callbacks/differences`` fill in all that depends on an atlas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash
from dash import dcc, html

from core.urls.base_path import below
from pages import _controls as controls
from pages import _differences_meaning
from pages import _fields as fields
from pages._differences_parts import WHOLE, fixed, small_grid
from pages._differences_tabs import TABS
from pages._ids_differences import Differences as Id
from pages._progress import ProgressIds, progress
from pages._share import file, share
from pages._tables import SMALL, number
from pages._tabs import tab_list, tab_panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

SHARE = (
    "params.value == null ? '–' : d3.format('.2f')(params.value) + ' (' + d3.format('.2f')(params.data.ci_low) "
    "+ ' to ' + d3.format('.2f')(params.data.ci_high) + ')'"
)

# Of cells or counts of a sample.
MOST = 1_000_000_000

dash.register_page(__name__, path="/differences", title="Differences · MASLDatlas")


def layout(**_params: str) -> html.Div:
    """Lay out the page without data; the callbacks fill it from the address."""
    return controls.analysis_page(
        Id,
        "Differences",
        stores=(Id.TABLE_SOURCE, Id.COMPARED, Id.SECOND_ASKED, Id.SECOND_SOURCE),
        questions=("Sides and samples", _questions()),
        answer=_answer(),
        class_name="correlation markers differences",
    )


def _questions() -> list[Component]:
    return [
        fields.group("What to compare", _sides()),
        fields.group("Samples", _design()),
        fields.filters(Id),
        fields.group(
            "Which gene",
            [fields.gene_search("Gene shown", (Id.GENE_SEARCH, Id.GENE, Id.GENE_LIST, Id.CHOSEN))],
        ),
        fields.group(
            "Display",
            [
                fields.layer(Id),
            ],
        ),
    ]


def _sides() -> list[Component]:
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
        fields.field("Levels of", dcc.Dropdown(id=Id.BY, clearable=False), id=Id.BY_FIELD),
        fields.field("Side A", dcc.Dropdown(id=Id.ONE, multi=True), id=Id.ONE_FIELD),
        fields.field("Side B", dcc.Dropdown(id=Id.TWO, multi=True), id=Id.TWO_FIELD),
    ]


def _design() -> list[Component]:
    return [
        fields.field(
            "Adjust for", dcc.Dropdown(id=Id.COVARIATES, multi=True, placeholder="Nothing"), id=Id.COVARIATES_FIELD
        ),
        fields.field("Pair by", dcc.Dropdown(id=Id.PAIRED, clearable=False), id=Id.PAIRED_FIELD),
        html.Div(
            [
                fields.field("Fewest cells a sample", _least(Id.MIN_CELLS, 1, 10)),
                fields.field("Fewest counts a sample", _least(Id.MIN_COUNTS, 0, 1000)),
            ],
            className="differences-least",
        ),
        fields.field("Method", dcc.Dropdown(id=Id.METHOD, clearable=False, searchable=False)),
        html.Div(
            dcc.Checklist(
                id=Id.SECOND,
                options=[{"label": "Second opinion by DESeq2", "value": "true"}],
                value=[],
                className="correlation-choice",
            ),
            id=Id.SECOND_FIELD,
            hidden=True,
            className="explore-field",
        ),
        fields.field("Genes that differ", dcc.Dropdown(id=Id.FDR, clearable=False, searchable=False)),
        fields.field("Fold change", dcc.Dropdown(id=Id.CHANGE, clearable=False, searchable=False)),
    ]


def _least(control: Id, low: int, usual: int) -> Component:
    """Build the field of a least number; an empty one means the usual number, which it shows."""
    return dcc.Input(id=control, type="number", debounce=True, min=low, max=MOST, step=1, placeholder=str(usual))


def _answer() -> list[Component]:
    cells = dcc.Link(
        "Compare cells", id=Id.MARKERS, href=below("/markers"), title="Compare cells in Markers", className=SMALL
    )
    long = progress(ProgressIds.of(Id), "Comparing the sides in all cell types")
    parts = html.Div(_parts(), id=Id.PARTS)
    return [*controls.statement(Id, cells), long, _overview(), parts, *_differences_meaning.stores()]


def _overview() -> Component:
    columns = [
        {"field": "cell_type", "headerName": "Cell type", "minWidth": 170, "flex": 3, "tooltipField": "cell_type"},
        number("n_a", "n A", WHOLE, "Samples of side A that are kept", 56),
        number("n_b", "n B", WHOLE, "Samples of side B that are kept", 56),
        number("n_dropped", "Left out", WHOLE, "Samples with too few cells or counts of this type, or no pair", 64),
        number("cells_median", "Cells, median", WHOLE, "Median number of cells in the kept samples", 82),
        number("cells_min", "Fewest", WHOLE, "Cells of the smallest kept sample", 78),
        number("up", "Up", WHOLE, "Genes higher in A within the thresholds", 60),
        number("down", "Down", WHOLE, "Genes lower in A within the thresholds", 70),
        {
            **number("up_both", "Up, both", WHOLE, "Of the genes higher in A, those DESeq2 calls too", 70),
            "hide": True,
        },
        {**number("down_both", "Down, both", WHOLE, "Of those lower in A, those DESeq2 calls too", 76), "hide": True},
        number("power", "Power", fixed(2), "Mean chance to find a twofold change at p < 0.001", 78),
        number(
            "composition", "Share, log2 (95 % interval)", SHARE, "log2 odds ratio of its share, A over B; interval", 196
        ),
        {"field": "why", "headerName": "Not tested", "minWidth": 90, "flex": 1, "tooltipField": "why"},
    ]
    return html.Div(
        controls.card(
            small_grid(Id.OVERVIEW, columns, row_id="params.data.cell_type"),
            title=html.Span("Overview", id=Id.OVERVIEW_TITLE),
            subtitle=html.Span(id=Id.OVERVIEW_NOTE),
            tools=share("overview", more=[file("CSV", "One row a cell type, as CSV", id=Id.OVERVIEW_CSV)]),
        ),
        id=Id.OVERVIEW_CARD,
    )


def _parts() -> Sequence[Component]:
    return [
        html.Div(
            [
                html.Label("Cell type", htmlFor=Id.CELL_TYPE, className="explore-label"),
                dcc.Dropdown(id=Id.CELL_TYPE, clearable=False, className="markers-category"),
            ],
            id=Id.CELL_TYPE_FIELD,
            className="markers-pick",
        ),
        html.Section(
            [
                *tab_list(
                    Id.TAB,
                    "Parts of the comparison",
                    {key: tab.words for key, tab in TABS.items()},
                    {key: tab.panel for key, tab in TABS.items()},
                ),
                *(
                    tab_panel(tab.content(), tab.panel, Id.TAB, key, is_open=at == 0)
                    for at, (key, tab) in enumerate(TABS.items())
                ),
            ],
            **{"aria-label": "Comparison"},  # pyright: ignore[reportArgumentType]
        ),
    ]
