"""What a callback that fails tells the user, and what it tells the log."""

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
    """What `Shell.ERROR` holds: what, where, and the way out."""

    title: str
    detail: str
    remedy: str


def notice(error: Exception, request_id: str = "") -> Notice:
    """Put an error into words: one of ours says itself what is wrong, any other one shows nothing of its inside."""
    if isinstance(error, AtlasError):
        return Notice(title=error.title, detail=error.message, remedy=error.remedy)
    named = f" It is number {request_id} in the log." if request_id else ""
    return Notice(
        title=UNEXPECTED,
        detail=f"The server met an error it did not expect; what you saw before still stands.{named}",
        remedy="Try again; if it comes back, tell whoever runs this server that number.",
    )


def on_error(error: Exception) -> None:
    """Show a toast instead of the callback's result; the handler of ``Dash(on_error=...)``.

    Dash answers 200 with every output as it was, so this is also the place where a failure gets into the log.
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
