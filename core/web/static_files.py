"""The files of a page, packed once: scripts and styles are compressed at the first request and kept as they are sent.

Without it every visit would compress four megabytes of plotly.js anew, and a browser would get again what it has:
Flask-Compress changes the tag of a file, and what answers "not modified" never sees the tag that was sent.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import brotli
from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

# plotly.js without eval, as `make strict` fetches it; not among the files that each page loads.
STRICT_PLOTLY: Final = Path(__file__).parents[2] / "assets" / "vendor" / "plotly-strict.min.js"
FOLDERS: Final = ("/assets/", "/vendor/", "/_dash-component-suites/")
# Some 80 files belong to the pages, in two encodings.
MOST: Final = 256
SMALLEST: Final = 1_000
YEAR: Final = 365 * 24 * 3600
# Once a file, and worth it: a third of a second for plotly.js, and an eighth less to send.
BROTLI_LEVEL: Final = 9
GZIP_LEVEL: Final = 9

Packed = OrderedDict[tuple[str, str, str], bytes]


def register(server: Flask) -> None:
    """Pack the files of pages; call it after Flask-Compress is set up, which then leaves them alone."""
    kept: Packed = OrderedDict()
    lock = Lock()

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
            response.set_data(_packed(kept, lock, key, content))
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


def _packed(kept: Packed, lock: Lock, key: tuple[str, str, str], content: bytes) -> bytes:
    with lock:
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    found = (
        brotli.compress(content, quality=BROTLI_LEVEL)
        if key[-1] == "br"
        else gzip.compress(content, GZIP_LEVEL, mtime=0)
    )
    with lock:
        kept[key] = found
        while len(kept) > MOST:
            kept.popitem(last=False)
    return found
