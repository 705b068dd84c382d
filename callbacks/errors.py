"""Failures of callbacks: a toast for the user and an entry in the log."""

from __future__ import annotations

from typing import TypedDict

import dash
from flask import g, has_request_context

from core.errors import AtlasError
from core.system.logs import logger
from core.web.outcomes import note
from pages._ids import Shell

log = logger(__name__)
UNEXPECTED = "Something went wrong"


class Notice(TypedDict):
    """Value of `Shell.ERROR`: title, detail and remedy."""

    title: str
    detail: str
    remedy: str


def notice(error: Exception, request_id: str = "") -> Notice:
    """Describe an error: an `AtlasError` by its own message, any other one without internal details."""
    if isinstance(error, AtlasError):
        return Notice(title=error.title, detail=error.message, remedy=error.remedy)
    reference = f" Log number: {request_id}." if request_id else ""
    return Notice(
        title=UNEXPECTED,
        detail=f"An unexpected error occurred on the server. The page keeps its previous content.{reference}",
        remedy="Try again. If the error persists, send the log number to the server administrator.",
    )


def on_error(error: Exception) -> None:
    """Show a toast in the place of the callback's result; handler of ``Dash(on_error=...)``.

    Dash answers 200 with unchanged outputs, so the failure is logged and counted here.
    """
    request_id = ""
    if has_request_context():
        request_id = str(g.get("request_id", ""))
        note(error)
    if isinstance(error, AtlasError):
        log.info("a callback was refused", kind=type(error).__name__, error=error.message)
    else:
        log.error("a callback failed", kind=type(error).__name__, exc_info=error)
    dash.set_props(Shell.ERROR, {"data": dict(notice(error, request_id))})
