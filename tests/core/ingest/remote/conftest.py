"""A server on loopback that misbehaves as it is told, request by request."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Origin:
    """What the server does.

    `script` holds what happens at each request, the last for all further ones: each is called with the handler and the
    origin. `asked` collects the headers of the requests.
    """

    body: bytes
    script: list[Callable] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    etag: str = '"v1"'
    url: str = ""

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("range") for headers in self.asked]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        origin: Origin = self.server.origin
        origin.asked.append({name.lower(): value for name, value in self.headers.items()})
        at = min(len(origin.asked), len(origin.script)) - 1
        (origin.script[at] if origin.script else serve())(self, origin)

    def log_message(self, *_):
        pass


def serve(*, cut=None, announce=0, ranges=True, etag=True, length=True, total=None):
    """Answer well, but for what is asked.

    Parameters
    ----------
    cut : bytes after which the line is cut
    announce : added to the length that is announced
    ranges, etag, length : whether the server knows of them
    total : said instead of the size of the file in Content-Range
    """

    def answer(handler, origin):
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", "")) if ranges else None
        condition = handler.headers.get("If-Range")
        if wanted and condition and condition != origin.etag:
            wanted = None
        start = int(wanted[1]) if wanted else 0
        size = len(origin.body)
        if wanted and start >= size:
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{size}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        body = origin.body[start:]
        handler.send_response(206 if wanted else 200)
        if wanted:
            handler.send_header("Content-Range", f"bytes {start}-{size - 1}/{size if total is None else total}")
        if etag:
            handler.send_header("ETag", origin.etag)
        if length:
            handler.send_header("Content-Length", str(len(body) + announce))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body[:cut])
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def status(code, **headers):
    """Answer with a status and nothing else."""

    def answer(handler, _origin):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def hang_up(handler, _origin):
    """Close the line without a word."""
    handler.close_connection = True


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Start a server with a megabyte of noise."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.origin = Origin(bytes(range(256)) * 4096)
    server.origin.url = f"http://127.0.0.1:{server.server_port}/file.h5ad"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.origin
    server.shutdown()
    server.server_close()
    thread.join()
