"""Errors that Waitress answers without calling the application, as problem documents.

Examples are a body or header that is too large and a malformed request. Waitress's own responses are plain text and
reveal the software of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from waitress.task import ErrorTask

from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logger(__name__)

# Title and detail by status.
PROBLEMS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Not understood", "This is not a valid HTTP request."),
    413: ("Too large", "The body of this request is too large; the limit is 5 MB."),
    431: (
        "Too large",
        "The headers of this request are too long. Cookies of another application may be the cause; delete them.",
    ),
    500: ("Something went wrong", "The server encountered an unexpected error, which was logged."),
    501: ("Not understood", "The server does not support this transfer encoding."),
}


class ProblemTask(ErrorTask):
    """Response with a problem document, after which the connection is closed."""

    def execute(self) -> None:
        """Write the response."""
        request: Any = self.request  # a failed parser: its error has a status, a reason and a body
        error = request.error
        title, detail = PROBLEMS.get(error.code, (error.reason, "The server cannot answer this request."))
        # The text of the error is not logged: it may quote a header that contains a password.
        log.warning("request refused", status=error.code, reason=error.reason)
        body = orjson.dumps({"type": "about:blank", "title": title, "status": error.code, "detail": detail})
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
