"""What Waitress answers by itself, before any application is asked, in the form of our other errors.

A body that is too large, a header that is too long, a request that is none: its own answers are plain text that name
the server's software or a line of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logger(__name__)

# By status: what is wrong and what to do.
WORDS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Not understood", "This is not a request that HTTP allows."),
    413: ("Too large", "The body of this request is too large; at most 5 MB are read."),
    431: ("Too large", "The headers of this request are too long, perhaps through cookies of another application."),
    500: ("Something went wrong", "The server met an error it did not expect; it was logged."),
    501: ("Not understood", "The server does not know this transfer encoding."),
}


class ProblemTask(ErrorTask):
    """Answers with a problem document, and closes the connection."""

    def execute(self) -> None:
        """Write it."""
        request: Any = self.request  # a parser that gave up: its error has a status, a reason and a body
        error = request.error
        title, detail = WORDS.get(error.code, (error.reason, "The server cannot answer this request."))
        # Not its text: that may quote a header, and so a password.
        log.warning("a request was refused", status=error.code, reason=error.reason)
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


class Channel(HTTPChannel):
    """One connection of a visitor."""

    error_task_class = ProblemTask
