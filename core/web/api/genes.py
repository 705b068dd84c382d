"""``/api/v1/genes``: genes of all atlases, and where one is expressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from flask import Blueprint, Response, request

from core.analysis.gene_across_atlases import GeneParams, find, labelled, search
from core.analysis.provenance import of_atlas
from core.services.memoized import answer
from core.web.api.parameters import chosen_format, json, only, whole
from core.web.api.responses import table_response

if TYPE_CHECKING:
    from core.services.container import Services

MAX_GENES = 200


def blueprint(services: Services) -> Blueprint:
    """The routes, both GET."""
    routes = Blueprint("genes", __name__, url_prefix="/api/v1/genes")

    @routes.get("")
    def genes() -> Response:
        only("q", "limit")
        found = search(services.catalog, request.args.get("q", ""), whole("limit", 20, 1, MAX_GENES))
        return json({"genes": [{"gene": gene, "datasets": ids} for gene, ids in found.items()]})

    # A symbol may hold a slash.
    @routes.get("/<path:gene>/atlases")
    def atlases(gene: str) -> Response:
        only("format")
        form = chosen_format()
        here, missing = find(services.catalog, services.orthologs, gene)
        tables = [labelled(it, answer(services, it.atlas, GeneParams(it.gene)).value) for it in here]
        facts = {
            "gene": gene,
            "datasets": [of_atlas(it.atlas.manifest) for it in here],
            "simulated": any(it.atlas.manifest.simulated for it in here),
            "missing": [{"dataset": it.manifest.id, "why": it.why} for it in missing],
        }
        return table_response(pa.concat_tables(tables), facts, "atlases", form, f"{gene}_by_atlas")

    return routes
