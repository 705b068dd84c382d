"""The web application: composition only.

`create_app` puts settings, catalogue, pages, callbacks and routes together; `serve` runs the result under Waitress.
"""

from __future__ import annotations

import signal
import time
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import dash
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.trigger import trigger

import callbacks
from callbacks.errors import on_error
from core.api import (
    arrays,
    cards,
    cells,
    correlations,
    datasets,
    embed,
    figures,
    genes,
    groups,
    headers,
    health,
    limits,
    markers,
    measure,
    oembed,
    openapi,
    problems,
    proxies,
    rasters,
    requests,
    scores,
    security_txt,
    wire,
)
from core.background import Background
from core.errors import InvalidSettings
from core.logs import logger
from core.preload import Preload
from core.services import Services
from pages import _shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from core.metrics import Metrics
    from core.settings import Settings

    # Servers, triggers and connections by file descriptor: what Waitress calls its map.
    Sockets = dict[int, Any]

HERE = Path(__file__).parent
# plotly.js without eval, as `make strict` fetches it; not among the files that each page loads.
STRICT_PLOTLY = HERE / "assets" / "vendor" / "plotly-strict.min.js"
# Waitress: browsers keep idle connections open, and its default of 100 of them would then refuse new visitors.
CONNECTION_LIMIT = 1_000
# Whoever says nothing for so long, in the middle of a request or between two, is hung up on.
SILENT_SECONDS = 60
MAX_BODY = 5 * 1024 * 1024
# More than may compute, draw, or wait to (core.admission, core.export.queue): what is light is answered meanwhile.
WEB_THREADS = 40
# Where Flask keeps our services, for whoever is handed an app, and what runs beside them.
EXTENSION = "masldatlas"
BACKGROUND = "masldatlas-background"
BACKLOG = 64
# Requests of a connection that are read while one is answered: with none, nobody notices that it was closed.
LOOKAHEAD = 1
# Longer than any request may take, shorter than the 30 seconds that most supervisors give before they kill.
DRAIN_SECONDS = 25.0

# Plotly looks for these among the loaded modules while it writes a figure, and fails on one that another thread is just
# loading, as pyarrow and the drawing do at the first question.
SOON = ("pandas", "PIL.Image")

log = logger(__name__)


class Application(dash.Dash):
    """Dash, with what previews of a link show in the head of each page, and without versions in secure mode.

    The addresses of its scripts still carry that of Dash: a browser keeps them for as long as the version lasts.
    """

    def interpolate_index(self, metas: str = "", **parts: str) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] - the other parts go on as they are
        """The page that the browser gets first."""
        preview = cards.tags(self.server.extensions[EXTENSION])
        return super().interpolate_index(metas=f"{metas}\n    {preview}", **parts)

    def _config(self) -> dict[str, Any]:
        told: dict[str, Any] = super()._config()
        services: Services = self.server.extensions[EXTENSION]
        if not services.settings.secure_mode:
            return told
        return {name: "" if name.endswith("_version") else value for name, value in told.items()}


def create_app(settings: Settings) -> dash.Dash:
    """Make a fresh application; nothing is shared with another one but the files below the data directory."""
    metrics = _metrics() if settings.metrics_enabled else None
    services = Services.of(settings, metrics)
    app = Application(
        __name__,
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
        assets_ignore=f"^({Path(_shell.HEAD_SCRIPT).name}|{STRICT_PLOTLY.name})$",
        # What frames in other sites load, and no page of ours.
        assets_path_ignore=["^embed$"],
        include_pages_meta=False,
        on_error=on_error,
    )
    app.layout = _shell.layout
    app.server.extensions[EXTENSION] = services
    app.server.secret_key = settings.secret_key.get_secret_value()
    app.server.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    requests.register(app.server)
    if metrics is not None:
        measure.register(app.server, metrics, app.callback_map, _page_paths)
    limits.register(app.server, settings)
    problems.register(app.server)
    headers.register(app.server, settings, app.csp_hashes, STRICT_PLOTLY)
    kernels = health.Kernels()
    kernels.start(services)
    preload = Preload(services, kernels.warm)
    if metrics is not None:
        metrics.watch(services, lambda: health.is_ready(kernels, preload))
    app.server.extensions[BACKGROUND] = Background(services, preload, metrics)
    proxies.register(app.server, settings.trusted_proxies)
    app.server.register_blueprint(security_txt.blueprint(settings))
    app.server.register_blueprint(health.blueprint(services, kernels, preload))
    app.server.register_blueprint(correlations.blueprint(services))
    app.server.register_blueprint(markers.blueprint(services))
    app.server.register_blueprint(groups.blueprint(services))
    app.server.register_blueprint(scores.blueprint(services))
    app.server.register_blueprint(cells.blueprint(services))
    app.server.register_blueprint(figures.blueprint(services))
    app.server.register_blueprint(genes.blueprint(services))
    app.server.register_blueprint(openapi.blueprint(services))
    app.server.register_blueprint(datasets.blueprint(services))
    app.server.register_blueprint(arrays.blueprint(services))
    app.server.register_blueprint(rasters.blueprint(services))
    app.server.register_blueprint(embed.blueprint(services))
    app.server.register_blueprint(oembed.blueprint(services))
    callbacks.register(app, services)
    return app


