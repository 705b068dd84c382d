"""Callbacks of the page of one atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update

from callbacks.atlas.parts import article
from callbacks.shared.problems import alerts, no_atlas
from core.urls.base_path import without
from core.urls.page_queries import AtlasQuery
from core.views import atlas_page
from pages._ids import Shell
from pages._ids_atlas import Atlas as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services


def register(app: Dash, services: Services) -> None:
    """Wire the page: the address names the atlas."""

    def show(
        pathname: str | None, search: str | None, _changed: str | None, shown: str | None
    ) -> tuple[Any, Any, str | Any]:
        """Draw the atlas of the address, unless it is the one that is shown."""
        if without(pathname or "") != AtlasQuery.PATH:
            return no_update, no_update, no_update
        atlas, problems = atlas_page.resolve(services, search or "")
        now = f"{atlas.id} {atlas.manifest.content_hash}" if atlas else f"none {[each.text for each in problems]}"
        if now == shown:
            return no_update, no_update, no_update
        if atlas is None:
            return [*alerts(problems), *([] if problems else [no_atlas()])], [], now
        page = atlas_page.compute(atlas)
        settings = services.settings
        return alerts(problems), article(page, settings.export_values, with_versions=not settings.secure_mode), now

    app.callback(
        Output(Id.PROBLEMS, "children"),
        Output(Id.CONTENT, "children"),
        Output(Id.SHOWN, "data"),
        Input(Shell.URL, "pathname"),
        Input(Shell.URL, "search"),
        Input(Shell.CATALOG, "data"),
        State(Id.SHOWN, "data"),
    )(show)
