"""The web application: composition only.

`create_app` puts settings, catalogue, pages, callbacks and routes together; `serve` runs the result under Waitress.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import dash

import callbacks
from core.api import arrays, datasets, health, problems, requests
from core.logs import logger
from core.services import Services
from pages import _shell

if TYPE_CHECKING:
    from types import FrameType

    from core.settings import Settings

HERE = Path(__file__).parent
# Waitress: browsers keep idle connections open, and its default of 100 of them would then refuse new visitors.
CONNECTION_LIMIT = 1_000
MAX_BODY = 5 * 1024 * 1024
# Where Flask keeps our services, for whoever is handed an app.
EXTENSION = "masldatlas"
WEB_THREADS = 16

log = logger(__name__)


def create_app(settings: Settings) -> dash.Dash:
    """Make a fresh application; nothing is shared with another one but the files below the data directory."""
    services = Services.of(settings)
    app = dash.Dash(
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
    )
    app.layout = _shell.layout
    app.server.extensions[EXTENSION] = services
    app.server.secret_key = settings.secret_key.get_secret_value()
    app.server.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    requests.register(app.server)
    problems.register(app.server)
    kernels = health.Kernels()
    kernels.start()
    app.server.register_blueprint(health.blueprint(services, kernels))
    app.server.register_blueprint(datasets.blueprint(services))
    app.server.register_blueprint(arrays.blueprint(services))
    callbacks.register(app, services)
    return app


def serve(settings: Settings, app: dash.Dash | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in flight."""
    from waitress.server import create_server

    app = app or create_app(settings)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Waitress drains its requests on SystemExit, and drops them on a signal that nobody handles.
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = create_server(
        app.server,
        host=settings.host,
        port=settings.port,
        threads=WEB_THREADS,
        connection_limit=CONNECTION_LIMIT,
        asyncore_use_poll=True,
        max_request_body_size=MAX_BODY,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    port = getattr(server, "effective_port", settings.port)
    log.info("serving", url=f"http://{settings.host}:{port}", data=str(settings.data_dir))
    cache = app.server.extensions[EXTENSION].cache
    cache.start()
    try:
        server.run()
    finally:
        server.close()
        cache.close()
