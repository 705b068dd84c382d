"""Fetching of reference data by a server that starts without any, in a process beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from core.genes.reference_store import stamp
from core.settings.settings import child_environment
from core.system.logs import logger
from core.system.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.settings.settings import Settings

log = logger(__name__)
NOTHING: Final = (0, 0)
POLL_SECONDS: Final = 0.5
COMMAND: Final = (sys.executable, "-m", "core.cli", "references", "fetch")


class FirstFetch:
    """Fetch of all archived references, once at the start, if there are none; the caller of `start` must call `stop`.

    A process of its own, since reading the files takes seconds of computing. A failure is one line of the log: the
    pages say what to run where reference data are needed.

    Parameters
    ----------
    settings
        Of the server.
    command
        Runs the fetch.
    """

    def __init__(self, settings: Settings, command: Sequence[str] = COMMAND) -> None:
        self._settings = settings
        self._command = command
        self._stopped = Event()
        self._threads = Threads()

    def start(self) -> None:
        """Start the fetch, unless it is switched off or something is there already."""
        if self._settings.references_fetch and stamp(self._settings.data_dir) == NOTHING:
            self._threads.start("references", self._run, self._stopped.set)

    def stop(self) -> None:
        """End the fetch; what has been installed stays."""
        self._threads.close()

    def _run(self) -> None:
        log.info("reference data are being fetched")
        with subprocess.Popen(  # noqa: S603 - the command is ours
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=child_environment(self._settings),
            cwd=Path(__file__).parents[3],
        ) as process:
            said = ""
            while True:
                try:
                    _, said = process.communicate(timeout=POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if self._stopped.is_set():
                        process.terminate()
        if self._stopped.is_set():
            return
        if process.returncode:
            reason = said.strip().rpartition("\n")[2]
            log.info("reference data were not fetched", reason=reason, run="masldatlas references fetch")
        else:
            log.info("reference data fetched")
