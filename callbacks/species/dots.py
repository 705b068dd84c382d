"""Tab Dot plot: genes and their orthologs in the matching cell types, and the numbers beside the plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Output, html

from callbacks.shared.refusals import shown_or_refusal
from callbacks.species.part import Outputs, Part
from core.figures.species_dots import least_width
from core.figures.violin import nothing
from core.tables.text import records
from core.urls.base_path import below
from core.urls.page_queries import to_search
from core.views.species import dots
from pages._ids_species import Species as Id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.species.state import SpeciesView

# A longer table is a file.
MAX_ROWS = 300


def draw(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Draw the dots, and write their numbers beside them."""

    def shown() -> Outputs:
        result = dots.compute(services, view)
        figure, words = dots.draw(result, theme), dots.words(result)
        return {
            "figure": figure,
            "size": {"height": f"{figure['layout']['height']}px", "minWidth": f"{least_width(result.table):.0f}px"},
            "fault": "",
            "title": words.title,
            "note": words.note,
            "unknown": [html.P(why, className="explore-problem") for _, why in result.missing],
            "csv": _csv(view.query),
            "table": _table(records(result.table)),
            "table_note": f"Cells and samples: {result.n}.",
        }

    def refused(why: str) -> Outputs:
        return {
            **{"figure": nothing(theme), "size": {}, "fault": why, "title": "Dot plot", "note": "", "unknown": []},
            **{"csv": "", "table": None, "table_note": ""},
        }

    return shown_or_refusal(shown, refused)


def _csv(query: SpeciesQuery) -> str:
    names = ("atlas", "others", "gene", "species", "genes", "match")
    pairs = [(name, str(getattr(query, name))) for name in names if getattr(query, name)]
    return below(f"/api/v1/species/dotplot{to_search([*pairs, ('format', 'csv')])}")


def _table(rows: list[dict[str, Any]]) -> list[Component]:
    names = ("Cell type", "Gene", "% expressing", "Rank percentile", "Cells", "Cell types there", "Match", "Atlas")
    kept = [row for row in rows if not dots.is_elsewhere(row["why"])]
    table = html.Table(
        [
            html.Caption("Numbers of the dot plot", className="visually-hidden"),
            html.Thead(html.Tr([html.Th(name, scope="col") for name in names])),
            html.Tbody([_row(row) for row in kept[:MAX_ROWS]]),
        ],
        className="species-table",
    )
    more = len(kept) - MAX_ROWS
    note = [html.P(f"{more:,} more rows are in the CSV file.", className="where-note")] if more > 0 else []
    return [table, *note]


def _row(row: Mapping[str, Any]) -> Component:
    head = html.Th(row["cell_type"], scope="row")
    if row["n"] is None:
        gene = html.Td(html.I(row["symbol"])) if row["symbol"] else html.Td("–")
        return html.Tr([head, gene, html.Td(row["why"], colSpan=5, className="species-none"), html.Td(row["dataset"])])
    return html.Tr(
        [
            head,
            html.Td(html.I(row["symbol"])),
            html.Td(f"{row['pct_expressing']:.1f}"),
            html.Td(f"{row['percentile']:.1f}"),
            html.Td(f"{row['n']:,}"),
            html.Td(row["types"]),
            html.Td(row["match"]),
            html.Td(row["dataset"]),
        ]
    )


PART = Part(
    {
        "figure": Output(Id.DOTS, "figure"),
        "size": Output(Id.DOTS, "style"),
        "fault": Output(Id.DOTS_FAULT, "children"),
        "title": Output(Id.DOTS_TITLE, "children"),
        "note": Output(Id.DOTS_NOTE, "children"),
        "unknown": Output(Id.DOTS_UNKNOWN, "children"),
        "csv": Output(Id.DOTS_CSV, "href"),
        "table": Output(Id.DOTS_TABLE, "children"),
        "table_note": Output(Id.DOTS_TABLE_NOTE, "children"),
    },
    draw,
)
