"""Resumable download of one file over HTTP.

Received bytes are kept in ``<file>.part``; their source and the version of the file are recorded in
``<file>.part.json``. A partial download is continued with a Range request, under If-Range if the server names its
versions. A server that ignores that, or has another version by now, sends the whole file, and the download starts
again. Interrupted attempts that made progress do not count; several in a row without progress end the download.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import orjson
import requests
import tenacity
import urllib3

from core.errors import DownloadFailed
from core.settings.validators import without_password

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tenacity.wait import wait_base

# Seconds without a connection, and without a byte.
TIMEOUT: Final = (10.0, 60.0)
PIECE = 256 * 1024
READ_BYTES = 8 * 1024 * 1024
# In a row, without a single new byte: with the pauses between them about two minutes.
ATTEMPTS = 8
MAX_WAIT = 60.0
REPORT_SECONDS = 0.25
BACKOFF: Final = tenacity.wait_exponential_jitter(multiplier=1, max=MAX_WAIT, jitter=1)
TRANSIENT = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-\d+|\*)/(?P<total>\d+|\*)")


@dataclass(frozen=True)
class Wanted:
    """A file to fetch: `n_bytes` where its size is known beforehand; `checked` where its checksum will be compared."""

    url: str
    n_bytes: int | None
    checked: bool


class _Cut(Exception):
    """Failed or interrupted attempt, after which another may succeed; `pause` is the wait that the server asks for."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause


def download(
    wanted: Wanted,
    path: Path,
    report: Callable[[int, int | None], None],
    room: Callable[[int], None],
    wait: wait_base = BACKOFF,
) -> None:
    """Fetch a file to `path`; returns once all of it is there.

    Parameters
    ----------
    report
        Called with the bytes received and their total, None while unknown.
    room
        Called with the size of the file as soon as a server tells it, before anything is written; raises if it is too
        much.
    wait
        The pauses between attempts.

    Raises
    ------
    DownloadFailed
        The server refuses, has a file of another size, or does not get any further. What has come so far stays.
    """
    with requests.Session() as session:
        _Download(wanted, path, report, room, session).run(wait)


def part_of(path: Path) -> Path:
    """Return the path of a partial download."""
    return path.with_name(f"{path.name}.part")


def discard(path: Path) -> None:
    """Delete a file, its partial download and the record of that."""
    for each in (path, part_of(path), _notes_of(path)):
        each.unlink(missing_ok=True)


def md5_of(path: Path, report: Callable[[float], None]) -> str:
    """Compute the MD5 of a file, as Zenodo states it: it detects damage, not forgery."""
    digest = hashlib.md5(usedforsecurity=False)
    size, seen = path.stat().st_size, 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            seen += len(piece)
            report(seen / size)
    return digest.hexdigest()


