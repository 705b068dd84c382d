"""The numbers behind a figure, as little-endian arrays that a browser keeps.

Each address holds the content hash of its atlas, so what it answers never changes and may be cached for ever: the
coordinates of an embedding cross the network once, and recolouring sends the new values alone. An address with
another hash is gone: the page then asks for the atlas anew.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import numpy as np
from flask import Blueprint, Response, request

from core.analysis.expression import expression_of
from core.analysis.gene_set_scores import MOUNTED, ScoreParams, expanded
from core.atlas.store import Categorical
from core.errors import InvalidQuery, NotFound
from core.genes.lists import require
from core.selection.masks import mask_of
from core.selection.model import MAX_TEXT
from core.services.memoized import answer
from core.urls.page_queries import LIMITS
from core.web.api.parameters import selection
from core.web.problems import problem

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services

FOREVER = "public, max-age=31536000, immutable"
QUANTA = 65_535
FEW = 255


def blueprint(services: Services) -> Blueprint:
    """The routes, all GET, below ``/arrays/<species>/<name>/<content hash>``."""
    routes = Blueprint("arrays", __name__, url_prefix="/arrays/<species>/<name>/<digest>")

    @routes.before_request
    def check() -> None:
        for name, values in request.args.lists():
            limit = LIMITS.get(name, MAX_TEXT)
            if max(map(len, values)) > limit:
                raise InvalidQuery(f"The parameter {name[:40]!r} is longer than {limit:,} characters.", "Shorten it.")

    @routes.get("/embedding/<key>")
    def embedding(species: str, name: str, digest: str, key: str) -> Response:
        """float32: the first axis of every cell, then the second (``axes=0,1``); NaN where a cell has no place."""
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        axes = axes_of(request.args.get("axes", "0,1"), atlas.embedding_info(key).dimensions)
        return _array(np.ascontiguousarray(atlas.embedding(key)[:, axes].T, dtype="<f4"), "f4")

    @routes.get("/gene/<layer>")
    def gene(species: str, name: str, digest: str, layer: str) -> Response:
        """uint16: values between the headers X-Low and X-High in 65,535 steps, exact at both ends."""
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        values = expression_of(atlas, request.args.get("gene", ""), layer).values
        return _quantised(values.astype(np.float64), min(0.0, float(values.min())))

    @routes.get("/score/<layer>")
    def score(species: str, name: str, digest: str, layer: str) -> Response:
        """uint16 as for a gene, from the lowest score on; float32 where some cells have none, which are NaN."""
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        text = request.args.get("genes", "")
        genes = require(atlas.genes, expanded(services.gene_sets, text)).genes
        params = ScoreParams.of(atlas, genes, request.args.get("method", ""), layer)
        response = _numbers(answer(services, atlas, params).value["score"].to_numpy())
        # A mounted set may change while the atlas does not.
        if text.strip().startswith(MOUNTED):
            response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/column")
    def column(species: str, name: str, digest: str) -> Response:
        """Categories: uint8 or uint16 codes, the largest value where nothing is given.

        Numbers: uint16 as for a gene, from the lowest on; float32 where some cells have none, which are NaN.
        """
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        found = atlas.column(request.args.get("name", ""))
        if not isinstance(found, Categorical):
            return _numbers(found.values)
        if len(found.categories) >= QUANTA:
            raise InvalidQuery(
                f"The column {found.name!r} has {len(found.categories):,} categories.", "Choose another."
            )
        kind = "u1" if len(found.categories) < FEW else "u2"
        return _array(found.codes.astype(f"<{kind}"), kind)

    @routes.get("/mask")
    def mask(species: str, name: str, digest: str) -> Response:
        """uint8: 1 for the cells of a selection (its parameters as in a page's URL)."""
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        return _array(mask_of(atlas, selection()).astype("u1"), "u1")

    @routes.get("/<path:anything>")
    def nothing(anything: str, **_atlas: str) -> Response:
        raise NotFound(f"There is no array {anything[:80]!r}.", "Reload the page.")

    return routes


def opened(services: Services, species: str, name: str, digest: str) -> Atlas | None:
    """The atlas, unless its content is another by now: then the answer is `gone`."""
    atlas = services.catalog.get(f"{species}/{name}")
    return atlas if atlas.manifest.content_hash == digest else None


def axes_of(text: str, dimensions: int) -> list[int]:
    """Read ``0,1``: two axes of an embedding."""
    known = [str(axis) for axis in range(dimensions)]
    axes = [known.index(part) for part in text.split(",") if part in known]
    if len(axes) != 2 or text.count(",") != 1:  # noqa: PLR2004 - a plane has two axes
        raise InvalidQuery(f"axes={text[:20]!r} are not two of the {dimensions} axes of this embedding.", "Write 0,1.")
    return axes


def _numbers(values: np.ndarray) -> Response:
    """Half as many bytes where each cell has a number: at 100,000 cells float32 hardly compresses below 350 kB."""
    if np.isfinite(values).all():
        return _quantised(values, float(values.min()))
    return _array(values.astype("<f4"), "f4")


def _quantised(values: np.ndarray, low: float) -> Response:
    high = float(values.max())
    scaled = (values - low) * (QUANTA / (high - low) if high > low else 0.0)
    response = _array(np.rint(scaled).astype("<u2"), "u2")
    response.headers["X-Low"], response.headers["X-High"] = repr(low), repr(high)
    return response


def _array(values: np.ndarray, kind: str) -> Response:
    response = Response(values.tobytes(), mimetype="application/octet-stream")
    response.headers["Cache-Control"] = FOREVER
    response.headers["X-Dtype"] = kind
    return response


def gone() -> Response:
    """What an address with another content hash answers."""
    return problem(HTTPStatus.GONE, "Atlas changed", "This atlas has been imported again; reload the page.")
