"""``/api/v1/datasets/<species>/<name>/correlations``: correlations of one gene with all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.correlation import CorrelationParams
from core.services.memoized import answer
from core.web.api.parameters import SELECTION, chosen_format, flag, only, required, selection, whole
from core.web.api.responses import respond

if TYPE_CHECKING:
    from core.services.container import Services

MAX_TOP = 10_000_000


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the route."""
    routes = Blueprint("correlations", __name__, url_prefix="/api/v1")

    @routes.get("/datasets/<species>/<name>/correlations")
    def correlations(species: str, name: str) -> Response:
        only("gene", "method", "drop_zeros", "layer", "top", "format", many=SELECTION)
        atlas = services.catalog.get(f"{species}/{name}")
        params = CorrelationParams.of(
            atlas,
            required("gene"),
            request.args.get("method", ""),
            request.args.get("layer", ""),
            drop_zeros=flag("drop_zeros"),
            selection=selection(),
        )
        top, form = whole("top", 0, 1, MAX_TOP) or None, chosen_format("columns")
        found = answer(services, atlas, params)
        filename = f"{atlas.manifest.name}_{params.gene}_{params.method}"
        table = found.value.slice(0, top)
        return respond(found, table, "correlations", form, filename, timing="correlation", genes=atlas.genes)

    return routes
