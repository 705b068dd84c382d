"""Tab Cell types: the matches of each cell type of the reference, and the controls that edit one.

How alike the matched types are takes longer, so it follows::

    STATE -> table, TYPES_DRAWN -> table with AUROC, note
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import Input, Output, State, ctx, html, no_update

from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.selection_controls import options
from callbacks.species.alike import UNJUDGED, alike
from callbacks.species.part import Outputs, Part
from core.errors import AtlasError
from core.services.cell_types import HOW, with_edit
from core.services.match_verdicts import verdicts
from core.urls.base_path import below
from core.urls.page_queries import to_search
from pages._ids_species import Species as Id

if TYPE_CHECKING:
    from dash import Dash
    from dash.development.base_component import Component

    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.cell_types import Match, Matching
    from core.services.container import Services
    from core.services.match_verdicts import Verdict, Verdicts
    from core.urls.page_queries import SpeciesQuery
    from core.views.species.state import SpeciesView

MARKED: Final = {
    "table": Output(Id.TYPES, "children", allow_duplicate=True),
    "note": Output(Id.TYPES_NOTE, "children", allow_duplicate=True),
}
NO_OTHER = "No other atlas is chosen: choose one under “Compared with”."


def draw(_services: Services, view: SpeciesView, _theme: Theme) -> Outputs:
    """Show every cell type of the reference with its matches."""
    try:
        found = view.matching
    except AtlasError as error:
        return {"table": None, "note": str(error), "csv": "", "atlases": [], "drawn": None}
    if not found.others:
        return {"table": None, "note": NO_OTHER, "csv": "", "atlases": [], "drawn": None}
    atlases = options(found.others)
    return {
        "table": _table(found),
        "note": found.sentence,
        "csv": _csv(view.query),
        "atlases": atlases,
        "drawn": view.state,
    }


def mark(services: Services, view: SpeciesView) -> Outputs:
    """Write AUROC beside each match, and say which matched types are hardly alike."""
    found = view.matching
    said = verdicts(services, view.atlas, view.others, found)
    return {"table": _table(found, said), "note": f"{found.sentence} {said.sentence}".strip()}


def _csv(query: SpeciesQuery) -> str:
    pairs = [("atlas", query.atlas), ("others", query.others), ("match", query.match), ("format", "csv")]
    return below(f"/api/v1/species/types{to_search([pair for pair in pairs if pair[1]])}")


def _table(found: Matching, said: Verdicts | None = None) -> Component:
    names = (f"Cell type in {found.reference}", "Lineage", *found.others)
    lineages = {match.reference: match.lineage for match in found.matches[found.others[0]]}
    return html.Table(
        [
            html.Caption("Matching cell types", className="visually-hidden"),
            html.Thead(html.Tr([html.Th(name, scope="col") for name in names])),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Th(cell_type, scope="row"),
                            html.Td(lineages[cell_type]),
                            *(
                                html.Td(_match(found.of(cell_type, atlas), _of(said, cell_type, atlas)))
                                for atlas in found.others
                            ),
                        ]
                    )
                    for cell_type in found.types[found.reference]
                ]
            ),
        ],
        className="species-table",
    )


def _of(said: Verdicts | None, cell_type: str, atlas: str) -> Verdict | None:
    return said.of.get((cell_type, atlas)) if said else None


def _match(match: Match, said: Verdict | None) -> list[Component | str]:
    if not match.types:
        words = "no match, as edited" if match.by == "edited" else HOW["none"]
        return [html.Span(words, className="species-none")]
    number = alike(said.number, said.sentence) if said else []
    return [
        " + ".join(match.types),
        html.Span(HOW[match.by], className=f"species-how species-how-{match.by}"),
        *number,
    ]


def hydrate(view: SpeciesView | None) -> Outputs:
    """Fill the menus of the editor, and keep the edits of the address."""
    nothing: Outputs = {"options": [], "value": None}
    if view is None:
        return {"row": nothing, "atlas": nothing, "match": ""}
    try:
        found = view.matching
    except AtlasError:  # the tab shows the error
        return {"row": nothing, "atlas": nothing, "match": view.query.match}
    rows = found.types[found.reference]
    return {
        "row": {"options": options(rows), "value": next(iter(rows), None)},
        "atlas": {"options": options(found.others), "value": next(iter(found.others), None)},
        "match": view.query.match,
    }


def collect(query: SpeciesQuery, choices: Outputs) -> SpeciesQuery:
    """Put the edits into the query."""
    return query.but(match=str(choices.get("match") or ""))


def register(app: Dash, services: Services, page: Page[SpeciesView]) -> None:
    """Wire the editor, in which a cell type and an atlas show their match, which is then set; and what follows."""

    def offer(row: str | None, atlas: str | None, state: str | None) -> Any:  # noqa: ANN401 - nested as the outputs are
        view = page.view(state) if state else None
        if view is None or not row or not atlas or atlas not in view.matching.matches:
            return {"options": [], "value": []}
        found = view.matching
        known = row in found.types[found.reference]
        return {"options": options(found.types[atlas]), "value": list(found.of(row, atlas).types) if known else []}

    def apply(
        _set: int | None,
        _reset: int | None,
        row: str | None,
        atlas: str | None,
        types: list[str] | None,
        now: str | None,
    ) -> Any:  # noqa: ANN401 - no_update has no type of its own
        if ctx.triggered_id == Id.TYPES_RESET:
            return ""
        return with_edit(now or "", row, tuple(types or ()), atlas) if row and atlas else no_update

    def marks(state: str | None) -> Any:  # noqa: ANN401 - nested as the outputs are
        view = page.view(state) if state else None
        if view is None:
            return dict.fromkeys(MARKED, no_update)

        def refused(why: str) -> Outputs:
            return {"table": no_update, "note": f"{view.matching.sentence} {UNJUDGED} {why}"}

        return shown_or_refusal(lambda: mark(services, view), refused)

    app.callback(output=MARKED, inputs=[Input(Id.TYPES_DRAWN, "data")], prevent_initial_call=True)(marks)
    app.callback(
        output={"options": Output(Id.TYPES_MATCHES, "options"), "value": Output(Id.TYPES_MATCHES, "value")},
        inputs={
            "row": Input(Id.TYPES_ROW, "value"),
            "atlas": Input(Id.TYPES_ATLAS, "value"),
            "state": Input(Id.STATE, "data"),
        },
        prevent_initial_call=True,
    )(offer)
    app.callback(
        output=Output(Id.MATCH, "data", allow_duplicate=True),
        inputs=[
            Input(Id.TYPES_APPLY, "n_clicks"),
            Input(Id.TYPES_RESET, "n_clicks"),
            State(Id.TYPES_ROW, "value"),
            State(Id.TYPES_ATLAS, "value"),
            State(Id.TYPES_MATCHES, "value"),
            State(Id.MATCH, "data"),
        ],
        prevent_initial_call=True,
    )(apply)


PART = Part(
    {
        "table": Output(Id.TYPES, "children"),
        "note": Output(Id.TYPES_NOTE, "children"),
        "csv": Output(Id.TYPES_CSV, "href"),
        "atlases": Output(Id.TYPES_ATLAS, "options", allow_duplicate=True),
        "drawn": Output(Id.TYPES_DRAWN, "data"),
    },
    draw,
    hydrated={
        "row": {"options": Output(Id.TYPES_ROW, "options"), "value": Output(Id.TYPES_ROW, "value")},
        "atlas": {"options": Output(Id.TYPES_ATLAS, "options"), "value": Output(Id.TYPES_ATLAS, "value")},
        "match": Output(Id.MATCH, "data"),
    },
    hydrate=hydrate,
    choices={"match": Input(Id.MATCH, "data")},
    collect=collect,
    register=register,
)
