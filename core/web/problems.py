"""Errors over HTTP, as application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException

from core.compute.admission import visitor
from core.errors import AtlasError, Busy, NotFound
from core.system.logs import logger
from core.urls.base_path import below
from core.web import dispatcher
from core.web.outcomes import note

if TYPE_CHECKING:
    from flask import Flask

log = logger(__name__)
# Prefixes of URLs for programs; all other URLs are pages.
FOR_PROGRAMS = ("/api/", "/arrays/", "/embed/", "/oembed")
# Also for the requests of a page's scripts, which show the detail of a problem document.
EVERYWHERE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE,)
MAX_PATH = 200


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """Create a problem document."""
    path = below(request.path)[:MAX_PATH]
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": path, **more}
    return Response(orjson.dumps(body), status=status, mimetype="application/problem+json")


def of_error(error: AtlasError) -> Response:
    """Create the problem document of an `AtlasError`, with the nearest names as ``suggestions`` if there are any."""
    more: dict[str, object] = {"remedy": error.remedy} if error.remedy else {}
    if isinstance(error, NotFound) and error.suggestions:
        more["suggestions"] = list(error.suggestions)
    answer = problem(error.status, error.title, error.message, **more)
    if isinstance(error, Busy):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def register(server: Flask) -> None:
    """Answer errors of routes for programs with problem documents; pages and callbacks keep their own error pages."""

    @server.errorhandler(AtlasError)
    def known(error: AtlasError) -> Response:
        note(error)
        if isinstance(error, Busy):
            log.warning("request rejected, server busy", path=request.path, reason=error.message)
            if visitor.get():
                dispatcher.refused.note(visitor.get(), dispatcher.SHARE)
        elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request failed", path=request.path, kind=type(error).__name__, reason=error.message)
        return of_error(error)

    @server.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        note(error)
        if not request.path.startswith(FOR_PROGRAMS) and error.code not in EVERYWHERE:
            return error
        answer = problem(error.code or 500, error.name, error.description or error.name)
        # 405 lists the allowed methods, 429 the time to wait.
        answer.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
        return answer

    @server.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        note(error)
        log.exception("request failed", path=request.path, kind=type(error).__name__)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return problem(status, "Something went wrong", "The server encountered an unexpected error, which was logged.")
