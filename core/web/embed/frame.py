"""``/embed/v1/<view>``: one view for the pages of others, its figure, its poster, and the script for its host."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from core.embed import options as frame
from core.embed.options import ROOT, Options
from core.embed.payload import scene, tag_of, words
from core.embed.snippet import SCRIPT
from core.embed.target import find, known
from core.embed.thumbnail import poster
from core.errors import AtlasError, NotFound
from core.system.logs import logger
from core.web.embed.frame_page import error_page, view_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.embed.target import Target
    from core.services.container import Services

ASSETS: Final = Path(__file__).parents[3] / "assets" / "embed"
HOST_SCRIPT: Final = "host.js"
# Long enough to spare a page that is read again, short enough that an atlas imported anew is seen.
KEPT: Final = "public, max-age=300"
HOUR: Final = "public, max-age=3600"

log = logger(__name__)


def blueprint(services: Services) -> Blueprint:
    """The routes, all GET."""
    routes = Blueprint("embed", __name__)

    @routes.get(SCRIPT)
    def script() -> Response:
        answer = Response(host_script(), mimetype="text/javascript")
        answer.headers["Cache-Control"] = HOUR
        # It holds nothing that anybody may not read, and pages that check its integrity need this.
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    @routes.get(f"{ROOT}/<view>.json")
    def figure(view: str) -> Response:
        return _kept(services, view, "json", lambda target, options: scene(services, target, options))

    @routes.get(f"{ROOT}/<view>.png")
    def picture(view: str) -> Response:
        return _kept(services, view, "png", lambda target, options: poster(services, target, options))

    @routes.get(f"{ROOT}/<view>")
    def page(view: str) -> Response:
        """The page of a frame; what is wrong is said in the frame, with the status of the error."""
        options = Options()
        try:
            known(view)
            options, search = frame.read(_query())
            target = find(services, view, search)
            answer = view_page(target, words(services, target), options)
        except AtlasError as error:
            return _failed(error, options)
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    @routes.get("/embed/", defaults={"anything": ""})
    @routes.get("/embed/<path:anything>")
    def nothing(anything: str) -> Response:
        return error_page(
            NotFound(f"There is no /embed/{anything[:80]}.", f"Embedded views begin with {ROOT}/."), Options()
        )

    return routes


@lru_cache(maxsize=1)
def host_script() -> str:
    """The script for the pages of others, in 1,024 bytes at most: without its comments and most of its blanks."""
    lines = (line.strip() for line in (ASSETS / HOST_SCRIPT).read_text("utf-8").splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith("//"))
    return kept.replace(" = ", "=").replace(" => ", "=>") + "\n"


def _failed(error: AtlasError, options: Options) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("a request failed", path=request.path, kind=type(error).__name__, reason=error.message)
    return error_page(error, options)


def _query() -> str:
    return request.query_string.decode("utf-8", "replace")


def _kept(services: Services, view: str, form: str, make: Callable[[Target, Options], bytes]) -> Response:
    """An answer that is made only where the visitor does not have it."""
    known(view)
    options, search = frame.read(_query())
    if options.theme == "auto":
        # A picture has one ground, and a script asks for the one that it needs.
        options = options.but(theme="light")
    target = find(services, view, search)
    tag = tag_of(target, options, form)
    # The compression of an answer adds its name to the tag.
    kept = {it.partition(":")[0] for it in request.if_none_match.as_set(include_weak=True)}
    if target.lasts and tag in kept:
        answer = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        answer = Response(make(target, options), mimetype="application/json" if form == "json" else "image/png")
    answer.headers["Cache-Control"] = KEPT if target.lasts else "no-store"
    if target.lasts:
        answer.set_etag(tag)
    return answer
