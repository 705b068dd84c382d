"""Path below which the server is reached, such as ``/atlas``, and the addresses that begin with it.

Addresses are made in pages, callbacks, views and routes alike, none of which knows the request. `core.web.proxies` sets
the path for the time of a request; outside a request, as in a command, there is none. What is stored or cached, such
as a permalink, is written without it: another server may read it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_base: ContextVar[str] = ContextVar("base path", default="")


def below(path: str) -> str:
    """Return the address of a path of this server, which begins with a slash, for a browser."""
    return f"{_base.get()}{path}"


def without(pathname: str) -> str:
    """Return the path of this server for a path that a browser shows; paths elsewhere stay as they are."""
    base = _base.get()
    return pathname.removeprefix(base) or "/" if pathname == base or pathname.startswith(f"{base}/") else pathname


@contextmanager
def serving(base: str) -> Generator[None, None, None]:
    """Answer a request below a path: ``/atlas``, or an empty text for the root."""
    token = _base.set(base)
    try:
        yield
    finally:
        _base.reset(token)
