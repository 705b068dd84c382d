"""Values of figures as little-endian arrays that browsers cache.

Each URL contains the content hash of its atlas, so a response never changes and can be cached permanently: the
coordinates of an embedding are sent once, and recolouring a map sends only the new values. A URL with an outdated hash
gets 410 Gone, and the page loads the atlas again.
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
from core.views.small_map import png
from core.web.api.parameters import selection
from core.web.problems import problem

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services

FOREVER = "public, max-age=31536000, immutable"
QUANTA = 65_535
FEW = 255


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of ``/arrays/<species>/<name>/<content hash>/…``."""
    routes = Blueprint("arrays", __name__, url_prefix="/arrays/<species>/<name>/<digest>")

    @routes.before_request
    def check() -> None:
        for name, values in request.args.lists():
            limit = LIMITS.get(name, MAX_TEXT)
            if max(map(len, values)) > limit:
                raise InvalidQuery(
                    f"The parameter {name[:40]!r} is longer than {limit:,} characters.", "Shorten its value."
                )

    @routes.get("/embedding/<key>")
    def embedding(species: str, name: str, digest: str, key: str) -> Response:
        """float32: the first coordinate of every cell, then the second (``axes=0,1``); NaN where a cell has none."""
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
        """uint16 as for a gene, starting at the lowest score; float32 with NaN if some cells have no score."""
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        text = request.args.get("genes", "")
        genes = require(atlas.genes, expanded(services.gene_sets, text)).genes
        params = ScoreParams.of(atlas, genes, request.args.get("method", ""), layer)
        response = _numbers(answer(services, atlas, params).value["score"].to_numpy())
        # The file of a mounted gene set may change independently of the atlas.
        if text.strip().startswith(MOUNTED):
            response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/column")
    def column(species: str, name: str, digest: str) -> Response:
        """Categories: uint8 or uint16 codes; the largest value of the type marks a missing category.

        Numbers: uint16 as for a gene, starting at the lowest number; float32 with NaN if some cells have no number.
        """
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        found = atlas.column(request.args.get("name", ""))
        if not isinstance(found, Categorical):
            return _numbers(found.values)
        if len(found.categories) >= QUANTA:
            raise InvalidQuery(
                f"The column {found.name!r} has too many categories ({len(found.categories):,}).",
                f"Choose a column with fewer than {QUANTA:,} categories.",
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

    @routes.get("/map.png")
    def small_map(species: str, name: str, digest: str) -> Response:
        """PNG of all cells by cell type, for lists of atlases."""
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        response = Response(png(atlas), mimetype="image/png")
        response.headers["Cache-Control"] = FOREVER
        return response

    @routes.get("/<path:anything>")
    def nothing(anything: str, **_atlas: str) -> Response:
        raise NotFound(f"There is no array {anything[:80]!r}.", "Reload the page.")

    return routes


def opened(services: Services, species: str, name: str, digest: str) -> Atlas | None:
    """Return the atlas, or None if its content hash has changed; the response is then `gone`."""
    atlas = services.catalog.get(f"{species}/{name}")
    return atlas if atlas.manifest.content_hash == digest else None


def axes_of(text: str, dimensions: int) -> list[int]:
    """Read ``0,1``: two axes of an embedding."""
    known = [str(axis) for axis in range(dimensions)]
    axes = [known.index(part) for part in text.split(",") if part in known]
    if len(axes) != 2 or text.count(",") != 1:  # noqa: PLR2004 - a plane has two axes
        raise InvalidQuery(
            f"axes={text[:20]!r} does not name two of the {dimensions} axes of this embedding.", "Write axes=0,1."
        )
    return axes


def _numbers(values: np.ndarray) -> Response:
    """Encode numbers as uint16 if none is missing: float32 of 100,000 cells hardly compresses below 350 kB."""
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
    """Return the response to a URL with an outdated content hash."""
    return problem(HTTPStatus.GONE, "Atlas changed", "This atlas was imported again. Reload the page.")
