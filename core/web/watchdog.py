"""Watchdog: a thread asks the server's own ``/healthz``; a process that does not answer itself is ended.

Docker and `core.system.restart` start what has ended, but not what hangs. Each answer postpones a timer of
`faulthandler`, which is no Python thread: it ends the process even if a library holds the interpreter for ever, and
writes to stderr what each thread was doing.
"""

from __future__ import annotations

import faulthandler
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from threading import Event
from typing import TYPE_CHECKING, Final

from core.monitoring.probe import probe
from core.system.logs import logger

if TYPE_CHECKING:
    from core.system.threads import Threads

STDERR: Final = 2
INTERVAL: Final = 5.0
# Longer than any pause of a working server; `/healthz` has a thread of its own.
SECONDS: Final = 60.0
PATIENCE: Final = 10.0
PATH: Final = "/healthz"
# Addresses that mean "all of this machine", and the one under which the server then finds itself.
ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here

log = logger(__name__)


class Watchdog:
    """Watchdog of one server.

    Parameters
    ----------
    host, port : of the server
    interval : seconds between probes
    seconds : without an answer, after which the process ends with exit code 1
    """

    def __init__(self, host: str, port: int, interval: float = INTERVAL, seconds: float = SECONDS) -> None:
        self._host, self._port = ANY.get(host, host), port
        self._interval, self._seconds = interval, seconds
        self._stopped = Event()

    def start(self, threads: Threads) -> None:
        """Start the thread; closing `threads` stops it and the timer."""
        probe.succeeded = time.monotonic()
        self._postpone()
        threads.start("watchdog", self._run, self.stop, patience=PATIENCE + 1)

    def stop(self) -> None:
        """Stop the timer and ask the thread to return."""
        self._stopped.set()
        faulthandler.cancel_dump_traceback_later()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            start = time.monotonic()
            fault = self._fault()
            now = time.monotonic()
            if self._stopped.is_set():
                return
            if fault:
                log.warning("the server does not answer its own probe", seconds=round(now - start, 1), fault=fault)
            else:
                probe.seconds, probe.succeeded = now - start, now
                self._postpone()

    def _fault(self) -> str:
        """Ask once; return what is wrong with the answer, or nothing."""
        connection = HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request("GET", PATH, headers={"Connection": "close"})
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            return str(error) or type(error).__name__
        finally:
            connection.close()
        return "" if status == HTTPStatus.OK else f"status {status}"

    def _postpone(self) -> None:
        # A timer that is set anew replaces the previous one.
        faulthandler.dump_traceback_later(self._seconds, exit=True, file=STDERR)
