"""The files of a page, packed once: scripts and styles are compressed at the first request and kept as they are sent.

Without it every visit would compress four megabytes of plotly.js anew, and a browser would get again what it has:
Flask-Compress changes the tag of a file, and what answers "not modified" never sees the tag that was sent.
"""

from __future__ import annotations

import gzip
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import brotli
from cachetools import LRUCache, cached
from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

# plotly.js without eval, as `make strict` fetches it; not among the files that each page loads.
STRICT_PLOTLY: Final = Path(__file__).parents[2] / "assets" / "vendor" / "plotly-strict.min.js"
FOLDERS: Final = ("/assets/", "/vendor/", "/_dash-component-suites/")
# Some 80 files belong to the pages, in two encodings: six megabytes.
MAX_BYTES: Final = 32 << 20
SMALLEST: Final = 1_000
YEAR: Final = 365 * 24 * 3600
# Once a file, and worth it: a third of a second for plotly.js, and an eighth less to send.
BROTLI_LEVEL: Final = 9
GZIP_LEVEL: Final = 9

# Path, tag or length, and encoding.
Key = tuple[str, str, str]


def register(server: Flask) -> None:
    """Pack the files of pages; call it after Flask-Compress is set up, which then leaves them alone."""
    # Of this application: tests serve other files at the same addresses.
    packed = cached(LRUCache(MAX_BYTES, getsizeof=len), key=_key_of, lock=Lock())(_packed)

    @server.after_request
    def pack(response: Response) -> Response:
        ours = request.method in ("GET", "HEAD") and request.path.startswith(FOLDERS)
        if not ours or response.status_code != HTTPStatus.OK:
            return response
        tag, _ = response.get_etag()
        if tag and tag.startswith(f"{request.args.get('m', '')}-"):
            # Dash writes the time of a file into its address, Flask into its tag: another content, another address.
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        if response.mimetype not in server.config["COMPRESS_MIMETYPES"]:
            return response
        content = _content(response)
        encoding = _encoding() if len(content) >= SMALLEST else ""
        if encoding:
            # What has no tag has its version in its address. A made-up one finds the same file, so it has its length.
            key = (request.path, tag or str(len(content)), encoding)
            response.set_data(packed(key, content))
            response.headers["Content-Encoding"] = encoding
        response.vary.add("Accept-Encoding")
        if tag:
            # The same content, however it is packed: a weak tag.
            response.set_etag(tag, weak=True)
            response.make_conditional(request)
        return response


def _content(response: Response) -> bytes:
    """All of a file, which is then closed."""
    response.direct_passthrough = False
    file = response.response
    content = response.get_data()
    if close := getattr(file, "close", None):
        close()
    return content


def _encoding() -> str:
    accepted = request.accept_encodings
    return next((name for name in ("br", "gzip") if name in accepted), "")


def _key_of(key: Key, content: bytes) -> Key:  # noqa: ARG001 - called like _packed
    return key


def _packed(key: Key, content: bytes) -> bytes:
    if key[-1] == "br":
        return brotli.compress(content, quality=BROTLI_LEVEL)
    return gzip.compress(content, GZIP_LEVEL, mtime=0)
