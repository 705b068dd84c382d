"""Costs of requests, in the unit of the rate limit: a small answer.

Measured without a cache on two cores, in milliseconds at 700 cells: a list of genes or an array takes 1, a page 10, an
embedded frame 5, correlations 8 and markers 17, a raster 40, an image of the browser 400 to 1,800 and a zip of one
figure 4,000 to 5,500. Correlations, markers and scores grow with the cells, the others hardly.
"""

from __future__ import annotations

import re
from typing import Final

from flask import request

from core.embed.snippet import SCRIPT
from core.web.embed.oembed import OEMBED
from core.web.headers import EMBED
from core.web.middleware import CALLBACKS

API: Final = "/api/"
ARRAYS: Final = "/arrays/"
# Costs other than 1 in the order of their rules; the first that matches counts.
COSTS: Final = tuple(
    (re.compile(rule), cost)
    for rule, cost in (
        (r"/api/v1/figures\.zip", 20),
        (r"/api/v1/figures/[^/]*\.zip", 20),
        (r"/api/v1/figures/[^/]*\.(svg|png|pdf|eps)", 5),
        (r"/embed/v1/[^/]*\.png", 5),
        (r"/api/v1/datasets/.*\.h5ad", 20),
        (r"/api/v1/datasets/[^/]*/[^/]*/(markers|compare|score|enrichment|activity)", 4),
        (r"/api/v1/datasets/[^/]*/[^/]*/(type_auroc|concordance|conserved_correlates)", 4),
        (r"/api/v1/datasets/[^/]*/[^/]*/correlations", 2),
        (r"/arrays/.*/(score|raster)/[^/]*", 5),
    )
)
PAGE: Final = 2
# Reading the body of a callback takes as long as a small answer.
BYTES: Final = 100_000
FREE: Final = (
    "/healthz",
    "/readyz",
    "/assets/",
    "/vendor/",
    "/_dash-",
    "/_reload-hash",
    "/_favicon.ico",
    "/.well-known/",
)


def category() -> str:
    """Return the limit that this request counts towards, ``api`` or ``pages``; empty if it is free."""
    path = request.path
    if path == CALLBACKS:
        return "pages"
    if path.startswith(FREE) or path == SCRIPT:
        return ""
    return "api" if path.startswith((API, EMBED, OEMBED)) else "pages"


def cost() -> int:
    """Return the cost of this request; several figures in one zip cost as much as one by one."""
    path = request.path
    if path == CALLBACKS:
        return 1 + (request.content_length or 0) // BYTES
    n = max(len(request.args.getlist("figure")), 1) if path.startswith(API) else 1
    found = next((cost for rule, cost in COSTS if rule.fullmatch(path)), None)
    if found is not None:
        return n * found
    return PAGE if category() == "pages" and not path.startswith(ARRAYS) else 1
