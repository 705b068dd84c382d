"""Admission control: a bounded number of heavy computations run, a short queue waits, further requests get 503.

A server that runs all requests at once answers none in time, and exceeds the memory of its container. Functions that
need processors and memory are therefore marked `heavy`: as many run at a time as there are processors, while their
memory fits together. The queue is short, so that threads of the web server are left for light requests. Requests that
find the queue full are refused, with the time after which to try again.

One visitor gets at most half of the places and half of the queue, and waiting visitors take turns: the one with the
fewest running computations goes first.

A heavy function must not wait for the answer of another one, which may itself be in the queue.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from threading import Condition, get_ident
from typing import TYPE_CHECKING, Final, NamedTuple, ParamSpec, TypeVar

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
# Visitor on whose behalf this thread works, as the rate limit knows visitors; empty for a lone user and for commands.
visitor: ContextVar[str] = ContextVar("visitor", default="")


class _Computation(NamedTuple):
    """Running or waiting computation: its visitor, and the bytes of memory that it needs."""

    visitor: str
    needed: int


def half(places: int) -> int:
    """Return how many of so many places one visitor may hold."""
    return max(places // 2, 1)


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
        self._inside: dict[int, _Computation] = {}
        # By thread, in the order of arrival.
        self._queue: dict[int, _Computation] = {}

    @property
    def running(self) -> int:
        """Number of computations that run now."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """Number of computations that wait now."""
        return len(self._queue)

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
        mine = _Computation(visitor.get(), needed)
        with self._changed:
            # Those who wait go first.
            if self._queue or not self._fits(mine):
                self._check_queue(mine)
                self._queue[me] = mine
                try:
                    if not self._changed.wait_for(lambda: self._next() == me, self._patience):
                        raise _busy(f"The request waited {self._patience:g} seconds in the queue.")
                finally:
                    del self._queue[me]
                    # The next one may fit beside this one, or instead of it.
                    self._changed.notify_all()
            self._inside[me] = mine

    def _check_queue(self, mine: _Computation) -> None:
        """Refuse a computation for which the queue has no place."""
        if len(self._queue) >= self._line:
            raise _busy(f"{self.running + self.waiting} other computations are running or waiting.")
        same = sum(each.visitor == mine.visitor for each in self._queue.values())
        if mine.visitor and same >= half(self._line):
            raise _busy(f"{same} computations of your network address are already waiting.")

    def _next(self) -> int | None:
        """Return the waiting thread whose turn it is: of those that fit, that of the visitor who computes least."""
        held = Counter(each.visitor for each in self._inside.values())
        ready = [(held[each.visitor], at, me) for at, (me, each) in enumerate(self._queue.items()) if self._fits(each)]
        return min(ready)[2] if ready else None

    def _fits(self, mine: _Computation) -> bool:
        inside = self._inside.values()
        if mine.visitor and sum(each.visitor == mine.visitor for each in inside) >= half(self._most):
            return False
        used = sum(each.needed for each in inside)
        return not inside or (len(inside) < self._most and used + mine.needed <= self._memory)


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
