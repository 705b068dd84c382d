"""Connections to Redis with short timeouts, and the address of the embedded server of an app."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from os import O_CREAT, O_EXCL, O_WRONLY, fdopen, getpid
from os import open as open_file
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import orjson
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_TIMEOUT: Final = 0.2
READ_TIMEOUT: Final = 0.5
# An answer about all genes has 1.5 MB; in pieces of the default 64 kB it takes eight times as long to read.
READ_BYTES: Final = 4 << 20


def patience() -> dict[str, Any]:
    """Return the options of a client with short timeouts and a single try."""
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": READ_TIMEOUT,
        # By default it tries four times, with pauses of seconds in between.
        "retry": Retry(NoBackoff(), 0),
        # With the newer protocol it does not notice that an idle connection was closed.
        "protocol": 2,
    }


@dataclass(frozen=True)
class ServerAddress:
    """Socket of an embedded server, and the process id of its app."""

    socket: str
    pid: int

    @property
    def directory(self) -> Path:
        """Directory of the server's own files."""
        return Path(self.socket).parent

    @property
    def url(self) -> str:
        """URL to connect to."""
        return socket_url(self.socket)


def connect(url: str) -> redis.Redis:
    """Make a client with short timeouts and a single try; nothing is sent before the first command."""
    return redis.Redis.from_url(url, socket_read_size=READ_BYTES, **patience())


def socket_url(socket: str) -> str:
    """Return the URL of a Unix socket."""
    return f"unix://{quote(socket)}"


def answers(url: str) -> bool:
    """Tell whether a server answers at an address now."""
    try:
        with closing(connect(url)) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def note_path(data: Path) -> Path:
    """Return the file with the address of the embedded server of a data directory."""
    return data / "cache" / "redis.json"


def noted(data: Path) -> ServerAddress | None:
    """Read that file; None when it is missing or malformed."""
    try:
        found = cast("dict[str, Any]", orjson.loads(note_path(data).read_bytes()))
        where = ServerAddress(socket=found["socket"], pid=found["pid"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    makes_sense = type(where.socket) is str and where.socket.startswith("/") and type(where.pid) is int
    return where if makes_sense else None


def note(data: Path, where: ServerAddress) -> None:
    """Write down where the server is, for this user only. The CLI alone needs it: a read-only directory is no error."""
    path = note_path(data)
    draft = path.with_suffix(f".{getpid()}.tmp")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with fdopen(open_file(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps(asdict(where)))
        draft.replace(path)


def running(data: Path) -> ServerAddress | None:
    """Find the embedded server of a running app; None when there is none, or its file is stale."""
    where = noted(data)
    return where if where and answers(where.url) else None
