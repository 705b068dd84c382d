"""``/api/v1/datasets/<species>/<name>/cells``: profile of one cell, by index or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.cell_profile import MAX_TOP, TOP, CellParams
from core.errors import NotFound
from core.services.memoized import answer
from core.web.api.parameters import json, only, required, whole
from core.web.api.responses import cache_headers

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services

# An index of more digits cannot exist.
MAX_DIGITS = 12


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("cells", __name__, url_prefix="/api/v1/datasets/<species>/<name>/cells")

    @routes.get("")
    def by_name(species: str, name: str) -> Response:
        only("cell", "layer", "top")
        atlas = services.catalog.get(f"{species}/{name}")
        return _answer(services, atlas, CellParams.named(atlas, required("cell"), *_options()))

    @routes.get("/<index>")
    def by_number(species: str, name: str, index: str) -> Response:
        only("layer", "top")
        atlas = services.catalog.get(f"{species}/{name}")
        if not (index.isascii() and index.isdigit() and len(index) <= MAX_DIGITS):
            raise NotFound(
                f"{index[:40]!r} is not the index of a cell.", "Count cells from 0, or write …/cells?cell=NAME."
            )
        return _answer(services, atlas, CellParams.of(atlas, int(index), *_options()))

    return routes


def _options() -> tuple[str, int]:
    return request.args.get("layer", ""), whole("top", TOP, 1, MAX_TOP)


def _answer(services: Services, atlas: Atlas, params: CellParams) -> Response:
    found = answer(services, atlas, params)
    response = json(found.value)
    response.headers.update(cache_headers(found, "cell"))
    return response
