"""What every request tells the metrics: by which page, route or callback, how long, and how it ended.

A label never holds what a visitor sent. Routes are named by the rule that answers them, pages by the list of the pages,
callbacks by the first thing they write; anything else is ``other``.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from flask import Response, g, request

from core.web.middleware import CALLBACKS
from core.web.outcomes import REFUSED, Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from flask import Flask

    from core.monitoring.metrics import Metrics

    Callbacks: TypeAlias = Mapping[str, Mapping[str, Any]]

OTHER: Final = "other"
# Dash answers these with its one page.
PAGES: Final = ("/", "/<path:path>")
KINDS: Final = (("/api/", "api"), ("/arrays/", "array"), ("/embed", "embed"))
HEALTH: Final = ("/healthz", "/readyz")
FILES: Final = ("/assets/", "/vendor/", "/_dash-", "/_reload-hash", "/_favicon.ico")


def register(server: Flask, metrics: Metrics, callbacks: Callbacks, pages: Callable[[], Collection[str]]) -> None:
    """Measure every request.

    Parameters
    ----------
    callbacks
        Those of the app, by their output: the only ones that get a series.
    pages
        The paths of its pages; asked when the first page is.
    """
    paths = cache(lambda: frozenset(pages()))

    @server.before_request
    def begin() -> None:
        g.measured = time.perf_counter()
        metrics.began()

    @server.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("measured", time.perf_counter())
        outcome: Outcome = g.get("outcome") or outcome_of(response.status_code)
        kind, name = label(paths())
        metrics.answered(kind, name, outcome, seconds)
        if kind == "callback":
            # What was refused before it was read, because it is too much or malformed, is not read here either.
            metrics.called(callback(callbacks) if response.status_code < REFUSED else OTHER, outcome, seconds)
        if "error" in g:
            metrics.failed(kind, g.error)
        if kind in ("page", "callback", "embed") and outcome == "ok":
            metrics.viewers.saw(request.remote_addr or "", request.headers.get("User-Agent", ""))
        return response

    @server.teardown_request
    def forget(_: BaseException | None) -> None:
        if "measured" in g:
            metrics.ended()


def label(pages: Collection[str]) -> tuple[str, str]:
    """Kind and name of this request."""
    rule = request.url_rule.rule if request.url_rule else ""
    if rule == CALLBACKS:
        return "callback", rule
    if rule in PAGES:
        return "page", request.path if request.path in pages else OTHER
    if rule in HEALTH:
        return "health", rule
    if rule.startswith(FILES):
        return "file", rule
    return next((kind for start, kind in KINDS if rule.startswith(start)), OTHER), rule or OTHER


def callback(callbacks: Callbacks) -> str:
    """What this request to a callback is about: the first thing it writes, as the page calls it."""
    body = cast("object", request.get_json(silent=True))
    output = cast("Mapping[str, object]", body).get("output") if isinstance(body, dict) else None
    known = callbacks.get(output) if isinstance(output, str) else None
    if known is None or not isinstance(output, str) or "callback" not in known:
        return OTHER
    first = output.strip(".").partition("...")[0].partition("@")[0]
    if "." in first and not first.startswith("{"):
        return first
    # A pattern of ids, or nothing: then the function that is called.
    function = known["callback"]
    return f"{function.__module__.removeprefix('callbacks.')}.{function.__qualname__.rpartition('.')[2]}"
