"""Visitor address, host and scheme of requests behind reverse proxies."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from flask import Flask

# A client with one IPv6 address usually controls its whole /64 network.
IPV6_NETWORK: Final = 64


def register(server: Flask, trusted: int) -> None:
    """Trust the ``X-Forwarded-*`` headers of a number of proxies; with 0, ignore these headers.

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
    """
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
