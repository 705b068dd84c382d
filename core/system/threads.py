"""Threads of the program. Only this module starts threads, so that each has a name, and an owner that stops it.

An application, a command or a background component owns a `Threads`; closing it stops the threads in reverse order.
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
# Longer than a step of background work, shorter than the grace period of supervisors.
PATIENCE: Final = 10.0

log = logger(__name__)


class Threads:
    """Threads of one owner, and other resources that are closed with them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: list[Callable[[], None]] = []

    def start(
        self, name: str, target: Callable[[], None], stop: Callable[[], object], patience: float = PATIENCE
    ) -> Thread:
        """Start a daemon thread.

        Parameters
        ----------
        name : of the thread, as debuggers and logs show it
        target : runs in the thread
        stop : asks the target to return
        patience : seconds to wait for the thread on closing; a thread that takes longer is logged and abandoned
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
        """Register a function to call on closing; a function that is registered twice is called once."""
        with self._lock:
            if end not in self._ends:
                self._ends.append(end)

    def close(self) -> None:
        """Stop threads and close resources in reverse order; the owner may be used again afterwards."""
        with self._lock:
            ends, self._ends = self._ends, []
        # The others are closed even if one raises.
        with ExitStack() as stack:
            for end in ends:
                stack.callback(end)


def pool(name: str, size: int) -> ThreadPoolExecutor:
    """Make a pool of named threads; the caller shuts it down."""
    return ThreadPoolExecutor(size, thread_name_prefix=name)


# Resources that the applications of a process share. An application that closes ends them; the next use restarts them.
shared: Final = Threads()
atexit.register(shared.close)
