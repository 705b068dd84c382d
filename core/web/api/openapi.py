"""``/api/v1/openapi.json``: description of the API (OpenAPI 3.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response

from core import __version__
from core.atlas.manifest import NAME_PATTERN, SPECIES
from core.selection.model import MAX_TEXT
from core.tables.columns import MEDIA as COLUMNS
from core.urls.base_path import below
from core.urls.page_queries import LIMITS
from core.web.api.operations import OPERATIONS
from core.web.api.parameters import SELECTION, json, only
from core.web.api.responses import XLSX

if TYPE_CHECKING:
    from core.services.container import Services
    from core.web.api.operations import Operation, Schema

MEDIA: Final = {"json": "application/json", "csv": "text/csv", "xlsx": XLSX, "columns": COLUMNS}
PLACEHOLDER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
DESCRIPTIONS: Final = {
    "species": "Species of the atlas",
    "name": "Name of the atlas, without its species",
    "index": "Index of a cell, counted from 0",
    "atlas": "Id of the reference atlas, such as human/liver",
    "others": "Ids of the atlases beside it, separated by commas, or none. Default: the nearest of each other species",
    "match": "Matches of cell types that are set by hand: TYPE=TYPE, separated by semicolons",
    "q": "Beginning of a name; empty for the first names",
    "limit": "Maximum number of results",
    "gene": "Gene symbol or Ensembl id, in upper or lower case",
    "genes": "List of genes with any separators, or gmt:FILE/NAME for a mounted gene set; with a comparison, among the "
    "genes that it tested",
    "layer": "Layer of the atlas; expression unless given",
    "format": "Format of the response",
    "figure": "Permalink of a figure; repeat the parameter for several figures",
    "file": "Figure and file format, such as violin.svg",
    "view": "Name of a figure",
    "width": "Width of the figure in millimetres, or the column of a journal, such as nature-1",
    "height": "Height of the figure in millimetres; chosen by the figure unless given",
    "font_size": "Font size in points",
    "dpi": "Resolution of raster images, in dots per inch",
    "theme": "Colour theme; journal has a white background without grid",
    "font": "Font names, as in CSS",
    "legend": "Position of the legend; auto leaves it out where names stand on the data",
    "title": "Show the title above the figure",
    "page": "Other parameters in the URL of the figure's page; /api/v1/figures lists them",
    "method": "Method of the computation",
    "drop_zeros": "For each pair of genes, use only the cells in which both are nonzero",
    "top": "Maximum number of rows; for markers, per category; for enrichment, per collection",
    "cell": "Name of a cell",
    "by": "Column of categories; the default column of the atlas unless given",
    "category": "Return only the rows of this category; for enrichment and activity, use the markers of this category",
    "split": "Second column of categories",
    "sample": "Column of samples; the sample column of the atlas unless given",
    "a": "First selection, as in a URL; of differences and abundance, or levels of the column that is compared",
    "b": "Second selection, or levels, likewise",
    "cell_type": "One cell type; each by itself unless given",
    "types": "Column of cell types; that of the atlas unless given",
    "pooled": "Take all cells together, whatever their type",
    "covariate": "Column with one value a sample that is adjusted for; repeat the parameter for several",
    "covariate_2": "Likewise in the second atlas",
    "paired": "Column of donors that are on both sides",
    "paired_2": "Likewise in the second atlas",
    "min_cells": "Samples with fewer cells are dropped",
    "min_counts": "Samples with fewer counts are dropped",
    "direction": "Only sets of genes that are higher (up), or of those that are lower (down)",
    "fdr": "Largest adjusted p of the genes that are counted, or listed for over-representation",
    "min_change": "Smallest |log2FC| of the genes that are counted, or listed for over-representation",
    "engine": "Test of the differences whose genes are used: limma-trend, limma-voom or DESeq2",
    "second_opinion": "Test by DESeq2 too, and tell which genes both call; needs crest-sc on the server",
    "means": "Columns mean_a and mean_b too: mean counts per million on each side",
    "collection": "Collections of gene sets, separated by commas; all, or gmt:FILE for a mounted file",
    "min_size": "Smallest set that is tested, in tested genes",
    "max_size": "Largest set that is tested, in tested genes",
    "seed": "Seed of the random sets of GSEA",
    "network": "Network of sources and targets: collectri, progeny, or one that was added",
    "model": "Each source by itself (ulm) or all together (mlm); the latter unless given for networks of few sources",
    "min_targets": "Fewest tested targets of a source that has an activity",
    "source": "Return the targets of this source of the network, also by an alias, instead of activities",
    "other": "Id of the second atlas, such as mouse/liver",
    "by_2": "Column of the second atlas; the one that corresponds unless given",
    "a_2": "Levels of the side A in the second atlas; those of the same name unless given",
    "b_2": "Levels of the side B in the second atlas, likewise",
    "cell_type_2": "Cell type of the second atlas; that of the same name unless given; several are taken together",
    "gene_2": "Ortholog in the second atlas; the only one unless given",
    "best": "Number of the best correlates that are compared",
    "min_r": "Smallest |r| of a gene that counts as a correlate",
    "quadrant": "Signs of the changes in both species",
    "reference": "Cell type to which the others are related as well",
    "where": "COLUMN=VALUE; several values of one column are combined by OR",
    "range": "COLUMN:MIN:MAX; a number between both bounds, one of which may be empty",
    "expr": "GENE:ABOVE:MAX; expression above ABOVE and at most MAX",
    "lasso": "MAP:X_Y~X_Y~X_Y; cells inside a polygon on a map",
    "exclude": "Selection whose cells are excluded, as in a URL",
}
PAGE: Final[Schema] = {
    **{"name": "page", "in": "query", "required": False, "description": DESCRIPTIONS["page"]},
    **{"style": "form", "explode": True},
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "Error with its location and remedy (RFC 9457)",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "instance", "remedy")},
        "status": {"type": "integer"},
        "suggestions": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the route."""
    routes = Blueprint("openapi", __name__, url_prefix="/api/v1")

    @routes.get("/openapi.json")
    def openapi() -> Response:
        only()
        return json(document(with_version=not services.settings.secure_mode))

    return routes


