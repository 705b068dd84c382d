"""The web application: composition only.

`create_app` puts settings, catalogue, pages, callbacks and routes together; `serve` runs the result under Waitress;
`main` is the command ``masldatlas``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dash

import callbacks
from callbacks.errors import on_error
from core import cli
from core.services.container import Services
from core.web import (
    headers,
    health,
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
from core.web.preload import Preload
from pages import _shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.monitoring.metrics import Metrics
    from core.settings.settings import Settings

HERE = Path(__file__).parent
# Where Flask keeps the services and the background work of an application.
EXTENSION = "masldatlas"
BACKGROUND = "masldatlas-background"
# Plotly looks for these among the loaded modules while it writes a figure, and fails on one that another thread is just
# loading, as pyarrow and the drawing do at the first question.
LOADED_EARLY = ("pandas", "PIL.Image")


class Application(dash.Dash):
    """Dash with link previews in the head of each page, and without version numbers in secure mode.

    The addresses of its scripts still carry the version of Dash: a browser keeps them for as long as it lasts.
    """

    def interpolate_index(self, metas: str = "", **parts: str) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] - the other parts go on as they are
        """Return the page that the browser gets first."""
        preview = link_preview.tags(self.server.extensions[EXTENSION])
        return super().interpolate_index(metas=f"{metas}\n    {preview}", **parts)

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = super()._config()
        services: Services = self.server.extensions[EXTENSION]
        if not services.settings.secure_mode:
            return config
        return {name: "" if name.endswith("_version") else value for name, value in config.items()}


def create_app(settings: Settings) -> dash.Dash:
    """Make a fresh application; two applications share nothing but the files below the data directory."""
    metrics = _metrics() if settings.metrics_enabled else None
    services = Services.of(settings, metrics)
    app = Application(
        "app",
        title="MASLDatlas",
        update_title="",
        use_pages=True,
        pages_folder=str(HERE / "pages"),
        assets_folder=str(HERE / "assets"),
        external_stylesheets=["/vendor/bootstrap.min.css"],
        # Layouts hold no data, and parts of a page come and go.
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        serve_locally=True,
        index_string=_shell.INDEX,
        assets_ignore=f"{_shell.HEAD_SCRIPT}|{static_files.STRICT_PLOTLY.name}",
        # Scripts and styles of embedded frames, which no page of the dashboard loads.
        assets_path_ignore=["^embed$"],
        include_pages_meta=False,
        on_error=on_error,
    )
    app.layout = _shell.layout
    app.server.extensions[EXTENSION] = services
    app.server.secret_key = settings.secret_key.get_secret_value()
    app.server.config["MAX_CONTENT_LENGTH"] = server.MAX_BODY
    middleware.register(app.server)
    if metrics is not None:
        request_metrics.register(app.server, metrics, app.callback_map, _page_paths)
    rate_limit.register(app.server, settings)
    problems.register(app.server)
    headers.register(app.server, settings, app.csp_hashes, static_files.STRICT_PLOTLY)
    kernels = health.Kernels()
    kernels.start(services)
    preload = Preload(services, kernels.warm)
    if metrics is not None:
        metrics.watch(services, lambda: health.is_ready(kernels, preload))
    app.server.extensions[BACKGROUND] = Background(services, preload, metrics)
    proxies.register(app.server, settings.trusted_proxies)
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
        Where to listen, among others.
    app
        Made from the settings if it is not given.
    listening
        Called once the port is taken: work that must not begin where the address turns out to be in use.

    Raises
    ------
    InvalidSettings
        The address cannot be listened at.
    """
    for name in LOADED_EARLY:
        import_module(name)
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


def main() -> None:
    """Run the command ``masldatlas``, to whose group `serve` is handed."""
    cli.main(serve=serve)


if __name__ == "__main__":
    main()
