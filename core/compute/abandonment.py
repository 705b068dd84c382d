"""Computations that nobody waits for any more: they end at the border of a block.

The web layer sets `client_gone` for the duration of a request; `Workers.over_genes` asks it between blocks, and the
watch of the thread as well.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from core.compute import watch

if TYPE_CHECKING:
    from collections.abc import Callable

# Tells whether the client of the request of this thread has disconnected; None for commands and background work.
client_gone: ContextVar[Callable[[], bool] | None] = ContextVar("client_gone", default=None)
# Seconds between two looks while a computation runs.
POLL: Final = 0.1


class Abandoned(BaseException):
    """The client has disconnected. Not an Exception: other clients may wait for the same result."""


def check() -> None:
    """Raise Abandoned if the client of this request has disconnected, and Cancelled if its watch says so."""
    watch.check()
    gone = client_gone.get()
    if gone is not None and gone():
        raise Abandoned
