"""``/api/v1/openapi.json``: what the API offers, for programs (OpenAPI 3.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response

from core import __version__
from core.atlas.manifest import NAME_PATTERN, SPECIES
from core.selection.model import MAX_TEXT
from core.urls.page_queries import LIMITS
from core.web.api.operations import OPERATIONS
from core.web.api.parameters import SELECTION, json, only
from core.web.api.responses import XLSX

if TYPE_CHECKING:
    from core.services.container import Services
    from core.web.api.operations import Operation, Schema

MEDIA: Final = {"json": "application/json", "csv": "text/csv", "xlsx": XLSX}
PLACEHOLDER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
WORDS: Final = {
    "species": "The species of an atlas",
    "name": "The name of an atlas, without its species",
    "index": "The number of a cell, counted from 0",
    "q": "What a name begins with; empty for the first ones",
    "limit": "At most so many",
    "gene": "A gene, by symbol or Ensembl id, whatever the case",
    "genes": "A list of genes, pasted in any format, or gmt:FILE/NAME",
    "layer": "A matrix of the atlas; its expression unless given",
    "format": "The form of the answer",
    "figure": "A permalink; repeat it for several figures",
    "file": "A figure and a form, such as violin.svg",
    "view": "A figure",
    "width": "Of the paper, in millimetres",
    "height": "In millimetres; unless given, what the figure needs",
    "font_size": "Of the usual letters, in points",
    "dpi": "Of everything that is pixels",
    "theme": "Its colours; journal is white without a grid",
    "font": "Names of fonts, as CSS writes them",
    "legend": "Where the legend stands",
    "title": "Whether the title is written above",
    "page": "Everything else in the address of the page that has the figure; /api/v1/figures tells the names",
    "method": "How it is computed",
    "drop_zeros": "For each pair, only cells in which both genes are nonzero",
    "top": "At most so many rows; of markers, of each category",
    "cell": "The name of a cell",
    "by": "A column of categories; the atlas' own unless given",
    "category": "Only the rows of this category",
    "split": "A second column of categories",
    "sample": "The column of samples; the atlas' own unless given",
    "a": "A selection, written as in a URL",
    "b": "Another selection, written as in a URL",
    "where": "COLUMN=VALUE; several of one column mean OR",
    "range": "COLUMN:MIN:MAX; a number within both ends, of which one may be empty",
    "expr": "GENE:ABOVE:MAX; expression above the first and at most the second",
    "lasso": "MAP:X_Y~X_Y~X_Y; inside a polygon on a map",
    "exclude": "A selection whose cells are left out, written as in a URL",
}
PAGE: Final[Schema] = {
    **{"name": "page", "in": "query", "required": False, "description": WORDS["page"]},
    **{"style": "form", "explode": True},
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "What is wrong, where, and what to do about it (RFC 9457)",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "instance", "remedy")},
        "status": {"type": "integer"},
        "suggestions": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}


def blueprint(services: Services) -> Blueprint:
    """The route."""
    routes = Blueprint("openapi", __name__, url_prefix="/api/v1")

    @routes.get("/openapi.json")
    def openapi() -> Response:
        only()
        return json(document(with_version=not services.settings.secure_mode))

    return routes


def document(*, with_version: bool = True) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MASLDatlas",
            "description": "Single-cell atlases of the liver: the numbers of the pages, from the same code.",
            "version": __version__ if with_version else "1",
        },
        "paths": {path_of(it.rule): {"get": _operation(it)} for it in OPERATIONS},
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "Refused or failed, in words; 429 and 503 say in Retry-After when to come back",
                    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}},
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def path_of(rule: str) -> str:
    """The path of one of Flask's rules, as OpenAPI writes it."""
    return PLACEHOLDER.sub(r"{\1}", rule)


def _operation(it: Operation) -> dict[str, Any]:
    content = {MEDIA[form]: {"schema": it.answer if form == "json" else {"type": "string"}} for form in it.formats}
    if it.media:
        content = {kind: {"schema": {}} for kind in it.media}
    problem = {"$ref": "#/components/responses/Problem"}
    named = PLACEHOLDER.findall(it.rule)
    return {
        "operationId": PLACEHOLDER.sub("", it.rule)
        .removeprefix("/api/v1/")
        .strip("/")
        .replace("//", "")
        .replace("/", "_")
        + "".join(f"_by_{name}" for name in named),
        "summary": it.summary,
        "parameters": [
            *(_parameter(it, name, "path") for name in named),
            *(_parameter(it, name, "query") for name in it.parameters),
            *([PAGE] if it.page else []),
        ],
        "responses": {
            "200": {"description": it.summary, "content": content},
            **dict.fromkeys(("400", "404", "429", "default"), problem),
        },
    }


def _parameter(it: Operation, name: str, place: str) -> dict[str, Any]:
    limit = LIMITS.get(name, MAX_TEXT)
    given = it.own.get(name)
    if given is None:
        given = {"type": "string", "maxLength": limit}
        if name == "species":
            given = {"type": "string", "enum": list(SPECIES)}
        elif name == "name":
            given = {"type": "string", "pattern": f"^{NAME_PATTERN.pattern}$"}
        elif name == "format":
            given = {"type": "string", "enum": list(it.formats), "default": "json"}
        elif name in it.needs or place == "path":
            given = {"type": "string", "minLength": 1, "maxLength": limit}
    found: dict[str, Any] = {"name": name, "in": place, "description": WORDS[name]}
    found["required"] = place == "path" or name in it.needs
    if it.selects and name in SELECTION:
        return {**found, "schema": {"type": "array", "items": given}, "style": "form", "explode": True}
    return {**found, "schema": given}
