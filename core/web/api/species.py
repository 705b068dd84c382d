"""``/api/v1/species/...``: orthologs and paralogs of a gene, matching cell types, and the dot plot across species."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.errors import InvalidQuery
from core.genes.ortholog_table import SPECIES
from core.selection.model import Selection
from core.services.gene_family import family_table
from core.urls.page_queries import SpeciesQuery
from core.views.species import tables
from core.web.api.parameters import chosen_format, only, required
from core.web.api.responses import table_response

if TYPE_CHECKING:
    from core.services.container import Services


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the routes."""
    routes = Blueprint("species", __name__, url_prefix="/api/v1/species")

    @routes.get("/orthologs")
    def orthologs() -> Response:
        only("gene", "species", "format")
        form = chosen_format("xlsx")
        species = request.args.get("species", "")
        if species not in ("", *SPECIES):
            raise InvalidQuery(f"There are no orthologs of {species[:40]!r}.", f"Use one of {', '.join(SPECIES)}.")
        table, provenance = family_table(services, required("gene"), species)
        return table_response(table, provenance, "genes", form, f"{provenance['gene']}_family")

    @routes.get("/types")
    def types() -> Response:
        only("atlas", "others", "match", "format")
        form = chosen_format("xlsx")
        table, provenance = tables.types(services, _query("atlas", "others", "match"))
        return table_response(table, provenance, "types", form, "matching_cell_types")

    @routes.get("/dotplot")
    def dotplot() -> Response:
        only("atlas", "others", "gene", "species", "genes", "match", "format")
        form = chosen_format("xlsx")
        query = _query("atlas", "others", "gene", "species", "genes", "match")
        if not query.gene and not query.genes.strip():
            required("gene")
        table, provenance = tables.dotplot(services, query)
        return table_response(table, provenance, "dotplot", form, "across_species")

    return routes


def _query(*names: str) -> SpeciesQuery:
    required("atlas")
    return SpeciesQuery.of({name: request.args.get(name, "") for name in names}, Selection())
