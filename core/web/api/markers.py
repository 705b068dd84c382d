"""``/api/v1/datasets/<species>/<name>/markers`` and ``.../compare``: marker genes and comparisons of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.markers import rows_of
from core.selection.model import Selection
from core.services.memoized import answer
from core.web.api.parameters import SELECTION, chosen_format, only, required, selection, whole
from core.web.api.responses import respond

if TYPE_CHECKING:
    from core.analysis.contrasts import ContrastParams
    from core.atlas.store import Atlas
    from core.services.container import Services

MAX_TOP = 10_000_000


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("markers", __name__, url_prefix="/api/v1/datasets/<species>/<name>")

    @routes.get("/markers")
    def markers(species: str, name: str) -> Response:
        only("by", "category", "top", "layer", "format", many=SELECTION)
        atlas = services.catalog.get(f"{species}/{name}")
        params = MarkersParams.of(atlas, request.args.get("by", ""), request.args.get("layer", ""), selection())
        return _answer(services, atlas, params, f"{name}_markers_{params.by}")

    @routes.get("/compare")
    def compare(species: str, name: str) -> Response:
        only("a", "b", "category", "top", "layer", "format")
        atlas = services.catalog.get(f"{species}/{name}")
        a, b = (Selection.from_text(required(which)) for which in ("a", "b"))
        return _answer(
            services, atlas, ComparisonParams.of(atlas, a, b, request.args.get("layer", "")), f"{name}_A_against_B"
        )

    return routes


def _answer(services: Services, atlas: Atlas, params: ContrastParams, filename: str) -> Response:
    category, top, form = (
        request.args.get("category", ""),
        whole("top", 0, 1, MAX_TOP),
        chosen_format("xlsx", "columns"),
    )
    groups = params.groups(atlas)
    found = answer(services, atlas, params)
    table = rows_of(found.value, groups, category, top or None)
    return respond(found, table, "markers", form, filename, timing="markers", genes=atlas.genes)
