"""Errors over HTTP, as application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException

from core.errors import AtlasError, Busy, NotFound
from core.system.logs import logger
from core.web.outcomes import note

if TYPE_CHECKING:
    from flask import Flask

log = logger(__name__)
# Everything below these is for programs; other addresses are pages.
OURS = ("/api/", "/arrays/", "/embed/", "/oembed")
# What a page's own requests may meet too: its script shows the sentence of a problem document, and no page of HTML.
EVERYWHERE = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE,)
MAX_PATH = 200


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """One problem document."""
    path = request.path[:MAX_PATH]
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": path, **more}
    return Response(orjson.dumps(body), status=status, mimetype="application/problem+json")


def of_error(error: AtlasError) -> Response:
    """The problem document of an error of ours; nearest names, where there are any, as ``suggestions``."""
    more: dict[str, object] = {"remedy": error.remedy} if error.remedy else {}
    if isinstance(error, NotFound) and error.suggestions:
        more["suggestions"] = list(error.suggestions)
    answer = problem(error.status, error.title, error.message, **more)
    if isinstance(error, Busy):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def register(server: Flask) -> None:
    """Answer every error of a route of ours with a problem document; pages and Dash's callbacks keep theirs."""

    @server.errorhandler(AtlasError)
    def known(error: AtlasError) -> Response:
        note(error)
        if isinstance(error, Busy):
            log.warning("a request was sent away", path=request.path, reason=error.message)
        elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a request failed", path=request.path, kind=type(error).__name__, reason=error.message)
        return of_error(error)

    @server.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        note(error)
        if not request.path.startswith(OURS) and error.code not in EVERYWHERE:
            return error
        answer = problem(error.code or 500, error.name, error.description or error.name)
        # 405 names the methods that are allowed, 429 says when to come back.
        answer.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
        return answer

    @server.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        note(error)
        log.exception("a request failed", path=request.path, kind=type(error).__name__)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return problem(status, "Something went wrong", "The server met an error it did not expect; it was logged.")
