"""``/api/v1/figures``: figures of the pages as files for publications, one by one or several in a zip."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import Blueprint, Response, request

from core import __version__
from core.analysis.gene_set_scores import MOUNTED
from core.compute.abandonment import client_gone
from core.errors import AtlasError, InvalidQuery, NotFound
from core.export.eps import converter
from core.export.exporter import Exporter, RenderRequest
from core.export.fonts import embedded, installed
from core.export.formats import FORMS, MEDIA
from core.figures.paper_sizes import JOURNALS, MAX_HEIGHT
from core.figures.print_style import FONT_SIZES, HEIGHTS, LEGENDS, PARAMETERS, RESOLUTIONS, THEMES, WIDTHS, Look
from core.settings.settings import browser
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import SpeciesQuery
from core.urls.permalinks import OWN
from core.views.species.state import content_beside
from core.web.api.parameters import SELECTION, attachment, json, only

if TYPE_CHECKING:
    from core.services.container import Services

# Parameter of a page for the visible part of a map.
ZOOM = "zoom"
# Header of a file with what its reader should know, percent-encoded: the figure is too high for a page, for example.
NOTES = "X-Figure-Notes"


def blueprint(services: Services, exporter: Exporter | None = None) -> Blueprint:
    """Create the blueprint of all routes.

    Parameters
    ----------
    services : of the application
    exporter : renders the figures; a new one unless given
    """
    routes = Blueprint("figures", __name__, url_prefix="/api/v1")
    export = exporter or Exporter(services)

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
                        "parameters": _parameters(spec.name),
                    }
                    for spec in FIGURES.values()
                ],
                "forms": [form for form in FORMS if form != "eps" or converter()],
                "browser": browser() is not None,
                "fonts": installed(),
                "embedded_font": embedded(),
                "themes": list(THEMES),
                "legends": LEGENDS,
                "width_mm": WIDTHS,
                "journals_mm": dict(JOURNALS),
                "journal_height_mm": MAX_HEIGHT,
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
                f"Unknown format {form[:40] if view else ''!r}.", f"Write {view or form}.{FORMS[0]}, {_or(FORMS)}."
            )
        wanted = _request_of(view)
        tag = _tag(services, file)
        if tag and request.if_none_match.contains(tag):
            return _cached(Response(status=HTTPStatus.NOT_MODIFIED), tag)
        return _file(export, wanted, form, tag)

    @routes.get("/figures/<view>/about")
    def about(view: str) -> Response:
        _check(view)
        return json(export.about(_request_of(view)))

    @routes.get("/figures.zip")
    def bundle() -> Response:
        only(*PARAMETERS, many=("figure",))
        links = request.args.getlist("figure")
        if not all(links):
            raise InvalidQuery("One of the parameters 'figure' is empty.", "Give a permalink in each.")
        if not links:
            raise InvalidQuery("The parameter 'figure' is missing.", "Add figure=… with a permalink for each figure.")
        given = request.args.to_dict()
        wanted = [_of_link(link, given) for link in links]
        response = Response(export.zip(wanted, client_gone.get()), mimetype=MEDIA["zip"])
        response.headers["Content-Disposition"] = attachment("figures.zip")
        return response

    return routes


def _check(view: str) -> None:
    if view not in FIGURES:
        raise NotFound(f"There is no figure {view[:40]!r}.", f"Use one of {', '.join(FIGURES)}.")


def _or(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[1:-1])} or {names[-1]}"


def _parameters(view: str) -> tuple[str, ...]:
    """Return the parameters of a figure."""
    return *PARAMETERS, *OWN, *FIGURES[view].query.NAMES, ZOOM, *SELECTION


def _request_of(view: str) -> RenderRequest:
    """Read the figure to render from the URL of this request."""
    only(*(name for name in _parameters(view) if name not in SELECTION), many=SELECTION)
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in PARAMETERS]
    return RenderRequest(f"{FIGURES[view].path}?{urlencode(pairs)}", Look.read(request.args), view)


def _of_link(link: str, given: dict[str, str]) -> RenderRequest:
    """Read one of several figures; print options in its link override those of the request."""
    try:
        own = dict(parse_qsl(urlsplit(link).query))
    except ValueError as error:
        raise InvalidQuery(f"{link[:80]!r} is not a link.", "Copy the permalink again.") from error
    return RenderRequest(link, Look.read(given | own))


def _file(export: Exporter, wanted: RenderRequest, form: str, tag: str) -> Response:
    file = export.file(wanted, form, client_gone.get())
    response = Response(file.content, mimetype=MEDIA[form])
    response.headers["Content-Disposition"] = attachment(f"{file.name}.{form}")
    if file.notes:
        # Headers are ASCII; names of genes and columns may not be.
        response.headers[NOTES] = quote(" ".join(file.notes), safe=" ,.;:()'-=/")
    return _cached(response, tag)


def _cached(response: Response, tag: str) -> Response:
    """Let the client cache the file and revalidate it; shared caches must not store it."""
    response.headers["Cache-Control"] = "private, no-cache"
    if tag:
        response.set_etag(tag)
    return response


def _tag(services: Services, name: str) -> str:
    """Return the ETag of a file: a hash of its URL, the version of the program and the content of its atlases.

    The ETag is empty without an atlas, and for a mounted gene set, whose file may change.
    """
    if any(MOUNTED in text for text in request.args.values()):
        return ""
    try:
        atlas = request.args.get("atlas", "")
        content = services.catalog.manifest(atlas).content_hash
        if FIGURES[name.rpartition(".")[0]].query is SpeciesQuery:
            content += content_beside(services, atlas, request.args.get("others", ""))
    except AtlasError:
        # Rendering reports the error of the atlas.
        return ""
    pairs = sorted(request.args.items(multi=True))
    return sha256(repr((__version__, name, content, pairs)).encode()).hexdigest()[:32]
