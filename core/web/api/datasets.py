"""``/api/v1/datasets``: the catalogue, one atlas, its genes, and the expression of one gene."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, stream_with_context

from core.analysis.expression import expression_of
from core.analysis.provenance import of_cells
from core.errors import NotFound
from core.genes import aliases
from core.selection.model import Selection
from core.services.provenance import of_link
from core.tables.text import csv_comments, csv_line
from core.urls.page_queries import ExploreQuery
from core.web.api.parameters import aliases_of, attachment, chosen_format, json, only, required, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.arrays import Floats
    from core.atlas.manifest import Manifest
    from core.services.container import Services

MAX_GENES = 1_000
ROWS_AT_ONCE = 20_000


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of all routes."""
    routes = Blueprint("datasets", __name__, url_prefix="/api")
    catalog = services.catalog

    @routes.get("/v1/datasets")
    def datasets() -> Response:
        only()
        imports = catalog.imports()
        return json(
            {
                "datasets": [describe(manifest) for manifest in catalog.manifests()],
                "imports": [
                    state.model_dump(include={"id", "phase", "title", "fraction", "step"})
                    for state in imports
                    if state.phase != "failed"
                ],
                # Names and reasons are for the operator: they may hold paths.
                "n_failed": sum(state.phase == "failed" for state in imports),
                "n_broken": len(catalog.broken()),
            }
        )

    @routes.get("/v1/datasets/<species>/<name>")
    def dataset(species: str, name: str) -> Response:
        only()
        manifest = catalog.manifest(f"{species}/{name}")
        details = manifest.model_dump(mode="json", exclude={"files": True, "source": {"mtime_ns"}})
        return json({**describe(manifest), **details})

    @routes.get("/v1/datasets/<species>/<name>/genes")
    def genes(species: str, name: str) -> Response:
        only("q", "limit")
        atlas = catalog.get(f"{species}/{name}")
        index, text, limit = atlas.genes, request.args.get("q", ""), whole("limit", 20, 1, MAX_GENES)
        other = index.other_name(text)
        meant = (*(other.genes if other else ()), *aliases.here(atlas, text, services.orthologs))
        known = [index.resolve(gene, other=False) for gene in meant]
        found = list(dict.fromkeys((*known, *index.search(text, limit))))[:limit]
        return json(
            {"n_genes": len(index), "genes": [{"gene": index.names[at], "gene_id": index.ids[at]} for at in found]}
        )

    @routes.get("/v1/datasets/<species>/<name>/expression")
    def expression(species: str, name: str) -> Response:
        only("gene", "layer", "format")
        gene, layer, form = required("gene"), request.args.get("layer", ""), chosen_format()
        atlas = catalog.get(f"{species}/{name}")
        found = expression_of(atlas, gene, layer)
        query = ExploreQuery(atlas=atlas.id, gene=found.gene, layer=found.layer)
        provenance = {
            **of_cells(atlas, Selection()),
            "gene": found.gene,
            "gene_id": found.gene_id,
            **aliases_of(atlas.genes),
            "layer": found.layer,
            "unit": found.unit,
            "n_expressing": int((found.values > 0).sum()),
            **of_link("embedding", query, atlas, panel=2),
        }
        if form == "csv":
            filename = f"{atlas.manifest.name}_{found.gene}_{found.layer}.csv"
            return _csv(provenance, ("cell", "expression"), _rows(atlas.cells(), found.values), filename)
        return json({**provenance, "cells": atlas.cells(), "expression": found.values})

    # Dash would answer any other URL below /api with a page.
    @routes.get("/", defaults={"anything": ""})
    @routes.get("/<path:anything>")
    def nothing(anything: str) -> Response:
        raise NotFound(f"There is no /api/{anything[:80]}.", "Begin at /api/v1/datasets.")

    return routes


def describe(manifest: Manifest) -> dict[str, object]:
    """Summarize an atlas: title, citation, numbers of cells and genes, layers and embeddings."""
    return {
        "id": manifest.id,
        "species": manifest.species,
        "name": manifest.name,
        "title": manifest.title,
        "citation": manifest.citation,
        "simulated": manifest.simulated,
        "n_cells": manifest.n_cells,
        "n_source_cells": manifest.subset.n_source_cells if manifest.subset else manifest.n_cells,
        "n_genes": manifest.n_genes,
        "roles": manifest.roles,
        "layers": [layer.name for layer in manifest.layers],
        "embeddings": [embedding.key for embedding in manifest.embeddings],
        "bytes": manifest.bytes,
        "content_hash": manifest.content_hash,
    }


def _rows(cells: Sequence[str], values: Floats) -> Iterator[tuple[str, str]]:
    # repr of a float32 is the shortest text that reads back as the same value.
    return ((cell, str(value)) for cell, value in zip(cells, values, strict=True))


def _csv(
    provenance: Mapping[str, object], header: tuple[str, ...], rows: Iterator[tuple[str, ...]], filename: str
) -> Response:
    """Stream a table below its provenance as CSV.

    Names are written unchanged, even ``=1+1``, so that programs find the cells of the atlas by the names in the file. A
    spreadsheet program may interpret such a name as a formula.
    """

    def lines() -> Iterator[str]:
        yield csv_comments(provenance)
        yield csv_line(header)
        while lines_at_once := "".join(map(csv_line, islice(rows, ROWS_AT_ONCE))):
            yield lines_at_once

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = attachment(filename)
    return response
