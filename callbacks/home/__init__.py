"""Callbacks of the home page: the gene search, and cards that follow the data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.home import where
from callbacks.home.cards import (
    atlas_card,
    broken_card,
    failed_card,
    faults_card,
    first_run,
    import_card,
    no_match,
    shelf,
)
from callbacks.home.examples import examples
from callbacks.home.snapshot import Snapshot, fingerprint, species_options
from callbacks.home.words import summary
from core.atlas.visibility import viewer
from pages._ids import Home, Shell

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.services.container import Services

FAST, SLOW = 1_000, 10_000
TOOLS_FROM = 5


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    catalog, settings = services.catalog, services.settings

    def follow(
        _tick: int | None, text: str | None, species: list[str] | None, seen: dict[str, str] | None
    ) -> dict[str, Any]:
        """Redraw the parts that changed since `seen`; the others keep their focus and their open notes."""
        snapshot = Snapshot.of(catalog)
        words = text or ""
        with_tools = len(snapshot.atlases) >= TOOLS_FROM
        # Hidden controls do not filter.
        wanted = [atlas for atlas in snapshot.atlases if not with_tools or atlas.matches(words, species or [])]
        ids = [(atlas.manifest.id, atlas.manifest.content_hash) for atlas in wanted]
        faults = (snapshot.failed, [(name, error.message) for name, error in snapshot.broken.items()])
        nothing = not snapshot.atlases and not snapshot.active
        now = {
            "imports": fingerprint(snapshot.active),
            "atlases": fingerprint(ids),
            "faults": fingerprint([state.model_copy(update={"updated": 0.0}) for state in faults[0]], faults[1]),
            "empty": fingerprint(nothing, bool(wanted), words, bool(snapshot.atlases)),
            "shelf": fingerprint(snapshot.published, bool(snapshot.atlases)),
            "tools": fingerprint(with_tools, species_options(snapshot.atlases)),
            "summary": fingerprint(summary(snapshot, len(wanted))),
            "catalog": fingerprint([(atlas.manifest.id, atlas.manifest.content_hash) for atlas in snapshot.atlases]),
        }
        old = seen or {}
        if now == old:
            raise PreventUpdate

        def changed(part: str, render: Any) -> Any:  # noqa: ANN401 - any value of a property
            return no_update if old.get(part) == now[part] else render()

        def emptiness() -> Component | None:
            if nothing:
                return first_run(settings.data_dir, show_place=viewer().faults and not settings.secure_mode)
            return no_match(words) if snapshot.atlases and not wanted else None

        def fault_cards() -> list[Component]:
            if not viewer().faults:
                n_failed, n_broken = len(snapshot.failed), len(snapshot.broken)
                return [faults_card(n_failed, n_broken)] if n_failed or n_broken else []
            unreadable = [broken_card(name, error) for name, error in snapshot.broken.items()]
            return [*map(failed_card, snapshot.failed), *unreadable]

        return {
            "imports": changed("imports", lambda: [import_card(state) for state in snapshot.active]),
            "atlases": changed("atlases", lambda: [atlas_card(atlas) for atlas in wanted]),
            "faults": changed("faults", fault_cards),
            "empty": changed("empty", emptiness),
            "shelf": changed("shelf", lambda: shelf(snapshot.published, is_open=not snapshot.atlases)),
            "hidden": changed("tools", lambda: not with_tools),
            "options": changed("tools", lambda: species_options(snapshot.atlases)),
            "summary": changed("summary", lambda: summary(snapshot, len(wanted))),
            "catalog": changed("catalog", lambda: now["catalog"]),
            "examples": changed("catalog", lambda: examples(catalog)),
            "interval": FAST if snapshot.active else SLOW,
            "seen": now,
        }

    app.callback(
        output={
            "imports": Output(Home.IMPORTS, "children"),
            "atlases": Output(Home.ATLASES, "children"),
            "faults": Output(Home.FAULTS, "children"),
            "empty": Output(Home.EMPTY, "children"),
            "shelf": Output(Home.SHELF, "children"),
            "hidden": Output(Home.TOOLS, "hidden"),
            "options": Output(Home.SPECIES, "options"),
            "summary": Output(Home.SUMMARY, "children"),
            "catalog": Output(Shell.CATALOG, "data"),
            "examples": Output(Home.EXAMPLES, "children"),
            "interval": Output(Home.TICK, "interval"),
            "seen": Output(Home.SEEN, "data"),
        },
        inputs={
            "_tick": Input(Home.TICK, "n_intervals"),
            "text": Input(Home.SEARCH, "value"),
            "species": Input(Home.SPECIES, "value"),
            "seen": State(Home.SEEN, "data"),
        },
    )(follow)
    app.clientside_callback(ClientsideFunction("home", "pictures"), Input(Home.ATLASES, "children"))
    where.register(app, services)
