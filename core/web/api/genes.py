"""``/api/v1/genes``: genes of all atlases, and the expression of one gene across atlases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from flask import Blueprint, Response, request

from core.analysis.gene_across_atlases import GeneParams, find, labelled, search
from core.analysis.provenance import of_atlas
from core.genes.aliases import explained
from core.services.memoized import answer
from core.web.api.parameters import chosen_format, json, only, whole
from core.web.api.responses import table_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.services.container import Services

MAX_GENES = 200


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("genes", __name__, url_prefix="/api/v1/genes")

    @routes.get("")
    def genes() -> Response:
        only("q", "limit")
        limit = whole("limit", 20, 1, MAX_GENES)
        found = search(services.catalog, request.args.get("q", ""), limit, services.orthologs.names)
        return json({"genes": [{"gene": gene, "datasets": ids} for gene, ids in found.items()]})

    # A gene symbol may contain a slash.
    @routes.get("/<path:gene>/atlases")
    def atlases(gene: str) -> Response:
        only("format")
        form = chosen_format()
        present, missing = find(services.catalog, services.orthologs, gene)
        tables = [labelled(match, answer(services, match.atlas, GeneParams(match.gene)).value) for match in present]
        provenance = {
            "gene": gene,
            **alias_note(gene, [match.gene for match in present], services),
            "datasets": [of_atlas(match.atlas.manifest) for match in present],
            "simulated": any(match.atlas.manifest.simulated for match in present),
            "missing": [{"dataset": absent.manifest.id, "why": absent.why} for absent in missing],
        }
        return table_response(pa.concat_tables(tables), provenance, "atlases", form, f"{gene}_by_atlas")

    return routes


def alias_note(gene: str, present: Sequence[str], services: Services) -> dict[str, object]:
    """Say of which gene a name is an alias, where no atlas has a gene of that name."""
    said = explained(gene, services.orthologs.names) if gene not in present else ""
    return {"aliases": [said]} if said else {}
