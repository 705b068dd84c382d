"""Outcome of a request: ok, refused or failed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Literal, TypeAlias

from flask import g
from werkzeug.exceptions import HTTPException

from core.errors import AtlasError, Busy

REFUSED: Final = 400
FAILED: Final = 500
# Statuses of 500 and above that anybody can cause at will: the server has not failed, and nobody must be alerted.
ASKED_FOR: Final = (HTTPStatus.NOT_IMPLEMENTED,)


def note(error: Exception) -> None:
    """Note the error of this request for the metrics; Dash responds 200 even if a callback fails."""
    if isinstance(error, AtlasError):
        # Anybody can fill a queue.
        g.error, g.outcome = type(error).__name__, "refused" if isinstance(error, Busy) else outcome_of(error.status)
    elif isinstance(error, HTTPException):
        g.error, g.outcome = f"HTTP {error.code}", outcome_of(error.code or FAILED)
    else:
        g.error, g.outcome = "unexpected", "failed"


def outcome_of(status: int) -> Outcome:
    """Return the outcome of a request by its HTTP status."""
    return "ok" if status < REFUSED else "refused" if status < FAILED or status in ASKED_FOR else "failed"


Outcome: TypeAlias = Literal["ok", "refused", "failed"]
