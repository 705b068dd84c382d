"""``/.well-known/security.txt``: contact for security reports.

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
# Validity of the file; RFC 9116 recommends less than a year.
VALID: Final = timedelta(days=180)


def blueprint(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Blueprint:
    """Create the blueprint of the route, which answers 404 unless a contact is set.

    Parameters
    ----------
    settings
        Contact for security reports.
    clock
        Returns the current time with its time zone.
    """
    routes = Blueprint("security_txt", __name__)

    @routes.get(ADDRESS)
    def security_txt() -> Response:
        if settings.security_contact is None:
            raise NotFound("This server has no contact for security reports.")
        # Rounded to whole days, so that the file changes only once a day.
        expires = (clock() + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
        lines = [f"Contact: {settings.security_contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}"]
        lines.append("Preferred-Languages: en, fr")
        # RFC 9116 requires an https URL here.
        if request.scheme == "https":
            lines.append(f"Canonical: {request.url_root.rstrip('/')}{ADDRESS}")
        return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "max-age=86400"})

    return routes
