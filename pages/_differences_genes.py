"""Tab Genes of the page Differences: volcano, table, violins, and MA plot of one cell type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from pages import _controls as controls
from pages import _tables as tables
from pages._differences_meaning import YES, text
from pages._differences_parts import fixed, plot
from pages._ids_differences import Differences as Id
from pages._ids_meaning import Meaning
from pages._progress import ProgressIds, progress
from pages._share import file, share
from pages._tables import P, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

MEAN = "Mean of counts per million over the kept samples of side"
KEEP = "Keep the genes that the table shows as a gene set; so does a box drawn on the volcano"


def content() -> list[Component]:
    """Lay out the tab."""
    return [
        progress(ProgressIds.of(Id, "SECOND_"), "Second opinion"),
        _second(),
        html.Div(
            [plot("RANKING", "Volcano plot:", "volcano", words="volcano plot"), _table()],
            className="correlation-row correlation-all",
        ),
        _kept(),
        plot("VIOLIN", "Violins:", "differences_violin", words="violins", class_name="markers-violin"),
        plot("MA", "Plot of mean and fold change:", "ma_plot", words="MA plot"),
        html.Details(
            [
                html.Summary("Methods paragraph"),
                html.P(id=Id.METHODS, className="correlation-help"),
                html.P(id=Id.SECOND_METHODS, className="correlation-help"),
            ],
            className="explore-look",
        ),
    ]


def _second() -> Component:
    """Build the sentence on what DESeq2 calls of the same genes; hidden where it is not asked."""
    return html.Div(
        [
            html.Span(id=Id.SECOND_WORDS),
            html.Button("Ask again", id=Id.SECOND_AGAIN, type="button", hidden=True, className=tables.SMALL),
        ],
        id=Id.SECOND_CARD,
        hidden=True,
        role="status",
        className="correlation-buttons differences-kept",
    )


def _table() -> Component:
    return controls.card(
        [_show(), *tables.genes(Id, _columns())],
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


def _show() -> Component:
    """Build what filters the table by the thresholds, and what keeps its rows as a gene set."""
    choices = {"all": "All genes", "both": "Genes that differ", "up": "Higher in A", "down": "Lower in A"}
    return html.Div(
        [
            html.Label("Show", htmlFor=Id.SHOW, className="explore-label"),
            dcc.Dropdown(
                id=Id.SHOW,
                options=[{"label": words, "value": name} for name, words in choices.items()],
                value="all",
                clearable=False,
                searchable=False,
                className="differences-show",
            ),
            html.Button("Keep as gene set", id=Id.KEEP, type="button", title=KEEP, className=tables.SMALL),
        ],
        className="correlation-buttons differences-tools",
    )


def _kept() -> Component:
    """Build the line of the gene set that is kept."""
    return html.Div(
        [
            dcc.Store(id=Id.KEPT),
            html.Span(id=Id.KEPT_WORDS),
            html.Span(id=Id.KEPT_CUT, className="correlation-help"),
            dcc.Link("Score in Explore", id=Id.KEPT_SCORE, href="", className=tables.SMALL),
            dcc.Link("Dot plot in Explore", id=Id.KEPT_DOTS, href="", className=tables.SMALL),
            html.Button("Enrichment", id=Meaning.ENRICH_KEPT, type="button", className=tables.SMALL),
            html.Button("Remove gene set", id=Id.KEPT_CLEAR, type="button", className=tables.SMALL),
        ],
        id=Id.KEPT_FIELD,
        hidden=True,
        role="status",
        className="correlation-buttons differences-kept",
    )


def _columns() -> Sequence[dict[str, Any]]:
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
        tables.GENE,
        tables.GENE_ID,
        number("log2fc", "log2FC", fixed(2), "log2 fold change of A over B in the model", 82),
        number("ci_low", "from", fixed(2), "Lower end of the 95 % interval of log2FC", 74),
        number("ci_high", "to", fixed(2), "Upper end of the 95 % interval of log2FC", 74),
        number("stat", "t", fixed(1), "Moderated t", 66),
        number("p", "p", P, "Two-sided, over samples", 92),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the tested genes of this cell type", 92),
        *({**column, "hide": True} for column in _of_second()),
        number("base_mean", "Mean CPM", fixed(1), "Mean of counts per million over the kept samples (TMM)", 88),
        number("mean_a", "CPM A", fixed(1), f"{MEAN} A (TMM)", 82),
        number("mean_b", "CPM B", fixed(1), f"{MEAN} B (TMM)", 82),
        number("pct_a", "% A", fixed(1), "Percentage of cells with a count, side A", 70),
        number("pct_b", "% B", fixed(1), "Percentage of cells with a count, side B", 70),
        why,
    ]


def _of_second() -> Sequence[dict[str, Any]]:
    """List the columns of the second opinion, which are shown once it is there."""
    return [
        number("log2fc_deseq2", "log2FC, DESeq2", fixed(2), "log2 fold change of A over B by DESeq2", 92),
        number("p_adj_deseq2", "Adjusted p, DESeq2", P, "Adjusted p of DESeq2, after its independent filtering", 92),
        {
            **text("called_by_both", "Called by both", 84, show=YES),
            # AG Grid would make check boxes of it.
            "cellDataType": False,
            "headerTooltip": "Adjusted p of both at most 0.05, with the same sign of the fold change",
        },
    ]
