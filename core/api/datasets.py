"""``/api/v1/datasets``: the catalogue, one atlas, its genes, one gene's expression."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

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
MAX_TEXT = 400
ROWS_AT_ONCE = 20_000
# RFC 4180. The standard library leaves a carriage return bare, and its own reader then ends the row there.
_QUOTED = re.compile(r'[,"\r\n]')
_UNFIT_FOR_A_FILE_NAME = re.compile(r"[^\w.+-]+")


def blueprint(services: Services) -> Blueprint:
    """The routes, all GET."""
    routes = Blueprint("datasets", __name__, url_prefix="/api")
    catalog = services.catalog

    @routes.get("/v1/datasets")
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

    @routes.get("/v1/datasets/<species>/<name>")
    def dataset(species: str, name: str) -> Response:
        _only()
        manifest = catalog.manifest(f"{species}/{name}")
        facts = manifest.model_dump(mode="json", exclude={"files": True, "source": {"mtime_ns"}})
        return _json({**describe(manifest), **facts})

    @routes.get("/v1/datasets/<species>/<name>/genes")
    def genes(species: str, name: str) -> Response:
        _only("q", "limit")
        index = catalog.get(f"{species}/{name}").genes
        found = index.search(request.args.get("q", ""), _whole("limit", 20, 1, MAX_GENES))
        return _json(
            {"n_genes": len(index), "genes": [{"gene": index.names[at], "gene_id": index.ids[at]} for at in found]}
        )

    @routes.get("/v1/datasets/<species>/<name>/expression")
    def expression(species: str, name: str) -> Response:
        _only("gene", "layer", "format")
        gene, layer, form = _required("gene"), request.args.get("layer", ""), _format()
        atlas = catalog.get(f"{species}/{name}")
        found = expression_of(atlas, gene, layer)
        if form == "csv":
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

    # Below /api nothing is a page, and Dash would answer any address with one.
    @routes.get("/", defaults={"anything": ""})
    @routes.get("/<path:anything>")
    def nothing(anything: str) -> Response:
        raise NotFound(f"There is no /api/{anything[:80]}.", "Begin at /api/v1/datasets.")

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
    for name, values in request.args.lists():
        if len(values) > 1:
            raise InvalidQuery(f"The parameter {name!r} is given {len(values):,} times.", "Give it once.")
        if len(values[0]) > MAX_TEXT:
            raise InvalidQuery(
                f"The parameter {name!r} is {len(values[0]):,} characters long; {MAX_TEXT} is the limit."
            )


def _required(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        raise InvalidQuery(f"The parameter {name!r} is missing.", f"Add {name}=… to the address.")
    return value


def _whole(name: str, default: int, low: int, high: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
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


def _csv(header: tuple[str, ...], rows: Iterator[tuple[str, ...]], filename: str) -> Response:
    """A table, streamed.

    Names are data and are written as they are: a cell called ``=1+1`` stays that, since whoever reads the file back
    must find the cells of the atlas. A spreadsheet may take such a name for a formula.
    """

    def lines() -> Iterator[str]:
        yield _line(header)
        while some := "".join(map(_line, islice(rows, ROWS_AT_ONCE))):
            yield some

    answer = Response(stream_with_context(lines()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = _attachment(filename)
    return answer


def _line(fields: tuple[str, ...]) -> str:
    return ",".join(map(_field, fields)) + "\n"


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _attachment(filename: str) -> str:
    """The header that names a download (RFC 6266): in ASCII for old programs, and as it is."""
    name = _UNFIT_FOR_A_FILE_NAME.sub("_", filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'
