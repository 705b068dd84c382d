"""``/.well-known/security.txt``: to whom somebody writes who has found a weakness.

References
----------
RFC 9116, A File Format to Aid in Security Vulnerability Disclosure.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.settings.settings import Settings

ADDRESS: Final = "/.well-known/security.txt"
# The file asks to be fetched anew after that time; RFC 9116 recommends less than a year.
VALID: Final = timedelta(days=180)


def blueprint(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Blueprint:
    """The one route; without a contact there is no file.

    Parameters
    ----------
    settings
        The contact.
    clock
        The time now, with its zone.
    """
    routes = Blueprint("security_txt", __name__)

    @routes.get(ADDRESS)
    def security_txt() -> Response:
        if settings.security_contact is None:
            raise NotFound("This server names no contact for reports on its security.")
        # Whole days, so that the file is the same all day.
        expires = (clock() + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
        lines = [f"Contact: {settings.security_contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}"]
        lines.append("Preferred-Languages: en, fr")
        # RFC 9116 wants https here; without TLS there is no address to vouch for.
        if request.scheme == "https":
            lines.append(f"Canonical: {request.host_url.rstrip('/')}{ADDRESS}")
        return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "max-age=86400"})

    return routes