def _metrics() -> Metrics:
    from core.metrics import Metrics

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
        Called once the port is taken: what must not begin where the address turns out to be in use.

    Raises
    ------
    InvalidSettings
        Nobody can listen at that address.
    """
    from waitress.server import create_server

    for name in SOON:
        import_module(name)
    app = app or create_app(settings)
    sockets: Sockets = {}
    try:
        server = create_server(
            app.server,
            map=sockets,
            host=settings.host,
            port=settings.port,
            threads=WEB_THREADS,
            connection_limit=CONNECTION_LIMIT,
            asyncore_use_poll=True,
            max_request_body_size=MAX_BODY,
            channel_timeout=SILENT_SECONDS,
            ident=None,
            # Whose headers are believed is for core.api.proxies to say.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            # Figures are not drawn for whoever has hung up.
            channel_request_lookahead=LOOKAHEAD,
        )
    except (OSError, ValueError) as error:
        wasyncore.close_all(sockets, ignore_all=True)
        why = (error.strerror if isinstance(error, OSError) else "") or "it is not an address of this machine"
        raise InvalidSettings(
            f"Nothing can listen at {settings.host}:{settings.port} ({why.lower()}).",
            "Choose another --host or --port.",
        ) from error
    for each in sockets.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = wire.Channel
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    ports = {int(each.getsockname()[1]) for each in sockets.values() if isinstance(each, BaseWSGIServer)}
    log.info("serving", url=" ".join(f"http://{host}:{port}" for port in sorted(ports)), data=str(settings.data_dir))
    background: Background = app.server.extensions[BACKGROUND]
    try:
        background.start()
        if listening is not None:
            listening()
        _loop(sockets)
        server.task_dispatcher.shutdown()
    finally:
        background.close()


def _loop(sockets: Sockets) -> None:
    """Serve until told to stop, then until every request that has begun is answered and sent.

    Waitress by itself stops sending at the first signal, and forgets requests that still wait for a thread.
    """
    stopped = Event()
    triggers = [each for each in sockets.values() if isinstance(each, trigger)]

    def stop(signal_: int, _frame: FrameType | None) -> None:
        if stopped.is_set():
            raise SystemExit(128 + signal_)
        stopped.set()
        for each in triggers:
            each.pull_trigger()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopped.is_set():
        wasyncore.loop(timeout=1.0, use_poll=True, map=sockets, count=1)
    # Whoever was let in by the kernel is let in by us.
    wasyncore.loop(timeout=0.0, use_poll=True, map=sockets, count=BACKLOG)
    for each in [each for each in sockets.values() if isinstance(each, BaseWSGIServer)]:
        # Only this one's own socket: its trigger still wakes the loop for the connections.
        wasyncore.dispatcher.close(each)
    deadline = time.monotonic() + DRAIN_SECONDS
    busy = True
    while busy and time.monotonic() < deadline:
        wasyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)
        busy = any(
            each.requests or each.request or each.total_outbufs_len
            for each in sockets.values()
            if isinstance(each, HTTPChannel)
        )
    log.info("stopped", finished=not busy)
