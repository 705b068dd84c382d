"""Admission control: a bounded number of heavy computations run, a short queue waits, further requests get 503.

A server that takes on every question at the same time answers none in time, and one whose container has a cap of memory
is killed. So the functions that need the processors and the memory are marked `heavy`: as many run at a time as there
are processors, as long as what they need together fits; so few wait that threads of the web server are left for
whoever asks for something light; and whoever finds the line full is told when to come back.

A heavy function must not wait for the answer of another one, which may itself stand in the line.
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

# Of the 40 threads of the web server these wait at most, two or more compute, nine may want figures, and the others
# answer what is light.
WAITING: Final = 16
# Longer than a heavy question takes on a busy server, and shorter than a proxy waits for an answer.
PATIENCE: Final = 20.0
RETRY_AFTER: Final = 2
# Of the memory of the container: the rest is for the process itself, what is being sent, and the mapped pages.
SHARE: Final = 0.4
GB: Final = 1e9


class Admission:
    """Lets in so many at a time, and keeps so many waiting.

    Parameters
    ----------
    running : how many compute at a time
    waiting : how many may wait for that
    memory : bytes that those who compute may need together
    patience : seconds after which nobody waits any longer
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
        """Wait for a place, and keep it; a thread that has one goes straight in.

        Parameters
        ----------
        needed : bytes of memory, roughly

        Raises
        ------
        Busy
            Too many wait already, or it took too long.
        Unavailable
            It would never fit.
        """
        me = get_ident()
        if me in self._inside:
            yield
            return
        if needed > self._memory:
            raise Unavailable(
                f"This needs about {needed / GB:.1f} GB of memory at once, and this server has "
                f"{self._memory / GB:.1f} GB for it.",
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
                    raise _busy(f"{self.running + self.waiting} other questions are being answered here.")
                self._waiting += 1
                try:
                    if not self._changed.wait_for(lambda: self._fits(needed), max(end - time.monotonic(), 0)):
                        raise _busy("The questions before this one take too long.")
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
    """Mark a function as one that has to be let in.

    Parameters
    ----------
    needed : of the same arguments, how many bytes of memory it takes, roughly; what it raises is raised
    """

    def marked(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(function)
        def inside(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            with admission().enter(needed(*args, **kwargs)):
                return function(*args, **kwargs)

        return inside

    return marked
