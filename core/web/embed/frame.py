"""``/embed/v1/<view>``: embedded frame of a view, its figure and poster, and the script for host pages."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from core.embed import options as frame
from core.embed.options import ROOT, Options
from core.embed.payload import etag_of, payload_json, words
from core.embed.snippet import SCRIPT
from core.embed.target import find, known
from core.embed.thumbnail import preview_image
from core.errors import AtlasError, NotFound
from core.system.logs import logger
from core.web.embed.frame_page import error_page, view_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.embed.target import Target
    from core.services.container import Services

ASSETS: Final = Path(__file__).parents[3] / "assets" / "embed"
HOST_SCRIPT: Final = "host.js"
# Short enough that a new version of an atlas appears within minutes.
FIVE_MINUTES: Final = "public, max-age=300"
HOUR: Final = "public, max-age=3600"

log = logger(__name__)


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of all routes."""
    routes = Blueprint("embed", __name__)

    @routes.get(SCRIPT)
    def script() -> Response:
        response = Response(host_script(), mimetype="text/javascript")
        response.headers["Cache-Control"] = HOUR
        # The script is public, and host pages need this header to check its integrity.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    @routes.get(f"{ROOT}/<view>.json")
    def figure(view: str) -> Response:
        return _conditional(services, view, "json", lambda target, options: payload_json(services, target, options))

    @routes.get(f"{ROOT}/<view>.png")
    def picture(view: str) -> Response:
        return _conditional(services, view, "png", lambda target, options: preview_image(services, target, options))

    @routes.get(f"{ROOT}/<view>")
    def page(view: str) -> Response:
        """Render the page of a frame; an error is shown in the frame, with its HTTP status."""
        options = Options()
        try:
            known(view)
            options, search = frame.read(_query())
            target = find(services, view, search)
            response = view_page(target, words(services, target), options)
        except AtlasError as error:
            return _failed(error, options)
        response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/embed/", defaults={"anything": ""})
    @routes.get("/embed/<path:anything>")
    def nothing(anything: str) -> Response:
        return error_page(
            NotFound(f"There is no /embed/{anything[:80]}.", f"Embedded views begin with {ROOT}/."), Options()
        )

    return routes


@lru_cache(maxsize=1)
def host_script() -> str:
    """Return the minified script for host pages, of at most 1,024 bytes: without comments and most blanks."""
    lines = (line.strip() for line in (ASSETS / HOST_SCRIPT).read_text("utf-8").splitlines())
    script = "\n".join(line for line in lines if line and not line.startswith("//"))
    return script.replace(" = ", "=").replace(" => ", "=>") + "\n"


def _failed(error: AtlasError, options: Options) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", path=request.path, kind=type(error).__name__, reason=error.message)
    return error_page(error, options)


def _query() -> str:
    return request.query_string.decode("utf-8", "replace")


def _conditional(services: Services, view: str, form: str, make: Callable[[Target, Options], bytes]) -> Response:
    """Respond with a figure or poster, or with 304 if the client has the current version."""
    known(view)
    options, search = frame.read(_query())
    if options.theme == "auto":
        # An image has one background; the script of the frame names the theme that it needs.
        options = options.but(theme="light")
    target = find(services, view, search)
    tag = etag_of(target, options, form)
    # Flask-Compress appends the name of the encoding to the ETag.
    known_tags = {sent.partition(":")[0] for sent in request.if_none_match.as_set(include_weak=True)}
    if target.lasts and tag in known_tags:
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = Response(make(target, options), mimetype="application/json" if form == "json" else "image/png")
    response.headers["Cache-Control"] = FIVE_MINUTES if target.lasts else "no-store"
    if target.lasts:
        response.set_etag(tag)
    return response
