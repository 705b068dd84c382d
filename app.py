"""The web application: composition only.

`create_app` assembles settings, catalogue, pages, callbacks and routes; `serve` runs the application under Waitress;
`main` is the command ``masldatlas``.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.settings.settings import use_few_arenas

# Arrow chooses its allocator when the imports below load it.
use_few_arenas()

import dash
from flask import request

import callbacks
from callbacks.errors import on_error
from core import cli
from core.services.container import Services
from core.system.restart import keep_running
from core.urls.figure_specs import FIRST
from core.web import (
    abandonment,
    access,
    headers,
    health,
    hosts,
    joined_assets,
    middleware,
    problems,
    proxies,
    rate_limit,
    request_metrics,
    routes,
    server,
    static_files,
)
from core.web.background import Background
from core.web.documentation.chapters import manual
from core.web.embed import link_preview
from core.web.joined_assets import JoinedAssets
from core.web.preload import Preload
from pages import _shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.monitoring.metrics import Metrics
    from core.settings.settings import Settings

HERE = Path(__file__).parent
# Keys of `Flask.extensions` for the services, the joined assets and the background work of an application.
EXTENSION = "masldatlas"
JOINED = "masldatlas-assets"
BACKGROUND = "masldatlas-background"
# Plotly looks these up in `sys.modules` while serializing a figure, and fails if another thread is still importing one
# of them, as pyarrow and the figure code do at the first request.
LOADED_EARLY = ("pandas", "PIL.Image")


class Application(dash.Dash):
    """Dash with link previews in the head of each page, and without version numbers in secure mode.

    The URLs of Dash's scripts still carry its version, so that browsers can cache them until it changes.
    """

    def interpolate_index(self, metas: str = "", **parts: str) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] - the other parts are passed on unchanged
        """Return the initial HTML page."""
        preview = link_preview.tags(self.server.extensions[EXTENSION])
        # The renderer asks for plotly.js only once it has laid out a page with figures.
        plotly = f"{self.config.requests_pathname_prefix.rstrip('/')}{headers.PLOTLY}"
        early = f'\n    <link rel="preload" as="script" href="{plotly}">' if request.path in FIRST else ""
        joined: JoinedAssets = self.server.extensions[JOINED]
        parts["scripts"] = joined.tags(parts.get("scripts", ""), joined_assets.SCRIPTS, self.get_asset_url)
        parts["css"] = joined.tags(parts.get("css", ""), joined_assets.STYLES, self.get_asset_url)
        return super().interpolate_index(metas=f"{metas}\n    {preview}{early}", **parts)

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = super()._config()
        services: Services = self.server.extensions[EXTENSION]
        if not services.settings.secure_mode:
            return config
        return {name: "" if name.endswith("_version") else value for name, value in config.items()}


def create_app(settings: Settings) -> dash.Dash:
    """Create an application; two applications share nothing but the files below the data directory."""
    for name in LOADED_EARLY:
        import_module(name)
    metrics = _metrics() if settings.metrics_enabled else None
    services = Services.of(settings, metrics)
    app = Application(
        "app",
        title="MASLDatlas",
        update_title="",
        use_pages=True,
        # Browsers ask below the prefix; `core.web.proxies` takes it off, so that every route begins at the root.
        requests_pathname_prefix=settings.url_prefix,
        routes_pathname_prefix="/",
        pages_folder=str(HERE / "pages"),
        assets_folder=str(HERE / "assets"),
        external_stylesheets=[f"{settings.base_path}/vendor/bootstrap.min.css"],
        # Layouts hold no data, and components are added and removed while a page is open.
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        serve_locally=True,
        index_string=_shell.index(settings.base_path),
        assets_ignore=f"^({Path(_shell.HEAD_SCRIPT).name}|{static_files.STRICT_PLOTLY.name})$",
        # Scripts and styles of embedded frames; pages of the dashboard do not load them.
        assets_path_ignore=["^embed$"],
        include_pages_meta=False,
        on_error=on_error,
    )
    app.layout = _shell.layout
    app.server.extensions[EXTENSION] = services
    joined = JoinedAssets(HERE / "assets", Path(_shell.HEAD_SCRIPT).name)
    joined.register(app.server)
    app.server.extensions[JOINED] = joined
    app.server.secret_key = settings.secret_key.get_secret_value()
    app.server.config["MAX_CONTENT_LENGTH"] = server.MAX_BODY
    middleware.register(app.server)
    if metrics is not None:
        request_metrics.register(app.server, metrics, app.callback_map, _page_paths)
    abandonment.register(app.server)
    hosts.register(app.server, settings)
    rate_limit.register(app.server, settings)
    problems.register(app.server)
    headers.register(app.server, settings, app.csp_hashes, static_files.STRICT_PLOTLY)
    kernels = health.Kernels()
    kernels.start(services)
    preload = Preload(services, kernels.warm)
    if metrics is not None:
        metrics.watch(services, lambda: health.is_ready(kernels, preload))
    app.server.extensions[BACKGROUND] = Background(services, preload, metrics)
    access.register(app.server, settings)
    proxies.register(app.server, settings.trusted_proxies, settings.base_path)
    routes.register(app.server, services, kernels, preload)
    callbacks.register(app, services, manual(HERE / "pages" / "docs", cli.cli))
    if metrics is not None:
        request_metrics.count_in_flight(app.server, metrics)
    return app


def _metrics() -> Metrics:
    from core.monitoring.metrics import Metrics

    return Metrics()


def _page_paths() -> set[str]:
    return {str(page["path"]) for page in dash.page_registry.values()}


def serve(settings: Settings, app: dash.Dash | None = None, *, listening: Callable[[], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in flight.

    Parameters
    ----------
    settings
        Host, port and data directory, among others.
    app
        The application to serve; created from the settings unless given.
    listening
        Called once the port is bound, for work that must not begin if the address is in use.

    Raises
    ------
    InvalidSettings
        The server cannot listen on this address.
    """
    app = app or create_app(settings)
    background: Background = app.server.extensions[BACKGROUND]

    def started() -> None:
        background.start()
        if listening is not None:
            listening()

    try:
        server.run(app.server, settings, started)
    finally:
        background.close()


def keep_serving(settings: Settings, *, listening: Callable[[], None] | None = None) -> None:
    """Serve in a process that is started again if it crashes; see `serve` and `core.system.restart`."""
    keep_running(partial(serve, settings, listening=listening), settings.restarts)


def main() -> None:
    """Run the command ``masldatlas``, which calls `keep_serving` for ``masldatlas serve``."""
    cli.main(serve=keep_serving)


if __name__ == "__main__":
    main()
