"""Request metrics: prometheus-flask-exporter with labels from lists of this program, and the callbacks of pages.

The exporter counts requests, their seconds, unhandled exceptions and requests in flight. A label never holds what a
visitor sent. Routes are named by the rule that answers them, pages by the list of the pages, callbacks by the first
thing they write, methods by the nine of HTTP; anything else is ``other``.
"""

from __future__ import annotations

import time
from functools import cache
from http import HTTPMethod
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from flask import Response, g, request

from core.web.middleware import CALLBACKS
from core.web.outcomes import REFUSED, Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from flask import Flask, Request

    from core.monitoring.metrics import Metrics

    Callbacks: TypeAlias = Mapping[str, Mapping[str, Any]]

OTHER: Final = "other"
METHODS: Final = frozenset(HTTPMethod)
# Dash answers these with its one page.
PAGES: Final = ("/", "/<path:path>")
KINDS: Final = (("/api/", "api"), ("/arrays/", "array"), ("/embed", "embed"))
HEALTH: Final = ("/healthz", "/readyz")
FILES: Final = ("/assets/", "/vendor/", "/_dash-", "/_reload-hash", "/_favicon.ico")


def register(server: Flask, metrics: Metrics, callbacks: Callbacks, pages: Callable[[], Collection[str]]) -> None:
    """Measure every request.

    Parameters
    ----------
    server
        Flask's, before any hook that may refuse a request.
    metrics
        Where the series are registered.
    callbacks
        Those of the app, by their output: the only ones that get a series.
    pages
        The paths of its pages; asked when the first page is.
    """
    paths = cache(lambda: frozenset(pages()))

    @server.before_request
    def begin() -> None:
        g.measured = time.perf_counter()
        # The exporter labels by `request.method`, which a visitor may invent; routing has already answered 405.
        if request.method not in METHODS:
            request.method = OTHER

    _export(server, metrics, paths)

    @server.after_request
    def end(response: Response) -> Response:
        kind, ended = label(paths())[0], outcome(response)
        if kind == "callback":
            # What was refused before it was read, because it is too much or malformed, is not read here either.
            name = callback(callbacks) if response.status_code < REFUSED else OTHER
            now = time.perf_counter()
            metrics.called(name, ended, now - g.get("measured", now))
        if "error" in g:
            metrics.failed(kind, g.error)
        if kind in ("page", "callback", "embed") and ended == "ok":
            metrics.viewers.saw(request.remote_addr or "", request.headers.get("User-Agent", ""))
        return response


def _export(server: Flask, metrics: Metrics, pages: Callable[[], Collection[str]]) -> None:
    """Set up the exporter's own series: requests, their seconds, and exceptions that no handler caught."""
    from prometheus_flask_exporter import PrometheusMetrics

    from core.monitoring.metrics import PREFIX, SECONDS

    # The exporter names the label after the function.
    def route(_: Request) -> str:
        return label(pages())[1]

    PrometheusMetrics(
        server,
        path=None,
        registry=metrics.registry,
        defaults_prefix=PREFIX,
        buckets=SECONDS,
        group_by=route,
        default_labels={"kind": lambda: label(pages())[0], "outcome": outcome},
    )


def count_in_flight(server: Flask, metrics: Metrics) -> None:
    """Count the requests that are being answered, at every route that the server has by now."""
    from prometheus_flask_exporter import PrometheusMetrics

    from core.monitoring.metrics import PREFIX

    # An exporter without default labels: those above are known only when there is an answer.
    exporter = PrometheusMetrics(server, path=None, registry=metrics.registry, export_defaults=False)
    gauge = exporter.gauge(f"{PREFIX}_requests_in_flight", "Requests that are being answered")
    exporter.register_default(gauge)


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


def outcome(response: Response) -> Outcome:
    """Outcome of this request: by its status, or as noted where a callback fails with status 200."""
    by_status = outcome_of(response.status_code)
    return g.get("outcome", by_status) if by_status == "ok" else by_status


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
