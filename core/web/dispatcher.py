"""Threads of the web server, shared fairly: visitors take turns, and ``/healthz`` has a thread of its own.

Waitress answers requests in the order of their arrival. One visitor with a hundred connections would then make all
others wait, and the health check with them. A visitor whose requests are refused and who asks on regardless is answered
slowly: each refusal takes a millisecond of the interpreter, which hundreds a second would take from everybody else.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from cachetools import TTLCache
from waitress.task import ThreadedTaskDispatcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.web.connections import Channel

# Threads that one visitor may hold: more than heavy computations and figures of one visitor can occupy.
SHARE: Final = 16
HEALTH: Final = "/healthz"
# Health checks that wait for their thread; more of them are no checks, and wait like any other request.
MOST_CHECKS: Final = 16
# Seconds during which a visitor counts as refused, and the pause of his thread after each of his requests.
LATELY: Final = 2.0
PAUSE: Final = 0.1


class Refused:
    """Visitors who were refused lately, with the number of threads that each may hold meanwhile."""

    def __init__(self) -> None:
        self._shares: TTLCache[str, int] = TTLCache(1_000, LATELY)
        self._lock = Lock()

    def note(self, visitor: str, share: int) -> None:
        """Note that a visitor was refused."""
        with self._lock:
            self._shares[visitor] = share

    def share(self, visitor: str) -> int | None:
        """Return the number of threads that a visitor may hold; None unless he was refused lately."""
        with self._lock:
            return self._shares.get(visitor)


# A process has one web server.
refused: Final = Refused()


class Task:
    """Request that waits for a thread: its connection, and the visitor who sent it."""

    def __init__(self, channel: Channel, visitor: str, done: Callable[[str], None]) -> None:
        self.visitor = visitor
        self._channel, self._done = channel, done

    def service(self) -> None:
        """Answer the request."""
        try:
            self._channel.service()
            if refused.share(self.visitor) is not None:
                time.sleep(PAUSE)
        finally:
            self._done(self.visitor)

    def cancel(self) -> None:
        """Drop the request."""
        self._channel.cancel()


class FairQueue:
    """Waiting tasks by visitor. It takes the place of the deque of Waitress's dispatcher, which holds a lock.

    Parameters
    ----------
    share : tasks of one visitor that may run at a time
    """

    def __init__(self, share: int) -> None:
        self._share = share
        self._lines: OrderedDict[str, deque[Task]] = OrderedDict()
        self._running: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def __bool__(self) -> bool:
        """Return whether a task may run now."""
        return self._next() is not None

    def append(self, task: Task) -> None:
        """Add a task at the end of its visitor's line."""
        self._lines.setdefault(task.visitor, deque()).append(task)

    def popleft(self) -> Task:
        """Take the next task of the visitor whose turn it is."""
        visitor = self._next()
        if visitor is None:
            raise IndexError("no task may run now")
        line = self._lines[visitor]
        task = line.popleft()
        if line:
            self._lines.move_to_end(visitor)
        else:
            del self._lines[visitor]
        self._running[visitor] += 1
        return task

    def done(self, visitor: str) -> None:
        """Note the end of a task that was taken."""
        self._running[visitor] -= 1
        if not self._running[visitor]:
            del self._running[visitor]

    def _next(self) -> str | None:
        return next((each for each in self._lines if self._running[each] < (refused.share(each) or self._share)), None)


class Dispatcher(ThreadedTaskDispatcher):
    """Threads that answer requests.

    Parameters
    ----------
    share : threads that one visitor may hold
    visitor : tells whose request is the next one of a connection
    """

    def __init__(self, share: int, visitor: Callable[[Channel], str]) -> None:
        super().__init__()
        self.queue: Any = FairQueue(share)
        self._visitor = visitor
        self._checks = ThreadedTaskDispatcher()

    def set_thread_count(self, count: int) -> None:
        """Start or stop threads; there is one more for health checks."""
        super().set_thread_count(count)
        self._checks.set_thread_count(min(count, 1))

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - Waitress has a class of its own in mind
        """Queue the next request of a connection."""
        # What is malformed has no path.
        path = getattr(task.requests[0], "path", "")
        if path == HEALTH and len(self._checks.queue) < MOST_CHECKS:
            self._checks.add_task(task)
        else:
            waiting: Any = Task(task, self._visitor(task), self._done)
            super().add_task(waiting)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:  # noqa: FBT001, FBT002 - as Waitress has it
        """Stop all threads."""
        self._checks.shutdown(cancel_pending, timeout)
        return super().shutdown(cancel_pending, timeout)

    def _done(self, visitor: str) -> None:
        with self.lock:
            self.queue.done(visitor)
            # Another task of this visitor may have waited for this one alone.
            self.queue_cv.notify()
