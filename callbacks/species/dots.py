"""Tab Dot plot: genes and their orthologs in the matching cell types, and the numbers beside the plot.

How alike the matched types are takes longer than the dots, so it follows::

    STATE -> dots, table, DOTS_DRAWN -> frames, table, note
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import Input, Output, Patch, State, html, no_update

from callbacks.shared.refusals import shown_or_refusal
from callbacks.species.alike import UNJUDGED, alike
from callbacks.species.part import Outputs, Part
from core.figures.species_dots import least_width
from core.figures.theme import theme_of
from core.figures.violin import nothing
from core.tables.text import records
from core.urls.base_path import below
from core.urls.page_queries import to_search
from core.views.species import dots
from pages._ids import Shell
from pages._ids_species import Species as Id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash import Dash
    from dash.development.base_component import Component

    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.species.state import SpeciesView

# A longer table is a file.
MAX_ROWS = 300
# Traces of the figure.
DOTS, FRAMES = 0, 2
MARKED: Final = {
    "figure": Output(Id.DOTS, "figure", allow_duplicate=True),
    "note": Output(Id.DOTS_NOTE, "children", allow_duplicate=True),
    "table": Output(Id.DOTS_TABLE, "children", allow_duplicate=True),
}


def draw(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Draw the dots, and write their numbers beside them."""

    def shown() -> Outputs:
        result = dots.compute(services, view, judge=False)
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
            "drawn": view.state,
        }

    def refused(why: str) -> Outputs:
        return {
            **{"figure": nothing(theme), "size": {}, "fault": why, "title": "Dot plot", "note": "", "unknown": []},
            **{"csv": "", "table": None, "table_note": "", "drawn": None},
        }

    return shown_or_refusal(shown, refused)


def mark(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Frame the types that are hardly alike, and write AUROC into the table and the note."""
    result = dots.compute(services, view)
    drawn = dots.draw(result, theme)["data"]
    figure = Patch()
    figure["data"][DOTS]["text"] = drawn[DOTS]["text"]
    for axis in ("x", "y"):
        figure["data"][FRAMES][axis] = drawn[FRAMES][axis]
    return {"figure": figure, "note": dots.words(result).note, "table": _table(records(result.table))}


def register(app: Dash, services: Services, page: Page[SpeciesView]) -> None:
    """Wire the marks, which follow the dots."""

    def marks(state: str | None, theme: str | None) -> Any:  # noqa: ANN401 - nested as the outputs are
        view = page.view(state) if state else None
        if view is None:
            return dict.fromkeys(MARKED, no_update)

        def refused(why: str) -> Outputs:
            note = dots.words(dots.compute(services, view, judge=False)).note
            return {**dict.fromkeys(MARKED, no_update), "note": f"{note} {UNJUDGED} {why}"}

        return shown_or_refusal(lambda: mark(services, view, theme_of(theme)), refused)

    app.callback(
        output=MARKED,
        inputs={"state": Input(Id.DOTS_DRAWN, "data"), "theme": State(Shell.THEME, "data")},
        prevent_initial_call=True,
    )(marks)


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
            html.Td([row["match"], *alike(row["auroc"], row["warning"])]),
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
        "drawn": Output(Id.DOTS_DRAWN, "data"),
    },
    draw,
    register=register,
)
