"""Keep a server running: a parent process starts it anew after a crash, a bounded number of times.

A file of a store that is truncated while it is mapped ends the process (SIGBUS), and so does the watchdog of
`core.web.watchdog` if the server hangs. Where no supervisor such as Docker starts it again, this module does. The child
is a fork, so that the program is loaded once; the parent starts no threads and only waits.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

FORWARDED: Final = (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
# Exit code of an error that would happen again: settings, or an address in use.
USER_ERROR: Final = 2
# A server that crashes more often within this time is not started again.
WINDOW: Final = 600.0
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0

log = logger(__name__)
_parent = 0


def orphaned() -> bool:
    """Return whether the parent that would start this process again has ended: then this process ends, too."""
    return bool(_parent) and os.getppid() != _parent


def keep_running(work: Callable[[], None], restarts: int, first_wait: float = FIRST_WAIT) -> None:
    """Do the work in a child process, and start another one after each crash; must be called before threads start.

    The parent passes SIGTERM, SIGINT and SIGHUP on, and exits with the code of the child. It gives up after more than
    so many crashes within ten minutes. Without restarts, and on systems without fork, the work is done in this process.

    Parameters
    ----------
    work : what the child does; afterwards `keep_running` returns in the child
    restarts : number of crashes within ten minutes after which a new process is started
    first_wait : seconds before the first restart; each further one waits twice as long

    Raises
    ------
    SystemExit
        In the parent, once no process is started any more.
    """
    if not restarts or not hasattr(os, "fork"):
        work()
        return
    child = _Child()
    crashes: deque[float] = deque()
    while True:
        if child.start():
            work()
            return
        code = child.wait()
        now = time.monotonic()
        while crashes and crashes[0] < now - WINDOW:
            crashes.popleft()
        crashes.append(now)
        if child.stopped or code in (0, USER_ERROR) or len(crashes) > restarts:
            if not child.stopped and len(crashes) > restarts:
                log.error("the server crashed too often and is not started again", code=code, crashes=len(crashes))
            raise SystemExit(code if code >= 0 else 128 - code)
        wait = min(first_wait * 2 ** (len(crashes) - 1), LONGEST_WAIT)
        log.error("the server crashed and is started again", code=code, crashes=len(crashes), seconds=wait)
        child.pause(wait)


class _Child:
    """The process that serves, seen from its parent."""

    def __init__(self) -> None:
        self.stopped = 0
        self._pid = 0
        handlers = {number: signal.getsignal(number) for number in FORWARDED}
        # nohup has its children ignore SIGHUP.
        self._before = {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}

    def start(self) -> bool:
        """Fork; return True in the child, which gets the signal handlers that were there before."""
        global _parent  # noqa: PLW0603 - a process has one parent
        for number in self._before:
            signal.signal(number, self._forward)
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid:
            if self.stopped:
                # The signal came before there was a child.
                os.kill(self._pid, self.stopped)
            return False
        _parent = parent
        # A group of its own: Ctrl-C reaches the parent alone, and the child once.
        os.setpgid(0, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        return True

    def wait(self) -> int:
        """Wait for the end of the child; return its exit code, negative for a signal."""
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return os.waitstatus_to_exitcode(status)

    def pause(self, seconds: float) -> None:
        """Wait before the next start; a signal ends the parent."""
        end = time.monotonic() + seconds
        while not self.stopped and time.monotonic() < end:
            time.sleep(min(0.1, seconds))
        if self.stopped:
            raise SystemExit(128 + self.stopped)

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        self.stopped = number
        if self._pid:
            os.kill(self._pid, number)
