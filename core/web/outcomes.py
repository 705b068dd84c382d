"""Outcome of a request: ok, refused or failed."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from flask import g
from werkzeug.exceptions import HTTPException

from core.errors import AtlasError

REFUSED: Final = 400
FAILED: Final = 500


def note(error: Exception) -> None:
    """Note the error of this request for the metrics; Dash responds 200 even if a callback fails."""
    if isinstance(error, AtlasError):
        g.error, g.outcome = type(error).__name__, "failed" if error.status >= FAILED else "refused"
    elif isinstance(error, HTTPException):
        g.error, g.outcome = f"HTTP {error.code}", "failed" if (error.code or FAILED) >= FAILED else "refused"
    else:
        g.error, g.outcome = "unexpected", "failed"


def outcome_of(status: int) -> Outcome:
    """Return the outcome of a request by its HTTP status."""
    return "ok" if status < REFUSED else "refused" if status < FAILED else "failed"


Outcome: TypeAlias = Literal["ok", "refused", "failed"]
