"""Real Redis servers for tests: on a free loopback port, killed and started again at will, ended whatever happens."""

import random
import shutil
import socket
import subprocess
from contextlib import closing

import pytest

from tests.waiting import until

BINARY = shutil.which("redis-server") or shutil.which("valkey-server")
needs_redis = pytest.mark.skipif(BINARY is None, reason="there is no redis-server on PATH")


def free_port():
    """Return a free port that no client is given: one that asks whether the server is there could meet itself."""
    while True:
        port = random.randrange(15_000, 32_000)
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Server:
    """A server that may be away for a while."""

    def __init__(self, *options):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.greeting = b"+PONG"
        self._options = options
        self._process = None

    def start(self):
        command = [BINARY, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [*command, *self._options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._answers, "redis-server")
        return self

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self):
        assert self._process.poll() is None, "redis-server ended by itself"
        try:
            with closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(self.greeting)
        except OSError:
            return False
