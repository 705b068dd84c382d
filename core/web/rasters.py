"""Raster images of large maps: planes of values per pixel, where there are too many cells to send.

As with the other arrays, the URL contains the content hash of the atlas, and a response can be cached permanently.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.analysis.expression import expression_of
from core.analysis.gene_set_scores import MOUNTED, ScoreParams, expanded
from core.analysis.raster import Placed, Planes, Scale, Window, by_category, by_value, placed
from core.atlas.store import Categorical
from core.errors import InvalidQuery
from core.genes.lists import require
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.memoized import answer
from core.system.logs import logger
from core.web.api.parameters import SELECTION, only, required, selection, whole
from core.web.arrays import FOREVER, axes_of, gone, opened

if TYPE_CHECKING:
    from core.arrays import Mask
    from core.atlas.store import Atlas
    from core.services.container import Services

    Drawing = Callable[["Services", "Atlas", Placed, Window, "Mask"], tuple[Planes, Sequence[Scale]]]

PIXELS = 500
MAX_PIXELS = 1_000_000
COMMON = ("axes", "x", "y", "w", "h", "facet", "level")

log = logger(__name__)


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of ``/arrays/<species>/<name>/<content hash>/raster/<key>``."""
    routes = Blueprint("rasters", __name__, url_prefix="/arrays/<species>/<name>/<digest>")

    @routes.get("/raster/<key>")
    def raster(species: str, name: str, digest: str, key: str) -> Response:
        """Concatenated little-endian planes in the order of X-Planes, each by rows from the low end of y.

        For categories ``count:u2,code:u2,share:u1,outside:u1``, for numbers ``count:u2,value:u2,outside:u1``; two genes
        add ``value_b:u2`` after ``value``, and without a colour there is no ``value``. `core.analysis.raster` describes
        the planes. X-Low and X-High (and X-Low-B, X-High-B) are the ends of the scale of a value in the whole atlas.
        """
        atlas = opened(services, species, name, digest)
        if atlas is None:
            return gone()
        start = time.perf_counter()
        draw = _drawing()
        first, second = axes_of(request.args.get("axes", "0,1"), atlas.embedding_info(key).dimensions)
        window = Window.of(_ends("x"), _ends("y"), whole("w", PIXELS, 1, MAX_PIXELS), whole("h", PIXELS, 1, MAX_PIXELS))
        inside = mask_of(atlas, selection()) & _facet(atlas)
        planes, scales = draw(services, atlas, placed(atlas, key, (first, second)), window, inside)
        answer = Response(b"".join(plane.tobytes() for plane in planes.values()), mimetype="application/octet-stream")
        # The atlas of this URL never changes, but the file of a mounted gene set may.
        mounted = request.args.get("genes", "").strip().startswith(MOUNTED)
        answer.headers["Cache-Control"] = "no-cache" if mounted else FOREVER
        answer.headers["X-Planes"] = ",".join(
            f"{name}:{plane.dtype.kind}{plane.itemsize}" for name, plane in planes.items()
        )
        answer.headers["X-Width"], answer.headers["X-Height"] = str(window.width), str(window.height)
        for scale, suffix in zip(scales, ("", "-B"), strict=False):
            answer.headers[f"X-Low{suffix}"], answer.headers[f"X-High{suffix}"] = repr(scale.low), repr(scale.high)
        ms = 1000 * (time.perf_counter() - start)
        answer.headers["Server-Timing"] = f"raster;dur={ms:.1f}"
        log.debug(
            "raster", atlas=atlas.id, cells=atlas.n_cells, width=window.width, height=window.height, ms=round(ms, 1)
        )
        return answer

    return routes


def _drawing() -> Drawing:
    """Select the drawing by its parameter: a column, genes, a gene set, or the number of cells without any."""
    named = [name for name in DRAWINGS if name in request.args]
    if not named:
        only(*COMMON, *DRAWINGS, many=SELECTION)
        return _by_number
    if len(named) > 1:
        raise InvalidQuery(f"The parameters {' and '.join(named)} exclude each other.", "Give only one of them.")
    single, many, draw = DRAWINGS[named[0]]
    only(*COMMON, *single, many=(*many, *SELECTION))
    required(named[0])
    return draw


def _by_number(_: Services, __: Atlas, places: Placed, window: Window, inside: Mask) -> tuple[Planes, Sequence[Scale]]:
    """Draw the number of cells per pixel."""
    return by_value(places, window, inside, ()), ()


def _by_column(
    _: Services, atlas: Atlas, places: Placed, window: Window, inside: Mask
) -> tuple[Planes, Sequence[Scale]]:
    """Draw a column; cells of hidden categories count as outside the selection."""
    column = atlas.column(request.args["column"])
    if hidden := request.args.getlist("hide"):
        inside = inside & ~mask_of(atlas, Selection.of({column.name: hidden}))
    if isinstance(column, Categorical):
        return by_category(places, window, inside, column), ()
    scale = Scale.of(column.values)
    return by_value(places, window, inside, [scale]), [scale]


def _by_gene(_: Services, atlas: Atlas, places: Placed, window: Window, inside: Mask) -> tuple[Planes, Sequence[Scale]]:
    """Draw the expression of one or two genes."""
    genes = [required(name) for name in ("gene", "gene_b") if name in request.args]
    layer = request.args.get("layer", "")
    scales = [Scale.of(expression_of(atlas, gene, layer).values, with_zero=True) for gene in genes]
    return by_value(places, window, inside, scales), scales


def _by_score(
    services: Services, atlas: Atlas, places: Placed, window: Window, inside: Mask
) -> tuple[Planes, Sequence[Scale]]:
    """Draw the score of a pasted or mounted gene set."""
    listed = require(atlas.genes, expanded(services.gene_sets, request.args["genes"]))
    params = ScoreParams.of(atlas, listed.genes, request.args.get("method", ""), request.args.get("layer", ""))
    scale = Scale.of(answer(services, atlas, params).value["score"].to_numpy())
    return by_value(places, window, inside, [scale]), [scale]


# By the parameter that selects the drawing: its parameters, those that may be repeated, and its function.
DRAWINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Drawing]] = {
    # `v` is the version of a derived column.
    "column": (("column", "v"), ("hide",), _by_column),
    "gene": (("gene", "gene_b", "layer"), (), _by_gene),
    "genes": (("genes", "method", "layer"), (), _by_score),
}


def _facet(atlas: Atlas) -> Mask:
    """Return the mask of one category of a column, for small multiples; all cells unless a column is given."""
    if "facet" not in request.args and "level" not in request.args:
        return mask_of(atlas, Selection())
    return mask_of(atlas, Selection.of({required("facet"): [request.args.get("level", "")]}))


def _ends(axis: str) -> tuple[float, float]:
    """Read ``LOW,HIGH``."""
    text = required(axis)
    low, comma, high = text.partition(",")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = math.nan, math.nan
    if not comma or not all(map(math.isfinite, ends)):
        raise InvalidQuery(f"{axis}={text[:40]!r} must be two numbers.", f"Write {axis}=LOW,HIGH.")
    return ends
