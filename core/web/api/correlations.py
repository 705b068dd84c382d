"""``/api/v1/datasets/<species>/<name>/correlations``: one gene against every other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, stream_with_context

from core.analysis.correlation import CorrelationParams
from core.services.memoized import correlation_table
from core.services.provenance import of_correlation
from core.tables.text import csv_pieces, records
from core.web.api.parameters import SELECTION, attachment, chosen_format, flag, json, only, required, selection, whole

if TYPE_CHECKING:
    from core.services.container import Services

MAX_TOP = 10_000_000


def blueprint(services: Services) -> Blueprint:
    """The route."""
    routes = Blueprint("correlations", __name__, url_prefix="/api/v1")

    @routes.get("/datasets/<species>/<name>/correlations")
    def correlations(species: str, name: str) -> Response:
        only("gene", "method", "drop_zeros", "layer", "top", "format", many=SELECTION)
        atlas = services.catalog.get(f"{species}/{name}")
        params = CorrelationParams.of(
            atlas,
            required("gene"),
            request.args.get("method", ""),
            request.args.get("layer", ""),
            drop_zeros=flag("drop_zeros"),
            selection=selection(),
        )
        top, form = whole("top", 0, 1, MAX_TOP) or None, chosen_format()
        found = correlation_table(services, atlas, params)
        table = found.value.slice(0, top)
        cache = {"X-Cache": "hit" if found.hit else "miss", "Server-Timing": f"correlation;dur={found.ms:.1f}"}
        if form == "csv":
            pieces = csv_pieces(table, of_correlation(atlas, params))
            answer = Response(stream_with_context(pieces), mimetype="text/csv", headers=cache)
            answer.headers["Content-Disposition"] = attachment(
                f"{atlas.manifest.name}_{params.gene}_{params.method}.csv"
            )
            return answer
        answer = json({**of_correlation(atlas, params), "correlations": records(table)})
        answer.headers.update(cache)
        return answer

    return routes
