"""Raw values in, core service, figure out: one module a page, no statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbacks import correlation, documentation, embed, explore, home, markers, publish, requests, shell

if TYPE_CHECKING:
    from dash import Dash

    from core.api.documentation.chapters import Manual
    from core.services import Services


def register(app: Dash, services: Services, manual: Manual) -> None:
    """Wire every page to the services, and the documentation to its chapters."""
    requests.register(app)
    shell.register(app, services)
    home.register(app, services)
    explore.register(app, services)
    correlation.register(app, services)
    markers.register(app, services)
    publish.register(app, services)
    embed.register(app, services)
    documentation.register(app, manual)