class _Download:
    def __init__(
        self,
        wanted: Wanted,
        path: Path,
        report: Callable[[int, int | None], None],
        room: Callable[[int], None],
        session: requests.Session,
    ) -> None:
        self._wanted = wanted
        self._path = path
        self._part = part_of(path)
        self._report = report
        self._room = room
        self._session = session
        self._host = urlsplit(wanted.url).hostname or "the server"
        self._total = wanted.n_bytes
        self._version = ""
        self._at = 0
        self._furthest = 0

    def run(self, wait: wait_base) -> None:
        if self._path.exists():
            # Downloaded whole before; whether it still is what the server has shows in the same way.
            self._path.replace(self._part)
        self._recall()
        self._at = self._furthest = self._part.stat().st_size if self._part.exists() else 0
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Cut),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=lambda state: max(wait(state), _pause_of(state)),
            after=self._forgive,
            reraise=True,
        )
        try:
            attempts(self._fetch)
        except _Cut as error:
            of = f" of {self._total:,}" if self._total is not None else ""
            raise DownloadFailed(
                f"The download from {self._host} does not get beyond {self._at:,}{of} bytes ({error}).",
                "The partial file is kept: try again later, or from a mirror with --url.",
            ) from error
        self._part.replace(self._path)

    def _recall(self) -> None:
        """Resume the record of a partial download, unless it belongs to another file."""
        try:
            notes = orjson.loads(_notes_of(self._path).read_bytes())
            same, version, total = notes["url"] == self._place(), str(notes["version"]), notes["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            same, version, total = False, "", None
        if same:
            self._version = version
            self._total = self._total if self._total is not None else total
        elif not self._wanted.checked:
            # Nothing would tell a file that was put together from two.
            self._part.unlink(missing_ok=True)

    def _remember(self) -> None:
        notes = {"url": self._place(), "version": self._version, "bytes": self._total}
        _notes_of(self._path).write_bytes(orjson.dumps(notes))

    def _place(self) -> str:
        """Return the address as a hash: an address may carry a password."""
        return hashlib.sha256(self._wanted.url.encode()).hexdigest()

    def _fetch(self) -> None:
        """Make one attempt; returns when the file is whole."""
        if self._wanted.n_bytes is not None and self._at >= self._wanted.n_bytes:
            if self._at == self._wanted.n_bytes:
                return
            self._begin_anew()
        # Ranges count the bytes on the line: they must be those of the file.
        headers = {"Accept-Encoding": "identity"}
        if self._at:
            headers["Range"] = f"bytes={self._at}-"
            if self._version:
                headers["If-Range"] = self._version
        try:
            with self._session.get(self._wanted.url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
                if self._is_continued(answer):
                    self._receive(answer)
        except requests.exceptions.SSLError as error:
            raise DownloadFailed(f"{self._host} cannot be trusted: its certificate is not valid.") from error
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise _Cut("no answer in time") from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise _Cut("no connection") from error
        except urllib3.exceptions.HTTPError as error:
            raise _Cut("the connection was interrupted") from error
        except (requests.RequestException, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            # Some of these quote the address.
            raise DownloadFailed(
                f"Nothing can be fetched from {self._host} ({without_password(reason)}).", "Check --url."
            ) from error

    def _is_continued(self, answer: requests.Response) -> bool:
        """Read the head of a response; False when the file is complete."""
        status = answer.status_code
        if status in TRANSIENT:
            raise _Cut(_in_words(answer), _retry_after(answer))
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and self._at:
            _, total = _content_range(answer)
            if total == self._at:
                self._take_total(total)
                return False
            self._begin_anew()
            raise _Cut("the server has fewer bytes than were downloaded before")
        if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            raise DownloadFailed(f"{self._host} answers {_in_words(answer)}.", "Check the name or --url.")
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise DownloadFailed(f"{self._host} sends the file compressed although it was asked not to.")
        if status == HTTPStatus.PARTIAL_CONTENT:
            first, total = _content_range(answer)
            known = self._wanted.n_bytes is not None
            changed = not known and None not in (total, self._total) and total != self._total
            if first != self._at or changed:
                self._begin_anew()
                raise _Cut("the server sent another part than requested")
        else:
            total = _whole(answer.headers.get("Content-Length", ""))
            self._begin_anew()
        self._take_total(total)
        etag = answer.headers.get("ETag", "")
        self._version = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")
        self._remember()
        return True

    def _take_total(self, total: int | None) -> None:
        if total is None:
            return
        if self._wanted.n_bytes is not None and total != self._wanted.n_bytes:
            raise DownloadFailed(
                f"The file at {self._host} has {total:,} bytes; the published one has {self._wanted.n_bytes:,}.",
                "This is another file. If you want it, give its MD5 with --md5.",
            )
        self._total = total
        self._room(total)

    def _begin_anew(self) -> None:
        self._part.unlink(missing_ok=True)
        _notes_of(self._path).unlink(missing_ok=True)
        self._at, self._version, self._total = 0, "", self._wanted.n_bytes

    def _receive(self, answer: requests.Response) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        reported = 0.0
        with self._part.open("ab", buffering=0) as file:
            while piece := answer.raw.read1(PIECE, decode_content=False):
                file.write(piece)
                self._at += len(piece)
                now = time.monotonic()
                if now - reported > REPORT_SECONDS:
                    self._report(self._at, self._total)
                    reported = now
        self._report(self._at, self._total)
        if self._total is not None and self._at < self._total:
            raise _Cut("the server stopped early")
        if self._total is not None and self._at > self._total:
            n = self._at
            self._begin_anew()
            raise _Cut(f"the server announced less than the {n:,} bytes that it sent")

    def _forgive(self, state: tenacity.RetryCallState) -> None:
        """Reset the count of attempts after progress."""
        if self._at > self._furthest:
            self._furthest = self._at
            state.attempt_number = 1


def _notes_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.part.json")


def _content_range(answer: requests.Response) -> tuple[int | None, int | None]:
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    return (_whole(found["first"] or ""), _whole(found["total"])) if found else (None, None)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _retry_after(answer: requests.Response) -> float:
    """Return the seconds that a server asks for; a date, which servers hardly send with these codes, counts as none."""
    return min(MAX_WAIT, float(_whole(answer.headers.get("Retry-After", "")) or 0))


def _pause_of(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.pause if isinstance(error, _Cut) else 0.0


def _in_words(answer: requests.Response) -> str:
    try:
        return f"{answer.status_code} ({HTTPStatus(answer.status_code).phrase})"
    except ValueError:
        return str(answer.status_code)
