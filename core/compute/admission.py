"""Admission control: a bounded number of heavy computations run, a short queue waits, further requests get 503.

A server that runs all requests at once answers none in time, and exceeds the memory of its container. Functions that
need processors and memory are therefore marked `heavy`: as many run at a time as there are processors, while their
memory fits together. The queue is short, so that threads of the web server are left for light requests. Requests that
find the queue full are refused, with the time after which to try again.

A heavy function must not wait for the answer of another one, which may itself be in the queue.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cache, wraps
from threading import Condition, get_ident
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from core.errors import Busy, Unavailable
from core.system.limits import cpu_count, memory_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

Given = ParamSpec("Given")
Result = TypeVar("Result")

# Length of the queue. Of the 40 threads of the web server, two or more compute, nine may draw figures, and the rest are
# left for light requests.
WAITING: Final = 16
# Longer than a heavy computation takes on a busy server, and shorter than the timeout of proxies.
PATIENCE: Final = 20.0
RETRY_AFTER: Final = 2
# Share of the container's memory; the rest is for the process itself, responses, and mapped pages.
SHARE: Final = 0.4
GB: Final = 1e9


class Admission:
    """Admission control with a bounded number of running and of waiting computations.

    Parameters
    ----------
    running : computations that run at a time
    waiting : length of the queue
    memory : bytes that the running computations may need together
    patience : longest wait in seconds
    """

    def __init__(self, running: int, waiting: int, memory: int, patience: float = PATIENCE) -> None:
        self._most, self._line, self._memory, self._patience = running, waiting, memory, patience
        self._changed = Condition()
        self._inside: dict[int, int] = {}
        self._waiting = 0

    @property
    def running(self) -> int:
        """Number of computations that run now."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """Number of computations that wait now."""
        return self._waiting

    @contextmanager
    def enter(self, needed: int = 0) -> Generator[None]:
        """Wait for a place and hold it; a thread that holds one enters at once.

        Parameters
        ----------
        needed : approximate bytes of memory

        Raises
        ------
        Busy
            The queue is full, or the wait took too long.
        Unavailable
            The computation needs more memory than the server provides.
        """
        me = get_ident()
        if me in self._inside:
            yield
            return
        if needed > self._memory:
            raise Unavailable(
                f"This computation needs about {needed / GB:.1f} GB of memory, and this server provides "
                f"{self._memory / GB:.1f} GB.",
                "Choose fewer genes, cells or categories.",
            )
        self._wait(me, needed)
        try:
            yield
        finally:
            with self._changed:
                del self._inside[me]
                self._changed.notify_all()

    def _wait(self, me: int, needed: int) -> None:
        end = time.monotonic() + self._patience
        with self._changed:
            if not self._fits(needed):
                if self._waiting >= self._line:
                    raise _busy(f"{self.running + self.waiting} other computations are running or waiting.")
                self._waiting += 1
                try:
                    if not self._changed.wait_for(lambda: self._fits(needed), max(end - time.monotonic(), 0)):
                        raise _busy(f"The request waited {self._patience:g} seconds in the queue.")
                finally:
                    self._waiting -= 1
            self._inside[me] = needed

    def _fits(self, needed: int) -> bool:
        inside = self._inside
        return not inside or (len(inside) < self._most and sum(inside.values()) + needed <= self._memory)


def _busy(message: str) -> Busy:
    return Busy(message, f"Try again in {RETRY_AFTER} seconds.", retry_after=RETRY_AFTER)


@cache
def admission() -> Admission:
    """Return the admission control of this process: one place a processor, at least two, in a share of its memory."""
    return Admission(max(cpu_count(), 2), WAITING, int(memory_limit() * SHARE))


def heavy(needed: Callable[..., int]) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Mark a function as a heavy computation, which needs admission.

    Parameters
    ----------
    needed : returns the approximate bytes of memory for the same arguments; its exceptions are raised
    """

    def marked(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(function)
        def inside(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            with admission().enter(needed(*args, **kwargs)):
                return function(*args, **kwargs)

        return inside

    return marked
