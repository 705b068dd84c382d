"""``/api/v1/datasets/<species>/<name>/score``: a gene set in each cell; ``/api/v1/genesets``: the mounted sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.gene_set_scores import MOUNTED, ScoreParams, expanded, table
from core.genes.lists import require
from core.services.memoized import answer
from core.web.api.parameters import SELECTION, chosen_format, json, only, required, selection, whole
from core.web.api.responses import respond

if TYPE_CHECKING:
    from core.services.container import Services

MAX_SETS = 1_000


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("scores", __name__, url_prefix="/api/v1")

    @routes.get("/datasets/<species>/<name>/score")
    def score(species: str, name: str) -> Response:
        only("genes", "method", "layer", "format", many=SELECTION)
        text, form, cells = required("genes"), chosen_format(), selection()
        atlas = services.catalog.get(f"{species}/{name}")
        listed = require(atlas.genes, expanded(services.gene_sets, text))
        params = ScoreParams.of(atlas, listed.genes, request.args.get("method", ""), request.args.get("layer", ""))
        found = answer(services, atlas, params, listed=listed, cells=cells)
        rows = table(atlas, found.value["score"].to_numpy(), cells)
        filename = f"{atlas.manifest.name}_{len(params.genes)}-genes_{params.method}"
        return respond(found, rows, "scores", form, filename, timing="score")

    @routes.get("/genesets")
    def gene_sets() -> Response:
        only("q", "limit")
        library = services.gene_sets
        found = library.search(request.args.get("q", ""), whole("limit", 20, 1, MAX_SETS))
        sets = [
            {
                "genes": f"{MOUNTED}{gene_set.key}",
                "name": gene_set.name,
                "file": gene_set.file,
                "n_genes": len(gene_set.genes),
            }
            for gene_set in found
        ]
        return json({"n_sets": len(library.all()), "sets": sets, "problems": library.problems()})

    return routes
