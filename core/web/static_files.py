"""Static files of pages, compressed at the first request and kept in memory.

Flask-Compress would compress four megabytes of plotly.js at every visit. It also changes the ETag of a file, so that
requests with If-None-Match would never be answered 304 Not Modified.
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

# plotly.js without eval, as `make strict` fetches it; excluded from the assets that every page loads.
STRICT_PLOTLY: Final = Path(__file__).parents[2] / "assets" / "vendor" / "plotly-strict.min.js"
FOLDERS: Final = ("/assets/", "/vendor/", "/_dash-component-suites/")
# Compressed files that are kept; the pages use about 80, in two encodings, with some 6 MB together.
MAX_BYTES: Final = 32 << 20
SMALLEST: Final = 1_000
YEAR: Final = 365 * 24 * 3600
# Each file is compressed once: level 9 takes a third of a second for plotly.js and saves an eighth of its size.
BROTLI_LEVEL: Final = 9
GZIP_LEVEL: Final = 9

# Path, ETag or length, and encoding.
Key = tuple[str, str, str]


def register(server: Flask) -> None:
    """Compress the files of pages; must be called after Flask-Compress is set up, which then skips them."""
    compressed = cached(LRUCache(MAX_BYTES, getsizeof=len), key=_key_of, lock=Lock())(_compressed)

    @server.after_request
    def compress(response: Response) -> Response:
        static = request.method in ("GET", "HEAD") and request.path.startswith(FOLDERS)
        if not static or response.status_code != HTTPStatus.OK:
            return response
        tag, _ = response.get_etag()
        if tag and tag.startswith(f"{request.args.get('m', '')}-"):
            # Dash puts the modification time into the URL, Flask into the ETag: new content gets a new URL.
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        if response.mimetype not in server.config["COMPRESS_MIMETYPES"]:
            return response
        content = _content(response)
        encoding = _encoding() if len(content) >= SMALLEST else ""
        if encoding:
            # Files without ETag have a version in their URL. The length distinguishes files if that version is forged.
            key = (request.path, tag or str(len(content)), encoding)
            response.set_data(compressed(key, content))
            response.headers["Content-Encoding"] = encoding
        response.vary.add("Accept-Encoding")
        if tag:
            # A weak ETag: the same content in any encoding.
            response.set_etag(tag, weak=True)
            response.make_conditional(request)
        return response


def _content(response: Response) -> bytes:
    """Read the whole file and close it."""
    response.direct_passthrough = False
    file = response.response
    content = response.get_data()
    if close := getattr(file, "close", None):
        close()
    return content


def _encoding() -> str:
    accepted = request.accept_encodings
    return next((name for name in ("br", "gzip") if name in accepted), "")


def _key_of(key: Key, content: bytes) -> Key:  # noqa: ARG001 - same parameters as _compressed
    return key


def _compressed(key: Key, content: bytes) -> bytes:
    if key[-1] == "br":
        return brotli.compress(content, quality=BROTLI_LEVEL)
    return gzip.compress(content, GZIP_LEVEL, mtime=0)
