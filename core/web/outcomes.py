"""Outcome of a request: ok, refused or failed."""

from __future__ import annotations

from http import HTTPStatus
from threading import Lock
from typing import Final, Literal, TypeAlias

from cachetools import TTLCache
from flask import current_app, g, request
from werkzeug.exceptions import HTTPException

from core.errors import AtlasError, Busy
from core.web.proxies import address

REFUSED: Final = 400
FAILED: Final = 500
# Statuses of 500 and above that anybody can cause at will: the server has not failed, and nobody must be alerted.
ASKED_FOR: Final = (HTTPStatus.NOT_IMPLEMENTED,)


# Failures of one visitor that count as such, and the seconds in which; the others count as refused. Callbacks take any
# JSON, so a script could otherwise make as many failures as it likes, and alert the operator at night.
FAILURES: Final = 5
PERIOD: Final = 60.0
EXTENSION: Final = "masldatlas-failures"
_counting = Lock()


def note(error: Exception) -> None:
    """Note the error of this request for the metrics; Dash responds 200 even if a callback fails."""
    if isinstance(error, AtlasError):
        # Anybody can fill a queue.
        g.error, g.outcome = type(error).__name__, "refused" if isinstance(error, Busy) else outcome_of(error.status)
    elif isinstance(error, HTTPException):
        g.error, g.outcome = f"HTTP {error.code}", outcome_of(error.code or FAILED)
    else:
        g.error, g.outcome = "unexpected", "failed"
    if g.outcome == "failed" and _often():
        g.outcome = "refused"


def _often() -> bool:
    """Count a failure; return whether this visitor has had so many lately that it tells of the visitor."""
    counts: TTLCache[str, int] = current_app.extensions.setdefault(EXTENSION, TTLCache(10_000, PERIOD))
    visitor = address(request.remote_addr)
    with _counting:
        counts[visitor] = n = counts.get(visitor, 0) + 1
    return n > FAILURES


def outcome_of(status: int) -> Outcome:
    """Return the outcome of a request by its HTTP status."""
    return "ok" if status < REFUSED else "refused" if status < FAILED or status in ASKED_FOR else "failed"


Outcome: TypeAlias = Literal["ok", "refused", "failed"]
