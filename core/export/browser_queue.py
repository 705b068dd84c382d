"""Bounded queue for the browser: clients take turns, a figure each, as long as they stay connected.

A client that cannot be served in time is told so at once: the queue knows how long a figure takes, and how many figures
each client still needs.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

from core.compute.abandonment import Abandoned
from core.compute.admission import half, visitor
from core.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

# Each waiting request occupies a server thread; pages need the others.
MOST = 8
# Longer than the browser may take for a figure, shorter than proxies wait.
PATIENCE = 75.0
# Longest expected time of a request, from its arrival to its last figure; proxies give up after 60 seconds.
LONGEST = 45.0
# Seconds a figure takes, until some have been rendered; and the weight of each new one in the running mean.
FIRST_GUESS = 1.5
WEIGHT = 0.2
POLL = 0.5


class Client:
    """Client of the queue: the visitor it belongs to, and the figures that it still needs.

    Parameters
    ----------
    figures : to be rendered for this client
    """

    def __init__(self, figures: int = 1) -> None:
        self.left = figures
        self.visitor = visitor.get()


class Queue:
    """Queue of threads for a resource that one thread at a time can use.

    Parameters
    ----------
    most : clients that wait; another one is turned away at once
    seconds : that one waits for a turn
    longest : expected seconds of a client with all its figures, beyond which the client is turned away at once
    clock : seconds that only grow
    """

    def __init__(
        self,
        most: int = MOST,
        seconds: float = PATIENCE,
        longest: float = LONGEST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._longest = longest
        self._clock = clock
        self._mean = FIRST_GUESS
        self._line: list[Client] = []
        self._admitted: list[Client] = []
        self._moved = Condition()

    def __len__(self) -> int:
        return len(self._line)

    @contextmanager
    def admitted(self, client: Client) -> Generator[None]:
        """Admit a client with all its figures, which then get their turns; one that is admitted already stays so.

        Raises
        ------
        Busy
            Too many wait already, or it would take too long.
        """
        with self._moved:
            if client in self._admitted:
                first = False
            else:
                self._check(client)
                self._admitted.append(client)
                first = True
        try:
            yield
        finally:
            if first:
                with self._moved:
                    self._admitted.remove(client)

    @contextmanager
    def turn(self, client: Client | None = None, gone: Callable[[], bool] | None = None) -> Generator[None]:
        """Wait for the turn, and have it until the end of the block.

        Parameters
        ----------
        client : whose figure it is; a client of one figure unless given
        gone : tells whether nobody listens any more

        Raises
        ------
        Busy
            See `admitted`; or the wait took too long.
        Abandoned
            Nobody listens any more.
        """
        mine = client or Client()
        with self.admitted(mine):
            with self._moved:
                self._line.append(mine)
                try:
                    self._wait(mine, gone)
                except BaseException:
                    self._leave(mine)
                    raise
            start = self._clock()
            try:
                yield
            finally:
                with self._moved:
                    self._mean += WEIGHT * (self._clock() - start - self._mean)
                    mine.left -= 1
                    self._leave(mine)

    def expected(self, figures: int) -> float:
        """Return the seconds until so many figures would be rendered, when clients take turns."""
        return self._mean * (figures + sum(min(max(each.left, 1), figures) for each in self._admitted))

    def _check(self, client: Client) -> None:
        # The first of those that are admitted is being served.
        if len(self._admitted) > self._most:
            raise self._busy(f"The queue of the browser is full: {self._most} figures are waiting.", self._mean)
        same = sum(each.visitor == client.visitor for each in self._admitted)
        if client.visitor and same > half(self._most):
            raise self._busy(f"{same} figures of your network address are already waiting.", self._mean)
        seconds = self.expected(client.left)
        if self._admitted and seconds > self._longest:
            raise self._busy(
                f"The browser would need about {seconds:.0f} seconds, of which a request may take {self._longest:g}.",
                seconds - self._longest,
            )

    @staticmethod
    def _busy(message: str, seconds: float) -> Busy:
        after = max(math.ceil(seconds), 2)
        return Busy(message, f"Try again in {after} seconds.", retry_after=after)

    def _wait(self, mine: Client, gone: Callable[[], bool] | None) -> None:
        until = self._clock() + self._seconds
        while self._line[0] is not mine:
            if gone is not None and gone():
                raise Abandoned
            if self._clock() > until:
                raise self._busy(
                    f"The figure waited longer than {self._seconds:g} seconds for the browser.", self._mean
                )
            self._moved.wait(POLL)
        if gone is not None and gone():
            raise Abandoned

    def _leave(self, mine: Client) -> None:
        self._line.remove(mine)
        self._moved.notify_all()
