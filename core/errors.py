"""The errors a user can cause or meet, each one sentence long and with a way out.

::

    AtlasError                      500
    ├── InvalidInput                400   what was asked cannot be understood
    │   ├── InvalidQuery            400   a parameter of a view or of the API
    │   │   ├── NoAtlas             400   a figure, while the catalogue is empty
    │   │   └── EmptySelection      400   filters that no cell passes
    │   ├── InvalidSettings         400   a MASLDATLAS_ variable
    │   └── InvalidFile             422   a file that cannot become an atlas
    ├── NotFound                    404
    │   ├── UnknownAtlas            404
    │   ├── UnknownGene             404   carries the nearest names
    │   └── UnknownColumn           404   carries the nearest names
    ├── Conflict                    409   the name is taken, or another process uses it
    ├── TooManyRequests             429   one visitor exceeds the rate limit
    ├── BrokenStore                 500   an atlas whose files are damaged or of another schema
    ├── DownloadFailed              502   another server does not give what it should
    ├── Unavailable                 503   a program that this needs is not there, or does not answer
    │   ├── Busy                    503   it is at work for others; says when to come back
    │   └── Cancelled               503   a long computation that nobody waits for any more
    └── StorageFull                 507
"""

from __future__ import annotations

from http import HTTPStatus


class AtlasError(Exception):
    """Base of all errors that are shown to people.

    Parameters
    ----------
    message
        One sentence: what is wrong, and where.
    remedy
        What to do about it; empty when the message already says so.
    """

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    title: str = "Something went wrong"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class InvalidInput(AtlasError):
    """Input or a question that cannot be understood."""

    status = HTTPStatus.BAD_REQUEST
    title = "Not understood"


class InvalidQuery(InvalidInput):
    """A parameter of a view or of the API is malformed."""


class NoAtlas(InvalidQuery):
    """A figure is asked for while no atlas has been imported."""

    def __init__(
        self, message: str = "No atlas has been imported.", remedy: str = "Run: masldatlas import FILE."
    ) -> None:
        super().__init__(message, remedy)


class EmptySelection(InvalidQuery):
    """The filters of a view leave no cell."""

    def __init__(
        self, message: str = "No cells match these filters.", remedy: str = "Remove a filter, or reset the selection."
    ) -> None:
        super().__init__(message, remedy)


class InvalidSettings(InvalidInput):
    """A ``MASLDATLAS_`` variable is unknown or malformed."""

    title = "Settings not understood"


class InvalidFile(InvalidInput):
    """A file cannot become an atlas."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "File not usable"


class NotFound(AtlasError):
    """The thing named does not exist."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"

    def __init__(self, message: str, remedy: str = "", *, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.suggestions = suggestions


class UnknownAtlas(NotFound):
    """No atlas of that id."""


class UnknownGene(NotFound):
    """No gene of that name in the atlas; ``suggestions`` holds the nearest names."""


class UnknownColumn(NotFound):
    """No such column, or no such category in it; ``suggestions`` holds the nearest names."""


class Conflict(AtlasError):
    """The name is taken, or another process is at work on it."""

    status = HTTPStatus.CONFLICT
    title = "Already there"


class TooManyRequests(AtlasError):
    """One visitor exceeds the rate limit."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"


class BrokenStore(AtlasError):
    """An atlas on disk is damaged, or of a schema this version does not read."""

    title = "Atlas not readable"


class DownloadFailed(AtlasError):
    """A file cannot be fetched from another server."""

    status = HTTPStatus.BAD_GATEWAY
    title = "Download failed"


class Unavailable(AtlasError):
    """A program that this needs, such as a browser, is not installed here or does not answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not available"


class Busy(Unavailable):
    """Refusal while too many other requests are at work; ``retry_after`` is the number of seconds to wait."""

    title = "Busy"

    def __init__(self, message: str, remedy: str = "", *, retry_after: int = 5) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class Cancelled(Unavailable):
    """A long computation was ended on request, or because its client has gone."""

    title = "Cancelled"


class StorageFull(AtlasError):
    """The disk has no room left."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    title = "Disk full"
