"""``/api/v1/datasets/<species>/<name>/type_auroc``, ``/concordance`` and ``/conserved_correlates``: two atlases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from flask import Blueprint, Response, request

from core.analysis.concordance import FDR, MIN_CHANGE, MOST_CHANGE, ConcordanceParams
from core.analysis.conserved_correlates import BEST, MIN_R, MOST_BEST
from core.analysis.enrichment import MAX_SIZE, MIN_SIZE, EnrichmentOptions, best
from core.analysis.gene_sources import QuadrantSource
from core.analysis.matched_contrast import matched_sides, of_types
from core.analysis.set_collections import named
from core.analysis.sides import Sides
from core.analysis.type_auroc import TypeAurocParams
from core.services.between_species import conserved_params, described, of_cell_types
from core.services.match_verdicts import judged, with_verdict
from core.services.meaning import enrichment_params
from core.services.memoized import answer
from core.web.api.parameters import chosen_format, only, real, required, whole
from core.web.api.responses import respond

if TYPE_CHECKING:
    import pyarrow as pa

    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.services.memoized import Answer

AUROC: Final = ("other", "by", "by_2")
REPEATED: Final = ("a", "b", "a_2", "b_2", "cell_type", "cell_type_2", "covariate", "covariate_2")
CONCORDANCE: Final = ("other", "by", "by_2", "paired", "paired_2", "method", "fdr", "min_change")
ENRICHMENT: Final = (*CONCORDANCE, "quadrant", "collection", "min_size", "max_size", "top")
CONSERVED: Final = ("other", "gene", "gene_2", "method", "best", "min_r")
OF_CELLS: Final = ("cell_type", "cell_type_2")
LARGEST: Final = 1_000_000


class Design(TypedDict):
    """Columns that are adjusted for, and the one that pairs."""

    covariates: list[str]
    paired: str


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the four routes."""
    routes = Blueprint("between_species", __name__, url_prefix="/api/v1/datasets/<species>/<name>")

    def atlases(species: str, name: str) -> tuple[Atlas, Atlas]:
        return services.catalog.get(f"{species}/{name}"), services.catalog.get(required("other"))

    def concordance_params(first: Atlas, second: Atlas) -> ConcordanceParams:
        sides = Sides.of(first, _text("by"), *(request.args.getlist(side) for side in ("a", "b")))
        other = matched_sides(sides, second, _text("by_2"), *(request.args.getlist(side) for side in ("a_2", "b_2")))
        types = request.args.getlist("cell_type")
        types_2 = _types_2(types)
        return ConcordanceParams.of(
            described(services, first, second),
            of_types(first, sides, types, engine=_text("method"), **_design("")),
            of_types(second, other, types_2, engine=_text("method"), **_design("_2")),
            real("fdr", FDR, 0, 1),
            real("min_change", MIN_CHANGE, 0, MOST_CHANGE),
        )

    def marked(found: Answer[pa.Table], first: Atlas, second: Atlas) -> Answer[pa.Table]:
        """Say how alike the cell types of the request are."""
        types = request.args.getlist("cell_type")
        return with_verdict(found, judged(services, first, second, types, _types_2(types)))

    @routes.get("/type_auroc")
    def type_auroc(species: str, name: str) -> Response:
        only(*AUROC, "format")
        form, (first, second) = chosen_format("xlsx", "columns"), atlases(species, name)
        params = TypeAurocParams.of(first, second, described(services, first, second), _text("by"), _text("by_2"))
        found = answer(services, first, params)
        return respond(found, found.value, "pairs", form, f"{name}_type_auroc", timing="type_auroc")

    @routes.get("/concordance")
    def concordance(species: str, name: str) -> Response:
        only(*CONCORDANCE, "format", many=REPEATED)
        form, (first, second) = chosen_format("xlsx", "columns"), atlases(species, name)
        found = marked(answer(services, first, concordance_params(first, second)), first, second)
        return respond(
            found, found.value, "genes", form, f"{name}_concordance", timing="concordance", genes=first.genes
        )

    @routes.get("/concordance/enrichment")
    def enrichment(species: str, name: str) -> Response:
        only(*ENRICHMENT, "format", many=REPEATED)
        form, quadrant, top = chosen_format("xlsx", "columns"), required("quadrant"), whole("top", 0, 1, LARGEST)
        first, second = atlases(species, name)
        source = QuadrantSource.of(concordance_params(first, second), quadrant)
        sizes = {
            "min_size": whole("min_size", MIN_SIZE, 1, LARGEST),
            "max_size": whole("max_size", MAX_SIZE, 1, LARGEST),
        }
        options = EnrichmentOptions.of("ora", **sizes)
        params = enrichment_params(services, first, source, named(_text("collection")), options)
        found = marked(answer(services, first, params), first, second)
        rows = best(found.value, top)
        return respond(found, rows, "enrichment", form, f"{name}_concordance_enrichment", timing="enrichment")

    @routes.get("/conserved_correlates")
    def conserved(species: str, name: str) -> Response:
        only(*CONSERVED, "format", many=OF_CELLS)
        form, gene = chosen_format("xlsx", "columns"), required("gene")
        first, second = atlases(species, name)
        types = request.args.getlist("cell_type")
        params = conserved_params(
            services,
            (first, second),
            gene,
            _text("gene_2"),
            method=_text("method"),
            cells=(of_cell_types(first, types), of_cell_types(second, _types_2(types))),
            best=whole("best", BEST, 1, MOST_BEST),
            min_r=real("min_r", MIN_R, 0, 1),
        )
        found = marked(answer(services, first, params), first, second)
        filename = f"{name}_{params.correlation.gene}_conserved_correlates"
        return respond(found, found.value, "genes", form, filename, timing="conserved", genes=first.genes)

    return routes


def _types_2(types: list[str]) -> list[str]:
    """Cell types of the second atlas: those of the same names unless given."""
    return request.args.getlist("cell_type_2") or types


def _design(end: str) -> Design:
    return {"covariates": request.args.getlist(f"covariate{end}"), "paired": _text(f"paired{end}")}


def _text(name: str) -> str:
    return request.args.get(name, "")
