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

from core.api.problems import problem
from core.errors import InvalidQuery, NotFound
from core.expression import expression_of
from core.query import MAX_TEXT, Selection
from core.selection import mask_of
from core.store import Categorical

if TYPE_CHECKING:
    from core.services import Services
    from core.store import Atlas

FOREVER = "public, max-age=31536000, immutable"
QUANTA = 65_535
FEW = 255


def blueprint(services: Services) -> Blueprint:
    """The routes, all GET, below ``/arrays/<species>/<name>/<content hash>``."""
    routes = Blueprint("arrays", __name__, url_prefix="/arrays/<species>/<name>/<digest>")

    @routes.before_request
    def check() -> None:
        for name, values in request.args.lists():
            if max(map(len, values)) > MAX_TEXT:
                raise InvalidQuery(f"The parameter {name[:40]!r} is longer than {MAX_TEXT} characters.", "Shorten it.")

    def opened(species: str, name: str, digest: str) -> Atlas | None:
        atlas = services.catalog.get(f"{species}/{name}")
        return atlas if atlas.manifest.content_hash == digest else None

    @routes.get("/embedding/<key>")
    def embedding(species: str, name: str, digest: str, key: str) -> Response:
        """float32: the first axis of every cell, then the second (``axes=0,1``); NaN where a cell has no place."""
        atlas = opened(species, name, digest)
        if atlas is None:
            return _gone()
        axes = _axes(request.args.get("axes", "0,1"), atlas.embedding_info(key).dimensions)
        return _array(np.ascontiguousarray(atlas.embedding(key)[:, axes].T, dtype="<f4"), "f4")

    @routes.get("/gene/<layer>")
    def gene(species: str, name: str, digest: str, layer: str) -> Response:
        """uint16: values between the headers X-Low and X-High in 65,535 steps, exact at both ends."""
        atlas = opened(species, name, digest)
        if atlas is None:
            return _gone()
        values = expression_of(atlas, request.args.get("gene", ""), layer).values
        low, high = min(0.0, float(values.min())), float(values.max())
        scaled = (values.astype(np.float64) - low) * (QUANTA / (high - low) if high > low else 0.0)
        answer = _array(np.rint(scaled).astype("<u2"), "u2")
        answer.headers["X-Low"], answer.headers["X-High"] = repr(low), repr(high)
        return answer

    @routes.get("/column")
    def column(species: str, name: str, digest: str) -> Response:
        """Categories: uint8 or uint16 codes, the largest value where nothing is given. Numbers: float32."""
        atlas = opened(species, name, digest)
        if atlas is None:
            return _gone()
        found = atlas.column(request.args.get("name", ""))
        if not isinstance(found, Categorical):
            return _array(found.values.astype("<f4"), "f4")
        if len(found.categories) >= QUANTA:
            raise InvalidQuery(
                f"The column {found.name!r} has {len(found.categories):,} categories.", "Choose another."
            )
        kind = "u1" if len(found.categories) < FEW else "u2"
        return _array(found.codes.astype(f"<{kind}"), kind)

    @routes.get("/mask")
    def mask(species: str, name: str, digest: str) -> Response:
        """uint8: 1 for the cells of a selection (``where`` and ``range`` as in a page's URL)."""
        atlas = opened(species, name, digest)
        if atlas is None:
            return _gone()
        selection = Selection.parse(request.args.getlist("where"), request.args.getlist("range"))
        return _array(mask_of(atlas, selection).astype("u1"), "u1")

    @routes.get("/<path:anything>")
    def nothing(anything: str, **_atlas: str) -> Response:
        raise NotFound(f"There is no array {anything[:80]!r}.", "Reload the page.")

    return routes


def _axes(text: str, dimensions: int) -> list[int]:
    known = [str(axis) for axis in range(dimensions)]
    axes = [known.index(part) for part in text.split(",") if part in known]
    if len(axes) != 2 or text.count(",") != 1:  # noqa: PLR2004 - a plane has two axes
        raise InvalidQuery(f"axes={text[:20]!r} are not two of the {dimensions} axes of this embedding.", "Write 0,1.")
    return axes


def _array(values: np.ndarray, kind: str) -> Response:
    answer = Response(values.tobytes(), mimetype="application/octet-stream")
    answer.headers["Cache-Control"] = FOREVER
    answer.headers["X-Dtype"] = kind
    return answer


def _gone() -> Response:
    return problem(HTTPStatus.GONE, "Atlas changed", "This atlas has been imported again; reload the page.")
