"""``/api/v1/datasets``: the catalogue, one atlas, its genes, one gene's expression."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Literal

import orjson
from flask import Blueprint, Response, request, stream_with_context

from core.errors import InvalidQuery, NotFound
from core.expression import expression_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.manifest import Manifest
    from core.services import Services
    from core.store import Floats

MAX_GENES = 1_000
ROWS_AT_ONCE = 20_000


def blueprint(services: Services) -> Blueprint:
    """The routes, all GET."""
    routes = Blueprint("datasets", __name__, url_prefix="/api/v1")
    catalog = services.catalog

    @routes.get("/datasets")
    def datasets() -> Response:
        _only()
        return _json(
            {
                "datasets": [describe(manifest) for manifest in catalog.manifests()],
                "imports": [
                    state.model_dump(include={"id", "phase", "title", "fraction", "step", "error"})
                    for state in catalog.imports()
                ],
                "broken": [{"id": name, "problem": str(error)} for name, error in catalog.broken().items()],
            }
        )

    @routes.get("/datasets/<species>/<name>")
    def dataset(species: str, name: str) -> Response:
        _only()
        manifest = catalog.manifest(f"{species}/{name}")
        facts = manifest.model_dump(mode="json", exclude={"files": True, "source": {"mtime_ns"}})
        return _json({**describe(manifest), **facts})

    @routes.get("/datasets/<species>/<name>/genes")
    def genes(species: str, name: str) -> Response:
        _only("q", "limit")
        index = catalog.get(f"{species}/{name}").genes
        found = index.search(request.args.get("q", ""), _whole("limit", 20, 1, MAX_GENES))
        return _json(
            {"n_genes": len(index), "genes": [{"gene": index.names[at], "gene_id": index.ids[at]} for at in found]}
        )

    @routes.get("/datasets/<species>/<name>/expression")
    def expression(species: str, name: str) -> Response:
        _only("gene", "layer", "format")
        atlas = catalog.get(f"{species}/{name}")
        found = expression_of(atlas, _required("gene"), request.args.get("layer", ""))
        if _format() == "csv":
            filename = f"{atlas.manifest.name}_{found.gene}_{found.layer}.csv"
            return _csv(("cell", "expression"), _rows(atlas.cells(), found.values), filename)
        facts = {
            "dataset": atlas.id,
            "content_hash": atlas.manifest.content_hash,
            "simulated": atlas.manifest.simulated,
            "gene": found.gene,
            "gene_id": found.gene_id,
            "layer": found.layer,
            "unit": found.unit,
            "n_cells": atlas.n_cells,
            "n_expressing": int((found.values > 0).sum()),
        }
        return _json({**facts, "cells": atlas.cells(), "expression": found.values})

    @routes.get("/", defaults={"anything": ""})
    @routes.get("/<path:anything>")
    def nothing(anything: str) -> Response:
        raise NotFound(f"There is no /api/v1/{anything[:80]}.", "Begin at /api/v1/datasets.")

    return routes


def describe(manifest: Manifest) -> dict[str, object]:
    """One atlas on a card: what it is, how large, and where its values come from."""
    return {
        "id": manifest.id,
        "species": manifest.species,
        "name": manifest.name,
        "title": manifest.title,
        "citation": manifest.citation,
        "simulated": manifest.simulated,
        "n_cells": manifest.n_cells,
        "n_genes": manifest.n_genes,
        "roles": manifest.roles,
        "layers": [layer.name for layer in manifest.layers],
        "embeddings": [embedding.key for embedding in manifest.embeddings],
        "bytes": manifest.bytes,
        "content_hash": manifest.content_hash,
    }


def _only(*known: str) -> None:
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        takes = f"This address takes {', '.join(known)}." if known else "This address takes no parameters."
        raise InvalidQuery(f"The parameter {unknown[0][:60]!r} is not known here.", takes)


def _required(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        raise InvalidQuery(f"The parameter {name!r} is missing.", f"Add {name}=… to the address.")
    return value


def _whole(name: str, default: int, low: int, high: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text[:12]) <= high:
        raise InvalidQuery(f"{name}={text[:40]!r} is not a whole number from {low:,} to {high:,}.", "Correct it.")
    return int(text)


def _format() -> Literal["json", "csv"]:
    text = request.args.get("format", "json")
    if text == "json" or text == "csv":  # noqa: PLR1714 - narrows the type
        return text
    raise InvalidQuery(f"format={text[:40]!r} is not known.", "Use json or csv.")


def _json(body: object) -> Response:
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), mimetype="application/json")


def _rows(cells: Sequence[str], values: Floats) -> Iterator[tuple[str, str]]:
    # repr of a float32 is the shortest text that reads back as the same value.
    return ((cell, str(value)) for cell, value in zip(cells, values, strict=True))


def _csv(header: Sequence[str], rows: Iterator[tuple[str, ...]], filename: str) -> Response:
    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(rows, start=1):
            writer.writerow(row)
            if number % ROWS_AT_ONCE == 0:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    answer = Response(stream_with_context(lines()), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer
