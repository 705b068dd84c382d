"""One card for each atlas, import, fault and published atlas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dash import dcc, html

from callbacks.home.words import count, percent, progress, size
from core.atlas.manifest import SPECIES
from core.urls.page_queries import ExploreQuery
from pages import _controls as controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from callbacks.home.snapshot import Shown
    from core.atlas.import_state import ImportState
    from core.atlas.manifest import Manifest, Role
    from core.errors import BrokenStore
    from core.ingest.remote.zenodo import Published

MAX_GROUPS = 8
REFUSED = "Correct the file and it is tried again, or import it with `masldatlas import FILE` and its options."


def atlas_card(shown: Shown) -> Component:
    """An atlas that can be explored."""
    it = shown.manifest
    address = f"/explore{ExploreQuery(atlas=it.id).search()}"
    return html.Article(
        [
            _badges(it.species, simulated=it.simulated),
            html.H2(dcc.Link(it.title or it.name, href=address, className="atlas-link"), className="atlas-heading"),
            html.P(it.id, className="atlas-id"),
            html.P(controls.SIMULATED, className="atlas-simulated") if it.simulated else None,
            _numbers(it),
            html.Dl(_facts(shown), className="atlas-facts"),
            _notes(it.notes),
            html.P(
                [html.Span("Ready", className="state state-ready"), f"{size(it.bytes)} on disk"], className="atlas-foot"
            ),
        ],
        className="atlas-card",
    )


def import_card(state: ImportState) -> Component:
    """An import that waits or runs."""
    words = progress(state)
    bar = html.Progress(
        value=str(percent(state)),
        max="100",
        className="import-bar",
        **{"aria-label": f"Import of {_title(state)}"},  # pyright: ignore[reportArgumentType]
    )
    step = state.step.capitalize() if state.phase == "importing" else "Begins when the imports before it are done."
    return html.Article(
        [
            _badges(state.id.partition("/")[0]),
            html.H2(_title(state), className="atlas-heading"),
            html.P(state.id, className="atlas-id"),
            html.P(html.Span(words, className=f"state state-{state.phase}"), className="import-state"),
            bar if state.phase == "importing" else None,
            html.P(step, className="import-step"),
        ],
        className="atlas-card atlas-card-import",
    )


def failed_card(state: ImportState) -> Component:
    """An import that failed, and why."""
    return _fault(state.id, _title(state), "Failed", state.error or "The import ended without saying why.", REFUSED)


def broken_card(atlas: str, error: BrokenStore) -> Component:
    """An atlas that cannot be read, and why."""
    return _fault(atlas, atlas.partition("/")[2], "Not readable", error.message, error.remedy)


def shelf(published: Sequence[Published], *, is_open: bool) -> Component | None:
    """The published atlases that are not here, and what fetches them; None where all are."""
    if not published:
        return None
    return html.Details(
        [
            html.Summary(f"{count(len(published), 'published atlas')} to fetch"),
            html.P("Whoever runs this server can fetch them with the command below each.", className="shelf-words"),
            html.Ul([html.Li(_published(it)) for it in published], className="shelf-list"),
        ],
        open=is_open,
        className="shelf",
    )


def _published(it: Published) -> Component:
    copy = html.Button(
        "Copy",
        type="button",
        className="shelf-copy btn btn-outline-secondary btn-sm",
        title=f"Copy the command for {it.atlas}",
        **{"data-copy": it.command},  # pyright: ignore[reportArgumentType]
    )
    return html.Article(
        [
            _badges(it.species),
            html.H3(it.title, className="shelf-title"),
            html.P(f"{size(it.bytes)} to download", className="shelf-size"),
            html.Div([html.Code(it.command), copy], className="shelf-command"),
        ]
    )


def first_run(data: Path, *, show_place: bool) -> Component:
    """What to do when there is nothing yet."""
    place = str(data / "datasets") if show_place else "datasets"
    return controls.empty_state(
        "No atlas yet",
        "There are two ways to add one. It appears here by itself as soon as its import begins.",
        html.Ol(
            [
                html.Li(
                    ["Put an .h5ad file into ", html.Code(f"{place}/<Species>/"), _species_words(show_place=show_place)]
                ),
                html.Li(["Or type ", html.Code("masldatlas import FILE.h5ad"), " in a terminal on the server."]),
            ],
            className="first-run",
        ),
    )


def no_match(text: str) -> Component:
    """What to do when the search finds nothing."""
    what = f"No atlas matches “{text.strip()}”" if text.strip() else "No atlas of this species"
    return controls.empty_state(what, "Clear the search or choose other species to see the rest.")


def _species_words(*, show_place: bool) -> str:
    which = f", where <Species> is one of {', '.join(name.capitalize() for name in SPECIES)}."
    return which if show_place else f" below the data directory{which}"


def _title(state: ImportState) -> str:
    # The path stays here: a page must not tell the world about the disks of the server.
    return state.title or Path(state.file).name or state.id.partition("/")[2]


def _badges(species: str, *, simulated: bool = False) -> Component:
    mark = controls.simulated_badge() if simulated else None
    return html.Div([controls.badge_species(species), mark], className="atlas-badges")


def _numbers(it: Manifest) -> Component:
    things = [(it.n_genes, "gene")]
    roles: tuple[tuple[Role, str], ...] = (("cell_type", "cell type"), ("sample", "sample"))
    for role, thing in roles:
        column = it.column(it.roles.get(role, ""))
        if column is not None:
            things.append((column.n_categories, thing))
    counts = [(n, count(n, thing).partition(" ")[2]) for n, thing in things]
    return html.Ul(
        [
            html.Li([html.Span(f"{n:,}", className="number"), html.Span(words)])
            for n, words in [(it.n_cells, it.cells_in_words.partition(" ")[2]), *counts]
        ],
        className="atlas-numbers",
    )


def _facts(shown: Shown) -> list[Component]:
    it = shown.manifest
    facts: list[Component] = []
    if shown.groups:
        facts.append(html.Div([html.Dt(count(len(shown.groups), "group")), html.Dd(_groups(shown.groups))]))
    texts = [("Values", it.layers[0].rule if it.layers else ""), ("Citation", it.citation)]
    # What is cut short on the card is whole in its title.
    cut = [html.Div([html.Dt(name), html.Dd(text, title=text, className="cut")]) for name, text in texts if text]
    return [*facts, *cut]


def _groups(groups: Sequence[str]) -> Component:
    named = [html.Li(name or "not given") for name in groups[:MAX_GROUPS]]
    more = len(groups) - MAX_GROUPS
    return html.Ol([*named, html.Li(f"and {more:,} more")] if more > 0 else named, className="atlas-groups")


def _notes(notes: Sequence[str]) -> Component | None:
    if not notes:
        return None
    return html.Details(
        [html.Summary(f"{count(len(notes), 'note')} from the import"), html.Ul([html.Li(note) for note in notes])],
        className="atlas-notes",
    )


def _fault(atlas: str, title: str, state: str, why: str, remedy: str) -> Component:
    return html.Article(
        [
            _badges(atlas.partition("/")[0]),
            html.H2(title, className="atlas-heading"),
            html.P(atlas, className="atlas-id"),
            html.P(html.Span(state, className="state state-failed"), className="import-state"),
            html.P(controls.prose(why), className="fault-why"),
            html.P(controls.prose(remedy), className="fault-remedy") if remedy else None,
        ],
        className="atlas-card atlas-card-fault",
    )
