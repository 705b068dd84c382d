"""What stands between a user and a cell, as real processes on loopback: Redis, replicas, and a proxy before them."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import urllib3

from tests.redis_servers import Server, free_port, until

if TYPE_CHECKING:
    from collections.abc import Generator

START = 120
SECRET = "only-for-the-soak-on-loopback-" + "x" * 16
# Nothing is sent twice by the proxy but what never reached a replica: what is lost must be seen.
PROXY = """\
global
  maxconn 2000
  stats socket {socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout queue 30s
  timeout check 5s
  option http-server-close
  option forwardfor
  retries 3
  option redispatch
frontend edge
  bind 127.0.0.1:{port}
  default_backend replicas
backend replicas
  balance leastconn
  option httpchk
  http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host localhost
  default-server check inter 1s fall 3 rise 1
{servers}
"""


def found(*names: str) -> str:
    """The first of some programs that is there; ends the run in one line if there is none."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit(f"soak: {names[0]} is not on PATH; on Debian: apt-get install {names[0]}")
    return path


class Replica:
    """One process of the app.

    Parameters
    ----------
    name : in the proxy and the figures
    data : directory of the atlases; replicas share it and import nothing
    environment : more settings
    """

    def __init__(self, name: str, data: Path, scratch: Path, **environment: str) -> None:
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = scratch / f"{name}.log"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MASLDATLAS_")}
        settings = {
            "MASLDATLAS_DATA_DIR": str(data),
            "MASLDATLAS_SECRET_KEY": SECRET,
            "MASLDATLAS_LOG_LEVEL": "WARNING",
            # The proxy says who asks, and what is killed is not started again by anybody else.
            "MASLDATLAS_RESTARTS": "0",
        }
        # Fifty users behind one address are no attack here.
        self._environment = {**kept, **settings, "MASLDATLAS_RATE_LIMIT": "1000000/minute", **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Replica:
        """Start, and wait until it is ready."""
        command = [sys.executable, "-m", "app", "serve", "--port", str(self.port), "--no-imports", "--no-demo"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        until(self.ready, f"{self.name} (see {self._log})", START)
        return self

    def ready(self) -> bool:
        """Whether it says so itself."""
        try:
            answer = urllib3.request("GET", f"{self.url}/readyz", timeout=5, retries=False)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    @property
    def process(self) -> psutil.Process:
        """To look at."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def memory(self, field: str = "RssAnon") -> float:
        """Megabytes; of its own, without what it maps of the store, unless another field of Linux is named."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))

    def signal(self, number: int) -> float:
        """Send a signal; when that was, by the clock of the users."""
        assert self._process is not None
        at = time.perf_counter()
        self._process.send_signal(number)
        return at

    def wait(self, seconds: float = 40) -> int:
        """Wait for its end; the exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> None:
        """End it, however."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Proxy:
    """HAProxy before some replicas."""

    def __init__(self, replicas: list[Replica], scratch: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._socket = scratch / "haproxy.sock"
        self._config = scratch / "haproxy.cfg"
        servers = "\n".join(f"  server {each.name} 127.0.0.1:{each.port}" for each in replicas)
        self._config.write_text(PROXY.format(port=self.port, socket=self._socket, servers=servers), "ascii")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, both: int) -> Proxy:
        """Start, and wait until so many replicas are up behind it."""
        self._process = subprocess.Popen([found("haproxy"), "-db", "-f", str(self._config)])
        until(lambda: self._up() == both, "haproxy", 30)
        return self

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def in_flight(self, name: str) -> int:
        """Requests that a replica has right now."""
        return next((int(row["scur"]) for row in self._rows() if row["svname"] == name), 0)

    def _up(self) -> int:
        return sum(row["status"] == "UP" for row in self._rows() if row["svname"] not in ("FRONTEND", "BACKEND"))

    def _rows(self) -> list[dict[str, str]]:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self._socket))
                connection.sendall(b"show stat\n")
                said = b"".join(iter(lambda: connection.recv(65536), b""))
        except OSError:
            return []
        return list(csv.DictReader(io.StringIO(said.decode().removeprefix("# "))))


@contextmanager
def stack(data: Path, scratch: Path, n_replicas: int = 2) -> Generator[tuple[Server, list[Replica], Proxy]]:
    """Redis, replicas that share it, and a proxy before them; all ended at the end."""
    with ExitStack() as ended:
        redis = Server()
        ended.callback(redis.kill)
        redis.start()
        replicas: list[Replica] = []
        for at in range(n_replicas):
            behind = {"MASLDATLAS_CACHE_REDIS": redis.url, "MASLDATLAS_TRUSTED_PROXIES": "1"}
            replica = Replica(f"replica{at + 1}", data, scratch, **behind)
            ended.callback(replica.stop)
            replicas.append(replica.start())
        proxy = Proxy(replicas, scratch)
        ended.callback(proxy.stop)
        yield redis, replicas, proxy.start(n_replicas)


SIGTERM, SIGKILL = signal.SIGTERM, signal.SIGKILL
