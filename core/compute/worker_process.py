"""Long computations in processes of their own, which can be ended: at a limit, on cancel, or with their owner.

A thread cannot be ended, least of all inside compiled code. A task is therefore a function of one of our modules that
takes and returns arrays; it runs in a fresh process, which starts in about 0.2 s and loads nothing of the web server.
Admission control bounds how many run at a time.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from core import errors
from core.compute.admission import admission
from core.compute.watch import Watch, current
from core.compute.worker import RESULT, decode, encode
from core.errors import Cancelled, Unavailable
from core.system.logs import logger
from core.system.threads import shared

if TYPE_CHECKING:
    from core.compute.worker import Arrays
    from core.errors import AtlasError

PROGRAM = ("-m", "core.compute.worker")
# Seconds between looks at the watch, and those that a process has to end after SIGTERM before SIGKILL.
POLL: Final = 0.05
GRACE: Final = 0.5
LIMIT: Final = 60.0
# Of a process with numpy and a task's libraries; 256 MB were measured for GSEA of GO, Reactome and WikiPathways.
BYTES: Final = 300_000_000

log = logger(__name__)
_running: set[subprocess.Popen[bytes]] = set()
_lock = Lock()


@dataclass(frozen=True)
class Task:
    """A computation for a process of its own.

    Attributes
    ----------
    function
        ``module:function``; takes arrays and a function for reports, returns arrays.
    what
        Its name at the beginning of a sentence: "The enrichment analysis".
    limit
        Seconds after which it is ended.
    needed
        Approximate bytes of memory.
    """

    function: str
    what: str
    limit: float = LIMIT
    needed: int = BYTES


def run(task: Task, arguments: Arrays) -> dict[str, Any]:
    """Compute a task in a process of its own, and wait for the result.

    Progress goes to the `Watch` of this thread, which can also cancel.

    Raises
    ------
    Cancelled
        The watch was cancelled.
    Unavailable
        The task crashed, took too long or ran out of memory.
    Busy
        Admission control refuses it.
    AtlasError
        Any other that the task itself raises.
    """
    watch = current.get() or Watch()
    with admission().enter(task.needed):
        return _Run(task, watch).result(arguments)


class _Run:
    def __init__(self, task: Task, watch: Watch) -> None:
        self._task, self._watch = task, watch
        self._end = time.monotonic() + task.limit

    def result(self, arguments: Arrays) -> dict[str, Any]:
        with tempfile.TemporaryFile() as stderr:
            ours, theirs = socket.socketpair()
            with Connection(ours.detach()) as channel:
                with theirs:
                    process = self._start(theirs, stderr.fileno())
                try:
                    return self._communicate(channel, arguments)
                except (EOFError, BrokenPipeError, ConnectionResetError):
                    code = process.wait(GRACE)
                    stderr.seek(0)
                    raise self._crash(code, stderr.read().decode(errors="replace")) from None
                finally:
                    _stop(process)

    def _start(self, channel: socket.socket, stderr: int) -> subprocess.Popen[bytes]:
        shared.on_close(stop_all)
        # In a group of its own, as Ctrl-C in a terminal is sent to the whole group, and it is for us to pass it on.
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
            [sys.executable, *PROGRAM, str(channel.fileno()), self._task.function],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            pass_fds=[channel.fileno()],
            cwd=Path(__file__).parents[2],
            process_group=0,
        )
        with _lock:
            _running.add(process)
        return process

    def _communicate(self, channel: Connection, arguments: Arrays) -> dict[str, Any]:
        channel.send_bytes(encode(arguments))
        while True:
            while not channel.poll(POLL):
                self._check()
            message = channel.recv_bytes()
            if message[:1] == RESULT:
                return decode(message[1:])
            words = json.loads(message[1:])
            if "error" in words:
                raise self._error(words)
            self._watch.report(words["step"], words["done"])
            self._check()

    def _check(self) -> None:
        if self._watch.is_cancelled:
            raise Cancelled(f"{self._task.what} was cancelled.")
        if time.monotonic() > self._end:
            raise Unavailable(
                f"{self._task.what} took longer than {self._task.limit:g} s and was ended.",
                "Ask for less at a time, or try again when the server is less busy.",
            )

    def _error(self, words: dict[str, str]) -> AtlasError:
        if words["error"] == "MemoryError":
            return self._no_memory()
        if words["error"] == "Exception":
            log.error("a task failed", task=self._task.function, reason=words["reason"], trace=words["trace"])
            return Unavailable(
                f"{self._task.what} failed: {words['reason']}.", "Please report this with the log of the server."
            )
        kind: type[AtlasError] = getattr(errors, words["error"])
        return kind(words["message"], words["remedy"])

    def _crash(self, code: int, stderr: str) -> AtlasError:
        if code == -signal.SIGKILL:
            return self._no_memory()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        log.error("a task crashed", task=self._task.function, how=how, stderr=stderr)
        return Unavailable(f"{self._task.what} crashed ({how}).", "Please report this with the log of the server.")

    def _no_memory(self) -> Unavailable:
        return Unavailable(f"{self._task.what} ran out of memory.", "Ask for less at a time, or give the server more.")


def stop_all() -> None:
    """End the processes of all tasks, as the program ends."""
    with _lock:
        processes = list(_running)
    for process in processes:
        process.terminate()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: SIGTERM, and SIGKILL if that does not help."""
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with _lock:
        _running.discard(process)
