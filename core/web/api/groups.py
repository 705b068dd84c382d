"""``/api/v1/datasets/<species>/<name>/dotplot`` and ``/composition``: genes and cells by category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.composition import CompositionParams
from core.analysis.dotplot import DotPlotParams
from core.genes.lists import require
from core.services.memoized import answer
from core.web.api.parameters import SELECTION, chosen_format, only, required, selection
from core.web.api.responses import respond

if TYPE_CHECKING:
    from core.services.container import Services


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("groups", __name__, url_prefix="/api/v1")
    catalog = services.catalog

    @routes.get("/datasets/<species>/<name>/dotplot")
    def dotplot(species: str, name: str) -> Response:
        only("genes", "by", "split", "layer", "format", many=SELECTION)
        text, by, split, layer = required("genes"), *(request.args.get(key, "") for key in ("by", "split", "layer"))
        form = chosen_format()
        atlas = catalog.get(f"{species}/{name}")
        listed = require(atlas.genes, text)
        params = DotPlotParams.of(atlas, listed.genes, by, split, layer, selection=selection())
        filename = f"{atlas.manifest.name}_{len(params.genes)}-genes_by_{params.by}"
        found = answer(services, atlas, params, listed=listed)
        return respond(found, found.value, "dotplot", form, filename, timing="dotplot", genes=atlas.genes)

    @routes.get("/datasets/<species>/<name>/composition")
    def cells_of_samples(species: str, name: str) -> Response:
        only("by", "sample", "format", many=SELECTION)
        form = chosen_format()
        atlas = catalog.get(f"{species}/{name}")
        params = CompositionParams.of(atlas, request.args.get("by", ""), request.args.get("sample", ""), selection())
        found = answer(services, atlas, params)
        filename = f"{atlas.manifest.name}_{params.by}_in_{params.sample}"
        return respond(found, found.value.table, "composition", form, filename, timing="composition")

    return routes
