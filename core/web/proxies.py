"""Behind reverse proxies: whose address a request comes from, and by which address and scheme the visitor came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from flask import Flask


def register(server: Flask, trusted: int) -> None:
    """Believe the ``X-Forwarded-*`` headers of that many proxies; with none, nobody's.

    Each proxy appends the address that it was asked from to ``X-Forwarded-For``: the one that the outermost trusted
    proxy appended is the visitor's, and what stands before it anybody may have written. Scheme and host are replaced,
    not appended, so only the last proxy's word counts.

    Parameters
    ----------
    server
        Whose requests.
    trusted
        How many proxies stand in front, one behind the other. With more than there are, a visitor can choose the
        address that is logged and counted; with fewer, all visitors share that of a proxy.
    """
    if trusted:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=trusted, x_proto=1, x_host=1)  # type: ignore[method-assign]
