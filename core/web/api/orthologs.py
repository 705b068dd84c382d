"""``/api/v1/orthologs``: orthologs of a gene, and ``/api/v1/references``: the reference data of this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from core.errors import NotFound
from core.genes.ortholog_table import SPECIES
from core.genes.reference_store import references as installed
from core.services.orthologs import orthologs_of
from core.web.api.parameters import chosen_format, json, only
from core.web.api.responses import table_response

if TYPE_CHECKING:
    from core.services.container import Services


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("orthologs", __name__, url_prefix="/api/v1")

    # A gene symbol may contain a slash.
    @routes.get("/orthologs/<species>/<path:gene>")
    def orthologs(species: str, gene: str) -> Response:
        only("format")
        form = chosen_format()
        if species not in SPECIES:
            raise NotFound(f"There are no orthologs of {species[:40]!r}.", f"Use one of {', '.join(SPECIES)}.")
        table, provenance, _ = orthologs_of(services, gene, species)
        return table_response(table, provenance, "orthologs", form, f"{provenance['gene']}_orthologs")

    @routes.get("/references")
    def references() -> Response:
        only()
        found = installed(services.settings.data_dir).values()
        return json({"references": [{"kind": each.kind, **each.provenance()} for each in found]})

    return routes
