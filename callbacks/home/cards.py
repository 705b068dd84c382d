"""Cards of atlases, imports, faults and published atlases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dash import dcc, html

from callbacks.home.words import count, percent, progress, size
from core.atlas.manifest import SPECIES
from core.atlas.nouns import values_of
from core.urls.base_path import below
from core.urls.page_queries import AtlasQuery, ExploreQuery
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
REFUSED = "Correct the file: the import is then repeated. Or run `masldatlas import FILE` with its options."


def atlas_card(shown: Shown) -> Component:
    """Show an atlas that can be explored."""
    manifest = shown.manifest
    address = ExploreQuery(atlas=manifest.id).address
    return html.Article(
        [
            _map(manifest),
            _badges(manifest.species, simulated=manifest.simulated),
            html.H2(
                dcc.Link(manifest.title or manifest.name, href=address, className="atlas-link"),
                className="atlas-heading",
            ),
            html.P(manifest.id, className="atlas-id"),
            html.P(controls.SIMULATED, className="atlas-simulated") if manifest.simulated else None,
            _numbers(manifest),
            html.Dl(_facts(shown), className="atlas-facts"),
            _notes(manifest.notes),
            html.P(
                [
                    html.Span("Ready", className="state state-ready"),
                    f"{size(manifest.bytes)} on disk, store version {manifest.schema_version}",
                    dcc.Link("About this atlas", href=AtlasQuery(atlas=manifest.id).address, className="atlas-about"),
                ],
                className="atlas-foot",
            ),
        ],
        className="atlas-card",
    )


def import_card(state: ImportState) -> Component:
    """Show a waiting or running import."""
    words = progress(state)
    bar = html.Progress(
        value=str(percent(state)),
        max="100",
        className="import-bar",
        **{"aria-label": f"Import of {_title(state)}"},  # pyright: ignore[reportArgumentType]
    )
    step = state.step.capitalize() if state.phase == "importing" else "Starts after the imports before it."
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
    """Show a failed import and the reason."""
    return _fault(
        state.id, _title(state), "Failed", state.error or "The import ended without an error message.", REFUSED
    )


def broken_card(atlas: str, error: BrokenStore) -> Component:
    """Show an atlas that cannot be read, and the reason."""
    return _fault(atlas, atlas.partition("/")[2], "Not readable", error.message, error.remedy)


def faults_card(n_failed: int, n_broken: int) -> Component:
    """Say how many imports failed; their names and the reasons, which may hold paths, are for the operator."""
    parts = [
        f"{count(n_failed, 'import')} failed" if n_failed else "",
        f"{count(n_broken, 'atlas')} cannot be read" if n_broken else "",
    ]
    return html.Article(
        [
            html.H2(f"{' and '.join(filter(None, parts))}.", className="atlas-heading"),
            html.P(
                controls.prose(
                    "The operator of this server finds the reasons with `masldatlas datasets` and in the log."
                ),
                className="fault-why",
            ),
        ],
        className="atlas-card atlas-card-fault",
    )


def shelf(published: Sequence[Published], *, is_open: bool) -> Component | None:
    """List the published atlases that are not installed, with the commands that fetch them; None if all are."""
    if not published:
        return None
    return html.Details(
        [
            html.Summary(f"{count(len(published), 'published atlas')} to fetch"),
            html.P("Server administrators can install these with the command shown.", className="shelf-words"),
            html.Ul([html.Li(_published(atlas)) for atlas in published], className="shelf-list"),
        ],
        open=is_open,
        className="shelf",
    )


def _published(atlas: Published) -> Component:
    copy = html.Button(
        "Copy",
        type="button",
        className="shelf-copy btn btn-outline-secondary btn-sm",
        title=f"Copy the command for {atlas.atlas}",
        **{"data-copy": atlas.command},  # pyright: ignore[reportArgumentType]
    )
    return html.Article(
        [
            _badges(atlas.species),
            html.H3(atlas.title, className="shelf-title"),
            html.P(f"{size(atlas.bytes)} to download", className="shelf-size"),
            html.Div([html.Code(atlas.command), copy], className="shelf-command"),
        ]
    )


def first_run(data: Path, *, show_place: bool) -> Component:
    """Say how to add the first atlas."""
    place = str(data / "datasets") if show_place else "datasets"
    return controls.empty_state(
        "No atlas yet",
        "There are two ways to add one. The atlas appears here as soon as its import starts.",
        html.Ol(
            [
                html.Li(
                    ["Put an .h5ad file into ", html.Code(f"{place}/<Species>/"), _species_words(show_place=show_place)]
                ),
                html.Li(["Or run ", html.Code("masldatlas import FILE.h5ad"), " in a terminal on the server."]),
            ],
            className="first-run",
        ),
    )


def no_match(text: str) -> Component:
    """Say that no atlas matches the search."""
    what = f"No atlas matches “{text.strip()}”" if text.strip() else "No atlas of this species"
    return controls.empty_state(what, "Clear the search, or choose another species.")


def _species_words(*, show_place: bool) -> str:
    which = f", where <Species> is one of {', '.join(name.capitalize() for name in SPECIES)}."
    return which if show_place else f" below the data directory{which}"


def _title(state: ImportState) -> str:
    # The file name only: a page must not reveal paths of the server.
    return state.title or Path(state.file).name or state.id.partition("/")[2]


def _badges(species: str, *, simulated: bool = False) -> Component:
    mark = controls.simulated_badge() if simulated else None
    return html.Div([controls.badge_species(species), mark], className="atlas-badges")


def _map(manifest: Manifest) -> Component | None:
    """Show a small map of the cells; the browser asks for it when it is near, and keeps it with the content hash."""
    if not manifest.embeddings:
        return None
    role = manifest.roles.get("cell_type")
    by = ", coloured by cell type" if role else ""
    return html.Img(
        alt=f"Map of the cells of {manifest.title or manifest.name}{by}",
        className="atlas-map",
        width="320",
        height="160",
        **{"data-src": below(f"/arrays/{manifest.id}/{manifest.content_hash}/map.png")},  # pyright: ignore[reportArgumentType]
    )


def _numbers(manifest: Manifest) -> Component:
    things = [(manifest.n_genes, "gene")]
    roles: tuple[tuple[Role, str], ...] = (("cell_type", "cell type"), ("sample", "sample"))
    for role, thing in roles:
        column = manifest.column(manifest.roles.get(role, ""))
        if column is not None:
            things.append((column.n_categories, thing))
    counts = [(n, count(n, thing).partition(" ")[2]) for n, thing in things]
    return html.Ul(
        [
            html.Li([html.Span(f"{n:,}", className="number"), html.Span(words)])
            for n, words in [(manifest.n_cells, manifest.cells_in_words.partition(" ")[2]), *counts]
        ],
        className="atlas-numbers",
    )


def _facts(shown: Shown) -> list[Component]:
    manifest = shown.manifest
    facts: list[Component] = []
    if shown.groups:
        facts.append(html.Div([html.Dt(count(len(shown.groups), "group")), html.Dd(_groups(shown.groups))]))
    texts = [("Values", values_of(manifest.layers[0]) if manifest.layers else ""), ("Citation", manifest.citation)]
    # The card cuts long texts; their titles hold the full text.
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
