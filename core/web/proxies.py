"""Visitor address, host, scheme and path of requests behind reverse proxies."""

from __future__ import annotations

import ipaddress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from core.system.logs import logger
from core.urls.base_path import serving

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

# A client with one IPv6 address usually controls its whole /64 network.
IPV6_NETWORK: Final = 64


FORWARDED_PREFIX: Final = "HTTP_X_FORWARDED_PREFIX"

log = logger(__name__)


def register(server: Flask, trusted: int, base: str = "") -> None:
    """Trust the ``X-Forwarded-*`` headers of a number of proxies, with 0 none, and serve below a path.

    Each proxy appends the address of its client to ``X-Forwarded-For``. The entry appended by the outermost trusted
    proxy is the visitor's; earlier entries may be forged. Scheme and host are replaced rather than appended, so only
    the values of the last proxy count.

    Parameters
    ----------
    server
        The Flask application.
    trusted
        Number of proxies in front of the server. If it is too high, a visitor can forge the address that is logged and
        rate limited; if too low, all visitors share the address of a proxy.
    base
        Path below which the server is reached, without a slash at its end; empty for the root.
    """
    server.wsgi_app = BasePath(server.wsgi_app, base, trusted=trusted > 0)  # type: ignore[method-assign]
    if trusted:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=trusted, x_proto=1, x_host=1)  # type: ignore[method-assign]


def client_of(peer: str, forwarded: str, trusted: int) -> str:
    """Return the address of the visitor as `register` determines it, before the request reaches the application.

    Parameters
    ----------
    peer : address at the other end of the connection
    forwarded : value of ``X-Forwarded-For``; empty without that header
    trusted : number of proxies in front of the server
    """
    addresses = [each.strip() for each in forwarded.split(",")]
    return addresses[-trusted] if trusted and forwarded and len(addresses) >= trusted else peer


class BasePath:
    """WSGI middleware that serves an application below a path, whether or not the proxy strips it.

    The path is fixed by the setting, since Dash writes it into its pages. A request that begins with it was passed on
    as it came; one that does not was stripped by the proxy, or comes from the health check. ``X-Forwarded-Prefix`` of
    a trusted proxy must name the same path: another one means that no link of the pages would work.

    Parameters
    ----------
    app : WSGI application
    base : path without a slash at its end; empty for the root
    trusted : whether ``X-Forwarded-Prefix`` is believed
    """

    def __init__(self, app: Any, base: str, *, trusted: bool) -> None:  # noqa: ANN401 - Flask's own type
        self._app = app
        self._base = base
        self._trusted = trusted

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        """Answer one request."""
        told = str(environ.get(FORWARDED_PREFIX, "")).rpartition(",")[2].strip().rstrip("/") if self._trusted else ""
        if told and told != self._base:
            log.error("X-Forwarded-Prefix is not MASLDATLAS_URL_PREFIX", header=told[:80], setting=f"{self._base}/")
            text = "The proxy and the server disagree about the path below which this site is; its log says more.\n"
            return Response(text, HTTPStatus.BAD_REQUEST)(environ, start_response)
        path = environ["PATH_INFO"]
        if self._base and path == self._base and not told:
            query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
            moved = Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": f"{quote(self._base)}/{query}"})
            moved.autocorrect_location_header = False
            return moved(environ, start_response)
        if self._base:
            if not told and path.startswith(f"{self._base}/"):
                path = path.removeprefix(self._base)
            environ = {**environ, "PATH_INFO": path, "SCRIPT_NAME": self._base}
        with serving(self._base):
            return self._app(environ, start_response)


def address(remote: str | None) -> str:
    """Return the visitor for an IP address: the address itself, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False).network_address)