def document(*, with_version: bool = True) -> dict[str, Any]:
    """Create the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MASLDatlas",
            "description": "Single-cell atlases of the liver, with the same results as the pages of the dashboard.",
            "version": __version__ if with_version else "1",
        },
        "servers": [{"url": below("/")}],
        "paths": {path_of(operation.rule): {"get": _operation(operation)} for operation in OPERATIONS},
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "Error; 429 and 503 give the time to wait in Retry-After",
                    "headers": {
                        "Retry-After": {"schema": {"type": "integer"}, "description": "Time to wait in seconds"}
                    },
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def path_of(rule: str) -> str:
    """Convert a Flask rule to an OpenAPI path."""
    return PLACEHOLDER.sub(r"{\1}", rule)


def _operation(operation: Operation) -> dict[str, Any]:
    content = {
        MEDIA[form]: {"schema": operation.answer if form == "json" else {"type": "string"}}
        for form in operation.formats
    }
    if operation.media:
        content = {kind: {"schema": {}} for kind in operation.media}
    problem = {"$ref": "#/components/responses/Problem"}
    named = PLACEHOLDER.findall(operation.rule)
    return {
        "operationId": PLACEHOLDER.sub("", operation.rule)
        .removeprefix("/api/v1/")
        .strip("/")
        .replace("//", "")
        .replace("/", "_")
        + "".join(f"_by_{name}" for name in named),
        "summary": operation.summary,
        "parameters": [
            *(_parameter(operation, name, "path") for name in named),
            *(_parameter(operation, name, "query") for name in operation.parameters),
            *([PAGE] if operation.page else []),
        ],
        "responses": {
            "200": {"description": operation.summary, "content": content},
            **dict.fromkeys(("400", "404", "429", "default"), problem),
        },
    }


def _parameter(operation: Operation, name: str, location: str) -> dict[str, Any]:
    limit = LIMITS.get(name, MAX_TEXT)
    given = operation.own.get(name)
    if given is None:
        given = {"type": "string", "maxLength": limit}
        if name == "species":
            given = {"type": "string", "enum": list(SPECIES)}
        elif name == "name":
            given = {"type": "string", "pattern": f"^{NAME_PATTERN.pattern}$"}
        elif name == "format":
            given = {"type": "string", "enum": list(operation.formats), "default": "json"}
        elif name in operation.needs or location == "path":
            given = {"type": "string", "minLength": 1, "maxLength": limit}
    found: dict[str, Any] = {"name": name, "in": location, "description": DESCRIPTIONS[name]}
    found["required"] = location == "path" or name in operation.needs
    if operation.selects and name in SELECTION:
        return {**found, "schema": {"type": "array", "items": given}, "style": "form", "explode": True}
    return {**found, "schema": given}
