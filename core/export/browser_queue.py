"""Bounded queue for the browser: first come, first served, as long as the client stays connected."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

from core.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

# Each waiting request occupies a server thread; pages need the others.
MOST = 8
# Longer than the browser may take for a figure, shorter than proxies wait.
PATIENCE = 75.0
POLL = 0.5


class Gone(BaseException):
    """The client has disconnected. Not an Exception: other clients may wait for the same figure."""


class Queue:
    """Queue of threads for a resource that one thread at a time can use.

    Parameters
    ----------
    most : threads that wait; another one is turned away at once
    seconds : that one waits
    clock : seconds that only grow
    """

    def __init__(
        self, most: int = MOST, seconds: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._line: deque[object] = deque()
        self._moved = Condition()

    def __len__(self) -> int:
        return len(self._line)

    @contextmanager
    def turn(self, gone: Callable[[], bool] | None = None, *, admitted: bool = False) -> Generator[None]:
        """Wait for the turn, and have it until the end of the block.

        Parameters
        ----------
        gone : tells whether nobody listens any more
        admitted : had a turn before for the same question, and is not turned away between two of its figures

        Raises
        ------
        Busy
            Too many wait already, or it took too long.
        Gone
            Nobody listens any more.
        """
        ticket = object()
        with self._moved:
            # The first in the queue is being rendered.
            if len(self._line) > self._most and not admitted:
                raise Busy(
                    f"The queue of the browser is full: {self._most} figures are waiting.", "Try again in a moment."
                )
            self._line.append(ticket)
            try:
                self._wait(ticket, gone)
            except BaseException:
                self._leave(ticket)
                raise
        try:
            yield
        finally:
            with self._moved:
                self._leave(ticket)

    def _wait(self, ticket: object, gone: Callable[[], bool] | None) -> None:
        until = self._clock() + self._seconds
        while self._line[0] is not ticket:
            if gone is not None and gone():
                raise Gone
            if self._clock() > until:
                raise Busy(
                    f"The figure waited longer than {self._seconds:g} seconds for the browser.",
                    "Try again in a moment.",
                )
            self._moved.wait(POLL)
        if gone is not None and gone():
            raise Gone

    def _leave(self, ticket: object) -> None:
        self._line.remove(ticket)
        self._moved.notify_all()
