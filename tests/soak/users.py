"""Simulated users: they make the requests of recorded views, keep what a browser would keep, and write down times."""

from __future__ import annotations

import math
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import urllib3

if TYPE_CHECKING:
    from tests.soak.visit import Step

TIMEOUT = 60.0
# After so many views a user is somebody else, whose browser has kept nothing.
SESSION = 12
OK = 400
# Not a status of HTTP: 200, and a toast that says what went wrong.
TOASTED = 599
# Of the views: so often a user asks what nobody has asked before.
SHARE_NEW = 0.1
# A callback that is refused answers 200 and a toast, which is a notice with a way out.
TOAST = b'"remedy":'


@dataclass(frozen=True)
class Answered:
    """One request: when it began and ended, by `time.perf_counter`, and what came."""

    kind: str
    start: float
    end: float
    status: int
    what: str


@dataclass
class Figures:
    """What the users met, added up.

    Attributes
    ----------
    answers : every request, in no order
    """

    answers: list[Answered] = field(default_factory=list)

    def errors(self) -> list[Answered]:
        """What a user would have seen as a failure: no answer, or one of 400 and more."""
        return [each for each in self.answers if not 0 < each.status < OK]

    def per_minute(self) -> float:
        """Requests answered a minute, from the first start to the last end."""
        if not self.answers:
            return math.nan
        span = max(each.end for each in self.answers) - min(each.start for each in self.answers)
        return len(self.answers) / span * 60

    def percentiles(self, kind: str = "") -> tuple[float, float, float]:
        """p50, p95 and p99 in milliseconds, of one kind or of all."""
        taken = [(each.end - each.start) * 1000 for each in self.answers if kind in ("", each.kind)]
        if not taken:
            return math.nan, math.nan, math.nan
        p50, p95, p99 = np.percentile(taken, [50, 95, 99])
        return float(p50), float(p95), float(p99)

    def kinds(self) -> Counter[str]:
        """How many of each kind."""
        return Counter(each.kind for each in self.answers)


class Users:
    """So many users for so long, from `start` to `stop`.

    Parameters
    ----------
    address : where they go
    views : recorded views, of which each takes one after the other at random
    n : how many
    think : seconds between two views, on average; 0 for none
    new : questions that nobody has asked before, of which a few are mixed in; paths
    """

    def __init__(
        self,
        address: str,
        views: list[tuple[str, list[Step]]],
        n: int,
        think: float,
        new: list[str] | None = None,
        seed: int = 0,
    ) -> None:
        self._address, self._views, self._think = address, views, think
        self._new = list(new or [])
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.figures = Figures()
        self._threads = [threading.Thread(target=self._live, args=(seed + at, at), daemon=True) for at in range(n)]

    def start(self) -> Users:
        """Let them begin, not all in the same instant."""
        for each in self._threads:
            each.start()
        return self

    def stop(self) -> Figures:
        """Let each finish its request, and add up."""
        self._stopped.set()
        for each in self._threads:
            each.join(TIMEOUT + 5)
            assert not each.is_alive(), "a user never got an answer"
        return self.figures

    def run(self, seconds: float) -> Figures:
        """From start to stop."""
        self.start()
        time.sleep(seconds)
        return self.stop()

    def _live(self, seed: int, at: int) -> None:
        # Each user has an address, as visitors have; all of 127.0.0.0/8 is this machine.
        own = (f"127.0.1.{1 + at}", 0)
        chance = random.Random(seed)
        self._stopped.wait(chance.random() * min(self._think or 1, 5))
        while not self._stopped.is_set():
            with urllib3.PoolManager(maxsize=1, retries=False, timeout=TIMEOUT, source_address=own) as pool:
                self._session(pool, chance)

    def _session(self, pool: urllib3.PoolManager, chance: random.Random) -> None:
        kept: set[str] = set()
        tags: dict[str, str] = {}
        for _ in range(SESSION):
            _, steps = chance.choice(self._views)
            for step in steps:
                if self._stopped.is_set():
                    return
                if step.method == "GET" and step.path in kept:
                    continue
                headers = dict(step.headers)
                if step.method == "GET" and step.path in tags:
                    headers["If-None-Match"] = tags[step.path]
                tag, keep = self._ask(pool, step.kind, step.method, step.path, step.body, headers)
                if keep:
                    kept.add(step.path)
                if tag:
                    tags[step.path] = tag
            if self._new and chance.random() < SHARE_NEW:
                with self._lock:
                    path = self._new.pop() if self._new else ""
                if path:
                    self._ask(pool, "new question", "GET", path, None, {})
            if self._think and self._stopped.wait(chance.uniform(0, 2 * self._think)):
                return

    def _ask(
        self,
        pool: urllib3.PoolManager,
        kind: str,
        method: str,
        path: str,
        body: str | None,
        headers: dict[str, str],
    ) -> tuple[str, bool]:
        """Make one request; the tag of the answer, and whether a browser would keep it and not ask again."""
        start, status, what, tag, keep = time.perf_counter(), 0, path[:80], "", False
        try:
            answer = pool.request(
                method,
                self._address + path,
                body=body,
                headers={**headers, "Accept-Encoding": "gzip, br"},
                decode_content=kind == "callback",
                redirect=False,
            )
            status = answer.status
            if kind == "callback" and TOAST in answer.data:
                status, what = TOASTED, f"{what}: {answer.data[:300]!r}"
            tag = answer.headers.get("ETag", "")
            keep = "max-age" in answer.headers.get("Cache-Control", "") and "no-" not in answer.headers["Cache-Control"]
        except urllib3.exceptions.HTTPError as error:
            what = f"{what}: {type(error).__name__}"
        ended = Answered(kind, start, time.perf_counter(), status, what)
        with self._lock:
            self.figures.answers.append(ended)
        return tag, keep
