"""``/api/v1/figures``: the figures of the pages as files for papers, one of them or several as a zip."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, request

from core import __version__
from core.analysis.gene_set_scores import MOUNTED
from core.errors import AtlasError, InvalidQuery, NotFound
from core.export.browser_queue import Gone
from core.export.eps import converter
from core.export.exporter import Desk, RenderRequest
from core.export.fonts import installed
from core.export.formats import FORMS, MEDIA
from core.figures.print_style import FONT_SIZES, HEIGHTS, LEGENDS, PARAMETERS, RESOLUTIONS, THEMES, WIDTHS, Look
from core.settings.settings import browser
from core.urls.figure_specs import FIGURES
from core.urls.permalinks import OWN
from core.web.api.parameters import SELECTION, attachment, json, only

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.services.container import Services

# Beside its parameters, a page keeps the part of a map that is shown in its address.
ZOOM = "zoom"
HUNG_UP = 499


def blueprint(services: Services, desk: Desk | None = None) -> Blueprint:
    """The routes, all GET.

    Parameters
    ----------
    desk : where figures are drawn; by default one of their own
    """
    routes = Blueprint("figures", __name__, url_prefix="/api/v1")
    drawing = desk or Desk(services)

    @routes.get("/figures")
    def figures() -> Response:
        only()
        return json(
            {
                "figures": [
                    {
                        "figure": spec.name,
                        "page": spec.path,
                        "panels": spec.panels,
                        "words": spec.description,
                        "parameters": _known(spec.name),
                    }
                    for spec in FIGURES.values()
                ],
                "forms": [form for form in FORMS if form != "eps" or converter()],
                "browser": browser() is not None,
                "fonts": installed(),
                "themes": list(THEMES),
                "legends": LEGENDS,
                "width_mm": WIDTHS,
                "height_mm": HEIGHTS,
                "font_size_pt": FONT_SIZES,
                "dpi": RESOLUTIONS,
            }
        )

    @routes.get("/figures/<file>")
    def figure(file: str) -> Response:
        view, _, form = file.rpartition(".")
        _check(view or form)
        if form not in FORMS or not view:
            raise InvalidQuery(
                f"There is no format {form[:40] if view else ''!r}.", f"Write {view or form}.{FORMS[0]}, {_or(FORMS)}."
            )
        asked = _asked(view)
        tag = _tag(services, file)
        if tag and request.if_none_match.contains(tag):
            return _cached(Response(status=HTTPStatus.NOT_MODIFIED), tag)
        return _or_gone(lambda: _file(drawing, asked, form, tag))

    @routes.get("/figures/<view>/about")
    def about(view: str) -> Response:
        _check(view)
        return json(drawing.about(_asked(view)))

    @routes.get("/figures.zip")
    def bundle() -> Response:
        only(*PARAMETERS, many=("figure",))
        links = request.args.getlist("figure")
        if not links:
            raise InvalidQuery("The parameter 'figure' is missing.", "Add figure=… with a permalink for each figure.")
        given = request.args.to_dict()
        asked = [_of_link(link, given) for link in links]

        def made() -> Response:
            answer = Response(drawing.zip(asked, _gone()), mimetype=MEDIA["zip"])
            answer.headers["Content-Disposition"] = attachment("figures.zip")
            return answer

        return _or_gone(made)

    return routes


def _check(view: str) -> None:
    if view not in FIGURES:
        raise NotFound(f"There is no figure {view[:40]!r}.", f"There are {', '.join(FIGURES)}.")


def _or(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[1:-1])} or {names[-1]}"


def _known(view: str) -> tuple[str, ...]:
    """The parameters that the address of a figure takes."""
    return *PARAMETERS, *OWN, *FIGURES[view].query.NAMES, ZOOM, *SELECTION


def _asked(view: str) -> RenderRequest:
    """The figure that the address of this request means."""
    only(*(name for name in _known(view) if name not in SELECTION), many=SELECTION)
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in PARAMETERS]
    return RenderRequest(f"{FIGURES[view].path}?{urlencode(pairs)}", Look.read(request.args), view)


def _of_link(link: str, given: dict[str, str]) -> RenderRequest:
    """A figure of several: its link may hold a look of its own, beside which the address has one for all."""
    try:
        own = dict(parse_qsl(urlsplit(link).query))
    except ValueError as error:
        raise InvalidQuery(f"{link[:80]!r} is not a link.", "Copy it anew.") from error
    return RenderRequest(link, Look.read(given | own))


def _file(desk: Desk, asked: RenderRequest, form: str, tag: str) -> Response:
    made = desk.file(asked, form, _gone())
    answer = Response(made.content, mimetype=MEDIA[form])
    answer.headers["Content-Disposition"] = attachment(f"{made.name}.{form}")
    return _cached(answer, tag)


def _cached(answer: Response, tag: str) -> Response:
    """Whoever has the file asks whether it is still the same; nobody else keeps it."""
    answer.headers["Cache-Control"] = "private, no-cache"
    if tag:
        answer.set_etag(tag)
    return answer


def _tag(services: Services, name: str) -> str:
    """What changes with the file: the address, the program, and the content of the atlas.

    Empty where that cannot be told: without an atlas, or for a gene set in a file of the server's.
    """
    if any(MOUNTED in text for text in request.args.values()):
        return ""
    try:
        content = services.catalog.manifest(request.args.get("atlas", "")).content_hash
    except AtlasError:
        # Drawing it says what is wrong with the atlas.
        return ""
    pairs = sorted(request.args.items(multi=True))
    return sha256(repr((__version__, name, content, pairs)).encode()).hexdigest()[:32]


def _gone() -> Callable[[], bool] | None:
    """What tells whether the client of this request has hung up, as Waitress knows it; None on other servers."""
    return request.environ.get("waitress.client_disconnected")


def _or_gone(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except Gone:
        # Nobody reads it.
        return Response(status=HUNG_UP)
