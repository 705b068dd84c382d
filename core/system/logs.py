"""Structured logs on stderr: JSON lines in production, a readable console elsewhere.

One handler serves structlog and the standard library, so the lines of Waitress, Dash and Flask look like ours. Write
with ``logger(__name__).info("what happened", gene="ALB")``: a short constant event, and the rest as fields.
"""

from __future__ import annotations

import logging
import re
import sys
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import unquote, urlsplit

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter

from core.settings.validators import without_password

if TYPE_CHECKING:
    from core.settings.settings import Settings

_HANDLER: Final = "masldatlas"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHORTEST_HIDDEN: Final = 6
# Their debug lines come by the thousand and are about themselves.
_VERBOSE: Final = ("asyncio", "fontTools", "h5py", "matplotlib", "numba", "urllib3")


class _Stderr(logging.StreamHandler[TextIO]):
    """A handler that looks up stderr when it writes, since tests and servers replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record to what is stderr now."""
        self.stream = sys.stderr
        super().emit(record)


def configure(settings: Settings) -> None:
    """Set up structlog and the standard library's logging; may be called again.

    Parameters
    ----------
    settings
        ``env`` chooses the form, ``log_level`` what is kept. Its secrets are masked in every line.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    render: list[structlog.typing.Processor]
    if settings.production:
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    else:
        render = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]

    handler = _Stderr()
    handler.set_name(_HANDLER)
    handler.setLevel(settings.log_level)  # Dash sets the level of its own logger
    handler.setFormatter(
        ProcessorFormatter(
            processors=[ProcessorFormatter.remove_processors_meta, *render, _Mask(_secrets(settings))],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    for previous in [present for present in root.handlers if present.get_name() == _HANDLER]:
        root.removeHandler(previous)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    _adopt(settings.log_level)
    # A warning of a library is then a line of the log like any other; elsewhere it stays what a developer expects.
    logging.captureWarnings(settings.production)

    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a module's logger must follow when this is called again
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)


def start_request(proposed: str | None = None) -> str:
    """Assign an id to the request that this thread begins; each of its log lines carries the id.

    Parameters
    ----------
    proposed
        The ``X-Request-ID`` of the caller, kept if it is 1 to 64 letters, digits, dots, dashes and underscores.

    Returns
    -------
    str
        The id. Context of the thread's previous request is discarded.
    """
    request_id = proposed if proposed and _REQUEST_ID.fullmatch(proposed) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def end_request() -> None:
    """Forget the request of this thread."""
    structlog.contextvars.clear_contextvars()


def _adopt(level: str) -> None:
    """Take over the loggers of the web stack, which bring handlers of their own."""
    for name in ("dash", "dash.dash", "flask.app", "waitress", "werkzeug"):
        library = logging.getLogger(name)
        for own in list(library.handlers):
            library.removeHandler(own)
        library.propagate = True
    # With no handler Dash adds one to stdout, and with no level werkzeug adds one to stderr.
    logging.getLogger("dash.dash").addHandler(logging.NullHandler())
    logging.getLogger("werkzeug").setLevel(level)
    for name in _VERBOSE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def _dumps(event: dict[str, Any], default: Callable[[Any], Any], **_: object) -> str:
    """Serialize one event; values that JSON does not know are written as their ``repr``."""

    def dump(value: object) -> bytes:
        return orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS)

    def serializable(value: object) -> object:
        try:
            dump(value)
        except TypeError:
            return ascii(value)
        return value

    try:
        return dump(event).decode()
    except TypeError:  # a lone surrogate of a file name, or an integer beyond 64 bits
        return dump({ascii(name)[1:-1]: serializable(value) for name, value in event.items()}).decode()


class _Mask:
    """Mask secrets in a rendered line: those of the settings by value, passwords of URLs by position."""

    def __init__(self, secrets: set[str]) -> None:
        self.secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, _logger: object, _method: str, line: object) -> str:
        text = str(line)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return without_password(text)


def _secrets(settings: Settings) -> set[str]:
    """Return the secrets of the settings, in each form that may appear in a line."""
    passwords = {urlsplit(url or "").password or "" for url in (settings.cache_redis, settings.limiter_redis)}
    plain = {settings.secret_key.get_secret_value(), *passwords, *map(unquote, passwords)}
    shown = {form for secret in plain for form in (secret, repr(secret)[1:-1], ascii(secret)[1:-1])}
    shown |= {orjson.dumps(form).decode()[1:-1] for form in shown}
    # Masking a secret of a few letters would hide half of every line.
    return {secret for secret in shown if len(secret) >= _SHORTEST_HIDDEN}
