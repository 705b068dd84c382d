"""Progress of a long computation as others see it, and the way to cancel it from outside.

The caller of a computation opens a `Watch` under a token, such as one that a page made; other requests with the
same token read its progress or cancel it. A watch with `patience` cancels by itself when nobody has looked for so long:
the tab was closed.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event, Lock
from typing import TYPE_CHECKING

from core.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Watch:
    """Progress and cancellation of one computation; safe to use from several threads.

    Parameters
    ----------
    patience
        Seconds without a `look` after which the computation is cancelled; never by default.
    is_gone
        Tells that the client has disconnected.
    report
        Called with each step and share, in the thread that computes.

    Attributes
    ----------
    step, done
        Current step, and the share of it that is done, from 0 to 1.
    """

    def __init__(
        self,
        patience: float = float("inf"),
        is_gone: Callable[[], bool] | None = None,
        report: Callable[[str, float], None] | None = None,
    ) -> None:
        self.step, self.done = "", 0.0
        self._patience, self._is_gone, self._report = patience, is_gone, report
        self._cancelled = Event()
        self._looked = time.monotonic()

    def report(self, step: str, done: float) -> None:
        """Set the progress."""
        self.step, self.done = step, done
        if self._report is not None:
            self._report(step, done)

    def look(self) -> tuple[str, float]:
        """Return step and share, and note that somebody still wants the result."""
        self._looked = time.monotonic()
        return self.step, self.done

    def cancel(self) -> None:
        """Ask the computation to end."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """True once the computation should end: it was cancelled, or nobody waits for it."""
        if not self._cancelled.is_set() and (
            time.monotonic() - self._looked > self._patience or (self._is_gone is not None and self._is_gone())
        ):
            self._cancelled.set()
        return self._cancelled.is_set()


# Watch of the computation of this thread; None where nobody watches.
current: ContextVar[Watch | None] = ContextVar("watch", default=None)
_lock = Lock()
_open: dict[str, Watch] = {}


def report(step: str, done: float) -> None:
    """Report to the watch of this thread, if there is one; raise Cancelled where the computation should end."""
    check()
    watch = current.get()
    if watch is not None:
        watch.report(step, done)


def check() -> None:
    """Raise Cancelled where the watch of this thread asks the computation to end."""
    watch = current.get()
    if watch is not None and watch.is_cancelled:
        raise Cancelled("The computation was cancelled.")


@contextmanager
def watching(watch: Watch, token: str = "") -> Generator[Watch]:
    """Let computations of this thread report to a watch; others find it by its token while the block runs.

    A token that is already in use belongs to an earlier computation of the same page, which is cancelled.
    """
    before = current.set(watch)
    if token:
        with _lock:
            earlier = _open.get(token)
            _open[token] = watch
        if earlier is not None:
            earlier.cancel()
    try:
        yield watch
    finally:
        current.reset(before)
        with _lock:
            if _open.get(token) is watch:
                del _open[token]


def watch_of(token: str) -> Watch | None:
    """Return the watch that is open under a token in this process; None when that computation has ended."""
    with _lock:
        return _open.get(token)
