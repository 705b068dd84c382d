"""Hooks around every request: request id, access log, compression; and the files of Bootstrap."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, request
from flask_compress import Compress

from core.system.logs import end_request, logger, start_request
from core.web import static_files

if TYPE_CHECKING:
    from flask import Flask

log = logger(__name__)
REQUEST_ID = "X-Request-ID"
# URL of all Dash callbacks.
CALLBACKS = "/_dash-update-component"
QUIET = ("/healthz", "/readyz", "/assets/", "/_dash-component-suites/", "/vendor/", "/_dash-update", "/_reload-hash")
COMPRESSED = ["text/html", "text/css", "text/csv", "text/plain", "text/javascript", "application/javascript",
              "application/json", "application/problem+json", "application/octet-stream", "image/svg+xml"]  # fmt: skip


def register(server: Flask) -> None:
    """Install the hooks."""
    server.config.update(
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        # Brotli level 4 compresses an array of 100,000 values in about 3 ms; higher levels cost more than they save.
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=5,
        COMPRESS_MIN_SIZE=1_000,
    )
    Compress(server)
    static_files.register(server)
    server.register_blueprint(_vendor())

    @server.before_request
    def begin() -> None:
        g.request_id = start_request(request.headers.get(REQUEST_ID))
        g.started = time.perf_counter()

    @server.after_request
    def end(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.request_id
        quiet = request.path.startswith(QUIET)
        (log.debug if quiet else log.info)(
            "request",
            # The method as sent: the metrics replace methods unknown to HTTP.
            method=request.environ["REQUEST_METHOD"],
            path=request.path,
            status=response.status_code,
            ms=round(1000 * (time.perf_counter() - g.started), 1),
        )
        return response

    @server.teardown_request
    def forget(_: BaseException | None) -> None:
        end_request()


def _vendor() -> Blueprint:
    """Create the blueprint that serves Bootstrap's style sheet from the wheel of bootstrap-flask."""
    spec = find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("bootstrap-flask is not installed; run `make setup`")
    folder = Path(spec.origin).parent / "static" / "bootstrap5" / "css"
    return Blueprint("vendor", __name__, static_folder=str(folder), static_url_path="/vendor")
