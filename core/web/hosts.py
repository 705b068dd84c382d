"""Host of each request: names of this server alone are answered.

Any web page could otherwise read the atlases of a server on its visitor's machine: its name is made to lead to the
loopback address (DNS rebinding), and the browser then takes that server for the page's own.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from flask import Response, g, request

from core.settings.validators import is_loopback
from core.web.problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from core.settings.settings import Settings

# A name, an IPv4 address or an IPv6 address in brackets; then perhaps a port.
_HOST: Final = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE | re.ASCII)
# Key under which ProxyFix keeps what the request said before it.
_BEFORE_PROXIES: Final = "werkzeug.proxy_fix.orig"


def register(server: Flask, settings: Settings) -> None:
    """Answer requests for other hosts with 400; loopback names, as health checks use them, are always allowed."""
    allowed = frozenset({*settings.allowed_hosts, settings.host.rstrip(".").lower()})

    @server.before_request
    def check() -> Response | None:
        environ = cast("Mapping[str, object]", request.environ)
        before = cast("Mapping[str, object]", environ.get(_BEFORE_PROXIES) or {})
        # Waitress joins two headers of one name by a comma.
        sent = before.get("HTTP_HOST", environ.get("HTTP_HOST"))
        if not sent or name_of(str(sent)) is None:
            return _refused("The request must have one valid Host header.")
        name = name_of(str(environ.get("HTTP_HOST")))
        if name is None or not (is_loopback(name) or name in allowed):
            return _refused(
                "This server does not answer to the host name of the request.",
                "The operator can add the name to MASLDATLAS_ALLOWED_HOSTS.",
            )
        return None


def name_of(host: str) -> str | None:
    """Return the name or address of a Host header, without port and brackets; None if it is malformed."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").rstrip(".").lower() if found else None


def _refused(detail: str, remedy: str = "") -> Response:
    g.error, g.outcome = "HTTP 400", "refused"
    return problem(HTTPStatus.BAD_REQUEST, "Host not allowed", detail, **({"remedy": remedy} if remedy else {}))
