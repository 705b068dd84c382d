"""Threads: started here alone, so that each has a name, and an owner that ends it.

An application, a command or a component that works in the background has one `Threads`; closing that ends what was
started with it, the last first.
"""

from __future__ import annotations

import atexit
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, ParamSpec

from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable

Given = ParamSpec("Given")
# Longer than a step of what runs in the background, shorter than supervisors wait before they kill.
PATIENCE: Final = 10.0

log = logger(__name__)


class Threads:
    """The threads of one owner, and whatever else has to be closed with them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: list[Callable[[], None]] = []

    def start(
        self, name: str, target: Callable[[], None], stop: Callable[[], object], patience: float = PATIENCE
    ) -> Thread:
        """Start a thread; it does not keep the process alive.

        Parameters
        ----------
        name : of the thread, for those who look at a process from outside
        target : runs in the thread
        stop : asks the target to return
        patience : seconds that closing waits for that; a thread that takes longer is reported and left behind
        """
        thread = Thread(target=target, name=name, daemon=True)

        def end() -> None:
            stop()
            thread.join(patience)
            if thread.is_alive():
                log.warning("a thread does not end", thread=name, seconds=patience)

        thread.start()
        self.on_close(end)
        return thread

    def on_close(self, end: Callable[[], None]) -> None:
        """Call a function when this owner is closed; once, however often it is given."""
        with self._lock:
            if end not in self._ends:
                self._ends.append(end)

    def close(self) -> None:
        """End everything, the last first; then more may be started."""
        with self._lock:
            ends, self._ends = self._ends, []
        # An error of one does not spare the others.
        with ExitStack() as stack:
            for end in ends:
                stack.callback(end)


def pool(name: str, size: int) -> ThreadPoolExecutor:
    """Make a pool of named threads; the caller shuts it down."""
    return ThreadPoolExecutor(size, thread_name_prefix=name)


# For what the applications of a process share. The first one that closes ends it, and the next use starts it again.
shared: Final = Threads()
atexit.register(shared.close)
