"""Requests whose client has disconnected: their computations end, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, request

from core.compute.abandonment import Abandoned, client_gone

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

# As nginx has it; no client reads it, but the log and the metrics do.
CLIENT_CLOSED_REQUEST: Final = 499


def register(server: Flask) -> None:
    """Let the computations of each request end once its client has disconnected.

    Waitress tells so; on other servers every request is computed to its end.
    """
    dispatch = server.dispatch_request

    def unless_abandoned() -> ResponseReturnValue:
        token = client_gone.set(request.environ.get("waitress.client_disconnected"))
        try:
            return dispatch()
        except Abandoned:
            return Response(status=CLIENT_CLOSED_REQUEST)
        finally:
            client_gone.reset(token)

    server.dispatch_request = unless_abandoned
