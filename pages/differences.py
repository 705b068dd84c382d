"""Differences: what differs between two sides in each cell type, with samples as replicates.

The callbacks of ``callbacks/differences`` fill in all that depends on an atlas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_ag_grid as dag
from dash import dcc, html

from core.urls.base_path import below
from pages import _controls as controls
from pages import _fields as fields
from pages import _tables as tables
from pages._ids_differences import Differences as Id
from pages._share import file, share
from pages._tables import SMALL, P, number
from pages._tabs import tab_list, tab_panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

dash.register_page(__name__, path="/differences", title="Differences · MASLDatlas")

TABS = {"genes": "Genes", "samples": "Samples", "composition": "Composition"}
PANELS = {"genes": Id.GENES_TAB, "samples": Id.SAMPLES_TAB, "composition": Id.COMPOSITION_TAB}
WHOLE = "params.value == null ? '–' : d3.format(',')(params.value)"


def _fixed(digits: int) -> str:
    return f"params.value == null ? '–' : d3.format('.{digits}f')(params.value)"


def layout(**_params: str) -> html.Div:
    """Lay out the page without data; the callbacks fill it from the address."""
    return controls.analysis_page(
        Id,
        "Differences",
        stores=(Id.TABLE_SOURCE,),
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
                fields.field("Colour samples by", dcc.Dropdown(id=Id.COLOR, placeholder="The sides")),
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
        fields.field("Method", dcc.Dropdown(id=Id.METHOD, clearable=False, searchable=False)),
    ]


def _answer() -> list[Component]:
    cells = dcc.Link(
        "Compare cells", id=Id.MARKERS, href=below("/markers"), title="Compare cells in Markers", className=SMALL
    )
    return [*controls.statement(Id, cells), _overview(), html.Div(_parts(), id=Id.PARTS)]


def _overview() -> Component:
    columns = [
        {"field": "cell_type", "headerName": "Cell type", "minWidth": 150, "flex": 2, "tooltipField": "cell_type"},
        number("n_a", "Samples A", WHOLE, "Samples of side A that are kept", 84),
        number("n_b", "Samples B", WHOLE, "Samples of side B that are kept", 84),
        number("n_dropped", "Dropped", WHOLE, "Samples with too few cells or counts of this type", 84),
        number("cells_median", "Cells a sample", WHOLE, "Median number of cells in the kept samples", 92),
        number("cells_min", "Fewest", WHOLE, "Cells of the smallest kept sample", 78),
        number("up", "Up", WHOLE, "Genes higher in A: adjusted p at most 0.05, at least twofold", 68),
        number("down", "Down", WHOLE, "Genes lower in A: adjusted p at most 0.05, at least twofold", 74),
        number("power", "Power", _fixed(2), "Mean chance to find a twofold change at p < 0.001", 78),
        number("composition", "Share, log2", _fixed(2), "log2 odds ratio of the share of this cell type, A over B", 90),
        number("ci_low", "from", _fixed(2), "Lower end of its 95 % interval", 72),
        number("ci_high", "to", _fixed(2), "Upper end of its 95 % interval", 72),
        {"field": "why", "headerName": "Not tested", "minWidth": 120, "flex": 2, "tooltipField": "why"},
    ]
    return html.Div(
        controls.card(
            _small_grid(Id.OVERVIEW, columns, row_id="params.data.cell_type"),
            title=html.Span(id=Id.OVERVIEW_TITLE),
            subtitle=html.Span(id=Id.OVERVIEW_NOTE),
            tools=share("overview", more=[file("CSV", "One row a cell type, as CSV", id=Id.OVERVIEW_CSV)]),
        ),
        id=Id.OVERVIEW_CARD,
    )


def _parts() -> list[Component]:
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
                *tab_list(Id.TAB, "Parts of the comparison", TABS, PANELS),
                tab_panel(_genes(), Id.GENES_TAB, Id.TAB, "genes", is_open=True),
                tab_panel(_samples(), Id.SAMPLES_TAB, Id.TAB, "samples"),
                tab_panel(_composition(), Id.COMPOSITION_TAB, Id.TAB, "composition"),
            ],
            **{"aria-label": "Comparison"},  # pyright: ignore[reportArgumentType]
        ),
    ]


def _plot(prefix: str, kind: str, figure: str, *, words: str, class_name: str = "markers-ranking") -> Component:
    ids = [Id[f"{prefix}{part}"] for part in ("", "_FAULT", "_TITLE", "_NOTE")]
    return controls.card(
        tables.plot(ids[0], ids[1], (kind, ids[2], ids[3]), class_name=class_name),
        title=html.Span(id=ids[2]),
        subtitle=html.Span(id=ids[3]),
        tools=share(words, figure=figure),
    )


def _genes() -> list[Component]:
    return [
        html.Div(
            [_plot("RANKING", "Volcano plot:", "volcano", words="volcano plot"), _table()],
            className="correlation-row correlation-all",
        ),
        _plot("VIOLIN", "Violins:", "differences_violin", words="violins", class_name="markers-violin"),
        _plot("MA", "Plot of mean and fold change:", "ma_plot", words="MA plot"),
        html.Details(
            [html.Summary("Methods paragraph"), html.P(id=Id.METHODS, className="correlation-help")],
            className="explore-look",
        ),
    ]


def _table() -> Component:
    return controls.card(
        tables.genes(Id, _columns()),
        title=html.Span(id=Id.TABLE_TITLE),
        subtitle=html.Span(id=Id.TABLE_NOTE),
        tools=share(
            "table",
            more=[
                file("CSV", "All genes of this cell type, at full precision", id=Id.CSV),
                file("Excel", "All genes of this cell type, with provenance", id=Id.XLSX),
                file("CSV of all cell types", "All genes of all cell types, as CSV", id=Id.EVERY),
            ],
        ),
    )


def _columns() -> Sequence[dict[str, Any]]:
    gene: dict[str, Any] = {
        "field": "gene",
        "headerName": "Gene",
        "tooltipField": "gene",
        "filter": "agTextColumnFilter",
        "minWidth": 100,
        "width": 116,
        "pinned": "left",
        "cellClass": "correlation-gene",
    }
    why: dict[str, Any] = {
        "field": "why",
        "headerName": "Note",
        "headerTooltip": "Why a gene has no p, or what is odd about it",
        "tooltipField": "why",
        "filter": "agTextColumnFilter",
        "minWidth": 100,
        "width": 130,
    }
    return [
        gene,
        tables.GENE_ID,
        number("log2fc", "log2FC", _fixed(2), "log2 fold change of A over B in the model", 82),
        number("ci_low", "from", _fixed(2), "Lower end of the 95 % interval of log2FC", 74),
        number("ci_high", "to", _fixed(2), "Upper end of the 95 % interval of log2FC", 74),
        number("stat", "t", _fixed(1), "Moderated t", 66),
        number("p", "p", P, "Two-sided, over samples", 92),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the tested genes of this cell type", 92),
        number("base_mean", "Mean CPM", _fixed(1), "Mean of counts per million over the kept samples (TMM)", 88),
        number("pct_a", "% A", _fixed(1), "Percentage of cells with a count, side A", 70),
        number("pct_b", "% B", _fixed(1), "Percentage of cells with a count, side B", 70),
        why,
    ]


def _samples() -> list[Component]:
    columns = [
        {"field": "sample", "headerName": "Sample", "minWidth": 110, "flex": 2, "tooltipField": "sample"},
        {"field": "side", "headerName": "Side", "minWidth": 100, "flex": 2},
        number("n_cells", "Cells", WHOLE, "Cells of this type", 80),
        number("n_counts", "Counts", WHOLE, "Sum of their counts", 90),
        {"field": "why", "headerName": "Dropped", "minWidth": 140, "flex": 3, "tooltipField": "why"},
    ]
    share_of = "Share of the variance of the component that the column explains (R²)"
    associations = [
        {"field": "column", "headerName": "Column", "minWidth": 110, "flex": 2},
        *(number(f"pc{at}", f"PC{at}", _fixed(2), share_of, 70) for at in range(1, 5)),
    ]
    return [
        controls.card(
            _small_grid(Id.SAMPLES, columns),
            title=html.Span(id=Id.SAMPLES_TITLE),
            subtitle=html.Span(id=Id.SAMPLES_NOTE),
        ),
        _plot("PCA", "Plot of samples:", "sample_pca", words="plot of samples"),
        controls.card(
            _small_grid(Id.ASSOCIATIONS, associations, row_id="params.data.column"),
            title="Columns and components",
            subtitle="Share of each component that a column explains; depth included",
        ),
    ]


def _composition() -> list[Component]:
    columns = [
        {"field": "cell_type", "headerName": "Cell type", "minWidth": 150, "flex": 2, "tooltipField": "cell_type"},
        number("mean_a", "% A", _fixed(1), "Mean share over the samples of side A", 72),
        number("mean_b", "% B", _fixed(1), "Mean share over the samples of side B", 72),
        number("log2_odds", "log2 odds", _fixed(2), "log2 odds ratio of A over B against all other cells", 84),
        number("ci_low", "from", _fixed(2), "Lower end of its 95 % interval", 72),
        number("ci_high", "to", _fixed(2), "Upper end of its 95 % interval", 72),
        number("p", "p", P, "propeller: moderated t on the arcsine of the root of the shares", 88),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the cell types", 92),
        number("p_permutation", "Exact p", P, "Over all arrangements of the samples; without covariates", 88),
        number("p_smallest", "Smallest", P, "The smallest p that such a permutation can reach", 88),
    ]
    return [
        _plot("SHARES", "Boxes of shares:", "abundance", words="composition", class_name="markers-violin"),
        controls.card(
            _small_grid(Id.SHARES_TABLE, columns, row_id="params.data.cell_type"),
            title="Shares of the cell types",
            subtitle="propeller; intervals of log2 odds ratios",
            tools=share("composition table", more=[file("CSV", "One row a cell type", id=Id.SHARES_CSV)]),
        ),
    ]


def _small_grid(
    grid: Id, columns: Sequence[dict[str, Any]], *, row_id: str = "params.data.sample + params.data.side"
) -> Component:
    """Build a table of a few rows, as high as they are."""
    return dag.AgGrid(
        id=grid,
        columnDefs=columns,
        defaultColDef={"sortable": True, "resizable": True, "wrapHeaderText": True, "autoHeaderHeight": True},
        rowData=[],
        getRowId=row_id,
        dashGridOptions={
            "animateRows": False,
            "rowHeight": 32,
            "headerHeight": 36,
            "suppressMovableColumns": True,
            "domLayout": "autoHeight",
        },
        className="explore-grid differences-grid",
        style={"height": None},
    )
