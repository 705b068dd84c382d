"""Callbacks of the pages: read raw values, call the views of core, return components; one package a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbacks import atlas, correlation, documentation, explore, home, markers, request_check, shell, species
from callbacks.dialogs import embed, export

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services
    from core.web.documentation.chapters import Manual


def register(app: Dash, services: Services, manual: Manual) -> None:
    """Wire every page to the services, and the documentation to its chapters."""
    request_check.register(app)
    shell.register(app, services)
    home.register(app, services)
    atlas.register(app, services)
    explore.register(app, services)
    correlation.register(app, services)
    markers.register(app, services)
    species.register(app, services)
    export.register(app, services)
    embed.register(app, services)
    documentation.register(app, manual)
