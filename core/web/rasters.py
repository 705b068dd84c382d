"""What the cells of each pixel have in common, where there are too many cells to send: planes of numbers for one map.

As with the other arrays, an address holds the content hash of its atlas, and its answer may be kept for ever.
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
    """The route, below ``/arrays/<species>/<name>/<content hash>``."""
    routes = Blueprint("rasters", __name__, url_prefix="/arrays/<species>/<name>/<digest>")

    @routes.get("/raster/<key>")
    def raster(species: str, name: str, digest: str, key: str) -> Response:
        """Planes one after the other, little-endian, each row by row from the low end of y, as X-Planes names them.

        For categories ``count:u2,code:u2,share:u1,outside:u1``, for numbers ``count:u2,value:u2,outside:u1``; two genes
        add ``value_b:u2`` after ``value``, and where nothing is asked for there is no ``value``. What they hold is said
        in `core.analysis.raster`. X-Low and X-High (and X-Low-B, X-High-B) are the ends of the scale of a value, in the
        whole atlas.
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
        # The atlas of this address stays what it is, but a mounted set may change.
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
    """What is asked for: at most one parameter says so, beside those that go with it."""
    asked = [name for name in DRAWINGS if name in request.args]
    if not asked:
        only(*COMMON, *DRAWINGS, many=SELECTION)
        return _by_number
    if len(asked) > 1:
        raise InvalidQuery(f"A raster shows one thing; the address has {' and '.join(asked)}.", "Give one of them.")
    single, many, draw = DRAWINGS[asked[0]]
    only(*COMMON, *single, many=(*many, *SELECTION))
    required(asked[0])
    return draw


def _by_number(_: Services, __: Atlas, places: Placed, window: Window, inside: Mask) -> tuple[Planes, Sequence[Scale]]:
    """Nothing but how many cells there are."""
    return by_value(places, window, inside, ()), ()


def _by_column(
    _: Services, atlas: Atlas, places: Placed, window: Window, inside: Mask
) -> tuple[Planes, Sequence[Scale]]:
    """A column; cells of hidden categories count as being outside."""
    column = atlas.column(request.args["column"])
    if hidden := request.args.getlist("hide"):
        inside = inside & ~mask_of(atlas, Selection.of({column.name: hidden}))
    if isinstance(column, Categorical):
        return by_category(places, window, inside, column), ()
    scale = Scale.of(column.values)
    return by_value(places, window, inside, [scale]), [scale]


def _by_gene(_: Services, atlas: Atlas, places: Placed, window: Window, inside: Mask) -> tuple[Planes, Sequence[Scale]]:
    """One gene, or two."""
    genes = [required(name) for name in ("gene", "gene_b") if name in request.args]
    layer = request.args.get("layer", "")
    scales = [Scale.of(expression_of(atlas, gene, layer).values, with_zero=True) for gene in genes]
    return by_value(places, window, inside, scales), scales


def _by_score(
    services: Services, atlas: Atlas, places: Placed, window: Window, inside: Mask
) -> tuple[Planes, Sequence[Scale]]:
    """The score of a gene set, pasted or mounted."""
    listed = require(atlas.genes, expanded(services.gene_sets, request.args["genes"]))
    params = ScoreParams.of(atlas, listed.genes, request.args.get("method", ""), request.args.get("layer", ""))
    scale = Scale.of(answer(services, atlas, params).value["score"].to_numpy())
    return by_value(places, window, inside, [scale]), [scale]


# By the parameter that asks for it: the parameters it takes, those that may be repeated, and what draws it.
DRAWINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Drawing]] = {
    "column": (("column",), ("hide",), _by_column),
    "gene": (("gene", "gene_b", "layer"), (), _by_gene),
    "genes": (("genes", "method", "layer"), (), _by_score),
}


def _facet(atlas: Atlas) -> Mask:
    """The cells of one category of a column, for small multiples; all cells when no column is named."""
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
        raise InvalidQuery(f"{axis}={text[:40]!r} are not two numbers.", f"Write {axis}=LOW,HIGH.")
    return ends
