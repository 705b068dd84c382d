"""``/api/v1/datasets/<species>/<name>/differences`` and ``/abundance``: comparisons of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.abundance import AbundanceParams
from core.analysis.design import MIN_CELLS, MIN_COUNTS, DesignParams
from core.analysis.differences import DifferencesParams, without_means
from core.analysis.differences_overview import FDR, MIN_CHANGE, OverviewParams
from core.analysis.sides import Sides
from core.compute.abandonment import client_gone
from core.compute.watch import Watch, watching
from core.services.memoized import answer
from core.web.api.parameters import SELECTION, chosen_format, flag, only, real, selection, whole
from core.web.api.responses import respond

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services

# Parameters that may be repeated.
REPEATED = ("a", "b", "covariate")
DESIGN = ("by", "sample", "paired", "min_cells")
TYPES = ("cell_type", "types", "pooled", "method", "min_counts")
SECOND = "second_opinion"
MEANS = "means"
LARGEST = 1_000_000_000
LARGEST_CHANGE = 100.0


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the three routes."""
    routes = Blueprint("differences", __name__, url_prefix="/api/v1/datasets/<species>/<name>")

    @routes.get("/differences")
    def differences(species: str, name: str) -> Response:
        only(*DESIGN, *TYPES, SECOND, MEANS, "format", many=(*REPEATED, *SELECTION))
        form, atlas = chosen_format("xlsx", "columns"), services.catalog.get(f"{species}/{name}")
        params, means = differences_params(atlas, _text("method"), second_opinion=flag(SECOND)), flag(MEANS)
        with watching(Watch(is_gone=client_gone.get())):
            found = answer(services, atlas, params)
        table = found.value if means else without_means(found.value)
        filename = f"{name}_differences_{params.cell_type or 'all'}"
        return respond(found, table, "differences", form, filename, timing="differences", genes=atlas.genes)

    @routes.get("/differences/overview")
    def overview(species: str, name: str) -> Response:
        only(*DESIGN, *TYPES, SECOND, "fdr", "min_change", "format", many=(*REPEATED, *SELECTION))
        form, atlas = chosen_format("xlsx", "columns"), services.catalog.get(f"{species}/{name}")
        fdr, change = real("fdr", FDR, 0, 1), real("min_change", MIN_CHANGE, 0, LARGEST_CHANGE)
        params = differences_params(atlas, _text("method"), second_opinion=flag(SECOND))
        with watching(Watch(is_gone=client_gone.get())):
            found = answer(services, atlas, OverviewParams(params, fdr, change))
        return respond(found, found.value, "overview", form, f"{name}_differences_overview", timing="differences")

    @routes.get("/abundance")
    def abundance(species: str, name: str) -> Response:
        only(*DESIGN, "types", "reference", "format", many=(*REPEATED, *SELECTION))
        form, atlas = chosen_format("xlsx", "columns"), services.catalog.get(f"{species}/{name}")
        params = AbundanceParams.of(atlas, _design(atlas, 0), _text("types"), _text("reference"))
        found = answer(services, atlas, params)
        return respond(found, found.value, "abundance", form, f"{name}_abundance", timing="abundance")

    return routes


def differences_params(atlas: Atlas, engine: str, *, second_opinion: bool = False) -> DifferencesParams:
    """Read the parameters of differences from the request, but for the engine."""
    design = _design(atlas, whole("min_counts", MIN_COUNTS, 0, LARGEST))
    return DifferencesParams.of(
        atlas,
        design,
        _text("cell_type"),
        _text("types"),
        engine,
        pooled=flag("pooled"),
        second_opinion=second_opinion,
    )


def _design(atlas: Atlas, min_counts: int) -> DesignParams:
    sides = Sides.of(atlas, _text("by"), *(request.args.getlist(side) for side in ("a", "b")))
    return DesignParams.of(
        atlas,
        sides,
        sample=_text("sample"),
        covariates=request.args.getlist("covariate"),
        paired=_text("paired"),
        selection=selection(),
        min_cells=whole("min_cells", MIN_CELLS, 1, LARGEST),
        min_counts=min_counts,
    )


def _text(name: str) -> str:
    return request.args.get(name, "")
