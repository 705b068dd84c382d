"""Connections to the server: bounded per address, and closed if a request does not arrive in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from waitress.channel import HTTPChannel

from core.system.logs import logger
from core.web.waitress_errors import ProblemTask

if TYPE_CHECKING:
    from collections.abc import Iterable

# A browser opens six connections to a host, and may keep several tabs open.
MOST_PER_ADDRESS: Final = 128
# From the first byte of a request to its last one. A body has 5 MB at most.
RECEIVING_SECONDS: Final = 30.0

log = logger(__name__)


class Channel(HTTPChannel):
    """Connection that reports errors as problem documents, and knows since when a request has been arriving."""

    error_task_class = ProblemTask
    # Number of connections of one address; 0 for no limit, since behind a proxy all have the same.
    most_per_address = 0

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002, ANN401 - as Waitress has it
        super().__init__(server, sock, addr, adj, map=map)
        self._begun: float | None = None
        if self.most_per_address:
            n = sum(each.addr[0] == addr[0] for each in server.active_channels.values())
            if n > self.most_per_address:
                log.warning("connection refused", address=addr[0], connections=n)
                self.will_close = True

    def received(self, data: bytes) -> bool:
        """Receive a part of a request."""
        result = super().received(data)
        if self.request is None:
            self._begun = None
        elif self._begun is None:
            self._begun = time.monotonic()
        return result

    def late(self, now: float) -> bool:
        """Return whether a request has begun and does not end; waiting for other requests of its connection counts."""
        return self._begun is not None and not self.requests and now - self._begun > RECEIVING_SECONDS


def close_late(connections: Iterable[object]) -> None:
    """Close the connections whose request does not arrive: they hold a place that others need."""
    now = time.monotonic()
    for each in connections:
        if isinstance(each, Channel) and not each.will_close and each.late(now):
            log.warning("connection closed, its request did not arrive", address=each.addr[0])
            each.will_close = True
