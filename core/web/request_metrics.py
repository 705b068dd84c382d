"""Request metrics: prometheus-flask-exporter with labels from fixed lists, and metrics of callbacks.

The exporter counts requests, their durations, unhandled exceptions and requests in flight. A label never holds content
of a request: routes are labelled by their rule, pages by the page registry, callbacks by their first output, methods by
the nine methods of HTTP, and anything else by ``other``.
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
# Rules that Dash answers with its single HTML page.
PAGES: Final = ("/", "/<path:path>")
KINDS: Final = (("/api/", "api"), ("/arrays/", "array"), ("/embed", "embed"))
HEALTH: Final = ("/healthz", "/readyz")
FILES: Final = ("/assets/", "/vendor/", "/_dash-", "/_reload-hash", "/_favicon.ico")


def register(server: Flask, metrics: Metrics, callbacks: Callbacks, pages: Callable[[], Collection[str]]) -> None:
    """Measure every request.

    Parameters
    ----------
    server
        The Flask application, before any hook that may refuse a request is registered.
    metrics
        Metrics of the application, whose registry the exporter uses.
    callbacks
        Callbacks of the application by their output; no other callback gets a series.
    pages
        Returns the paths of all pages; called at the first request.
    """
    paths = cache(lambda: frozenset(pages()))

    @server.before_request
    def begin() -> None:
        g.measured = time.perf_counter()
        # The exporter uses `request.method` as a label, which a client can invent; routing has already answered 405.
        if request.method not in METHODS:
            request.method = OTHER

    _export(server, metrics, paths)

    @server.after_request
    def end(response: Response) -> Response:
        kind, ended = label(paths())[0], outcome(response)
        if kind == "callback":
            # The body of a request that was refused, by the rate limit or as malformed, is not read here either.
            name = callback(callbacks) if response.status_code < REFUSED else OTHER
            now = time.perf_counter()
            metrics.record_callback(name, ended, now - g.get("measured", now))
        if "error" in g:
            metrics.record_error(kind, g.error)
        if kind in ("page", "callback", "embed") and ended == "ok":
            metrics.viewers.record(request.remote_addr or "", request.headers.get("User-Agent", ""))
        return response


def _export(server: Flask, metrics: Metrics, pages: Callable[[], Collection[str]]) -> None:
    """Set up the default metrics of the exporter: requests, durations and unhandled exceptions."""
    from prometheus_flask_exporter import PrometheusMetrics

    from core.monitoring.metrics import PREFIX, SECONDS

    # The exporter uses the name of the function as the name of the label.
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
    """Count requests in flight; must be called after all routes are registered."""
    from prometheus_flask_exporter import PrometheusMetrics

    from core.monitoring.metrics import PREFIX

    # A second exporter without default labels, whose values are known only once there is a response.
    exporter = PrometheusMetrics(server, path=None, registry=metrics.registry, export_defaults=False)
    gauge = exporter.gauge(f"{PREFIX}_requests_in_flight", "Requests in flight")
    exporter.register_default(gauge)


def label(pages: Collection[str]) -> tuple[str, str]:
    """Return kind and name of this request."""
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
    """Return the outcome of this request: as noted for an error (a callback fails with status 200), else by status."""
    noted: Outcome | None = g.get("outcome")
    return noted or outcome_of(response.status_code)


def callback(callbacks: Callbacks) -> str:
    """Return the name of the callback of this request: its first output."""
    body = cast("object", request.get_json(silent=True))
    output = cast("Mapping[str, object]", body).get("output") if isinstance(body, dict) else None
    known = callbacks.get(output) if isinstance(output, str) else None
    if known is None or not isinstance(output, str) or "callback" not in known:
        return OTHER
    first = output.strip(".").partition("...")[0].partition("@")[0]
    if "." in first and not first.startswith("{"):
        return first
    # The output is a pattern of ids or empty: the callback is named by its function.
    function = known["callback"]
    return f"{function.__module__.removeprefix('callbacks.')}.{function.__qualname__.rpartition('.')[2]}"
