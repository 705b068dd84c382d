"""One visitor who takes all that is given, and memory after rounds of one load; each at a server of its own."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import random
import statistics
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from tests.soak.scenarios import Result
from tests.soak.stack import Replica

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    NextPath = Callable[[random.Random], str]
    # Status and seconds of each.
    Answers = list[tuple[int, float]]

# Every address of 127.0.0.0/8 is this machine; the server tells them apart as it tells visitors apart.
PROBE, VICTIM, GREEDY, OTHERS = "127.0.0.1", "127.0.0.2", "127.0.0.3", 10
CONNECTIONS, SECONDS, ALONE = 32, 20.0, 8.0
MOST_HEALTH, MOST_FACTOR = 0.5, 2.0
ROUNDS, CLIENTS, ROUND_SECONDS, SETTLE = 5, 16, 12.0, 3.0
# As in production, and with none that is ever reached: then only the places are shared.
RATES = ("200/minute", "1000000/minute")
# Growth from the second round to the last; the first one opens files and compiles.
MOST_GROWTH = 1.05


class Site:
    """Paths of one atlas that a load asks for."""

    def __init__(self, port: int) -> None:
        connection = http.client.HTTPConnection(PROBE, port, timeout=60)

        def read(path: str) -> dict[str, object]:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())

        atlas = max(read("/api/v1/datasets")["datasets"], key=lambda each: each["n_cells"])
        self.id, self.by, self.embedding = atlas["id"], atlas["roles"].get("cell_type", ""), atlas["embeddings"][0]
        self.genes = [each["gene"] for each in read(f"/api/v1/datasets/{self.id}/genes?limit=1000")["genes"]]
        self.arrays = f"/arrays/{self.id}/{atlas['content_hash']}"
        connection.close()

    def score(self, chance: random.Random) -> str:
        """A score of many genes that nobody has asked for."""
        genes = ",".join(chance.sample(self.genes, min(200, len(self.genes) // 2)))
        return (
            f"{self.arrays}/score/expression?{urlencode({'genes': genes, 'method': chance.choice(('ulm', 'mean_z'))})}"
        )

    def browsing(self, chance: random.Random) -> str:
        """What a visitor's browser asks for while he looks at genes."""
        gene = quote(chance.choice(self.genes), safe="")
        return chance.choice((f"{self.arrays}/gene/expression?gene={gene}", f"/explore?atlas={self.id}&gene={gene}"))

    def mixed(self, chance: random.Random) -> str:
        """Anything but figures of the browser."""
        root, gene = f"/api/v1/datasets/{self.id}", quote(chance.choice(self.genes), safe="")
        by = quote(self.by)
        return chance.choice(
            (
                *(f"{root}/correlations?gene={gene}&top=50", f"{root}/correlations?gene={gene}&method=pearson"),
                *(f"{root}/expression?gene={gene}", f"{root}/markers?by={by}&top=10", f"{root}/composition?by={by}"),
                *(f"{root}/dotplot?by={by}&genes={gene}", f"/embed/v1/violin.json?atlas={self.id}&gene={gene}"),
                *(f"/embed/v1/embedding.json?atlas={self.id}&gene={gene}", f"{self.arrays}/embedding/{self.embedding}"),
                *(self.browsing(chance), self.score(chance), f"/api/v1/genes?q={gene[:3]}"),
            )
        )


def asking(port: int, address: str, next_path: NextPath, seed: int, until: float) -> Answers:
    """Ask without a pause from an address until a time of the monotonic clock; statuses and seconds."""
    chance, found = random.Random(seed), []
    connection = http.client.HTTPConnection(PROBE, port, timeout=90, source_address=(address, 0))
    while time.monotonic() < until:
        start = time.monotonic()
        try:
            connection.request("GET", next_path(chance), headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            status = 0
        found.append((status, time.monotonic() - start))
    connection.close()
    return found


def _together(port: int, kind: str, addresses: list[str], until: float, seed: int, pipe: object) -> None:
    """Ask from several connections at once, in a process of its own; send the statuses and seconds."""
    next_path = getattr(Site(port), kind)
    found: Answers = []

    def one(at: int) -> None:
        found.extend(asking(port, addresses[at], next_path, seed + at, until))

    threads = [threading.Thread(target=one, args=(at,)) for at in range(len(addresses))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    pipe.send(found)


def together(port: int, kind: str, addresses: list[str], until: float, seed: int) -> Callable[[], Answers]:
    """Start a load; the function that is returned waits for its end and returns what was answered."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_together, args=(port, kind, addresses, until, seed, there), daemon=True)
    process.start()

    def ended() -> Answers:
        found = here.recv()
        process.join()
        return found

    return ended


def greedy(data: Path, scratch: Path, rate: str) -> Result:
    """One address asks for scores from 32 connections while another browses, and the health check goes on."""
    replica = Replica("greedy", data, scratch, MASLDATLAS_RATE_LIMIT=rate, MASLDATLAS_CORRELATION_CACHE="false").start()
    try:
        port, site = replica.port, Site(replica.port)
        # Another visitor for each second: the victim's own limit is not what is measured.
        asking(port, "127.0.0.9", site.browsing, 9, time.monotonic() + 2)
        before = browse(port, site, ALONE)
        end = time.monotonic() + SECONDS
        load = together(port, "score", [GREEDY] * CONNECTIONS, end, 1)
        health: list[float] = []
        watcher = threading.Thread(
            target=lambda: health.extend(seconds for _, seconds in paced(port, PROBE, lambda _: "/healthz", end))
        )
        watcher.start()
        time.sleep(2)
        beside = browse(port, site, SECONDS - 4)
        taken = load()
        watcher.join()
    finally:
        replica.stop()
    alone, during = (statistics.median(seconds for _, seconds in found) for found in (before, beside))
    counted = ", ".join(
        f"{n:,} x {status or 'no answer'}" for status, n in sorted(Counter(s for s, _ in taken).items())
    )
    factor = during / alone
    figures = [
        f"limit {rate}; load of the machine {os.getloadavg()[0]:.1f}; {CONNECTIONS} connections of one address, "
        f"{SECONDS:g} s: {counted}",
        f"/healthz meanwhile: {len(health)} times, p50 {1000 * statistics.median(health):.0f} ms, "
        f"slowest {1000 * max(health):.0f} ms",
        f"another visitor's p50: {1000 * alone:.1f} ms alone, {1000 * during:.1f} ms beside it ({factor:.1f} times); "
        f"statuses {dict(Counter(status for status, _ in beside))}",
    ]
    kept = max(health) <= MOST_HEALTH and factor <= MOST_FACTOR and not any(status >= 500 for status, _ in beside)
    return Result("one greedy visitor", figures, kept)


def paced(port: int, address: str, next_path: NextPath, until: float) -> Answers:
    """Ask ten times a second."""
    found, seed = [], 0
    while time.monotonic() < until:
        seed += 1
        found += asking(port, address, next_path, seed, time.monotonic() + 1e-4)[:1]
        time.sleep(0.1)
    return found


def browse(port: int, site: Site, seconds: float) -> Answers:
    """Look at ten genes and pages a second."""
    return paced(port, VICTIM, site.browsing, time.monotonic() + seconds)


def memory(data: Path, scratch: Path) -> Result:
    """Five rounds of one load; what the process has of its own after each."""
    replica = Replica("memory", data, scratch, MASLDATLAS_RATE_LIMIT="1000000/minute").start()
    figures, own = [], []
    try:
        for at in range(1, ROUNDS + 1):
            addresses = [f"127.0.1.{OTHERS + client}" for client in range(CLIENTS)]
            found = together(replica.port, "mixed", addresses, time.monotonic() + ROUND_SECONDS, 100)()
            time.sleep(SETTLE)
            own.append(replica.memory("RssAnon"))
            bad = sum(status == 0 or (status >= 500 and status != 503) for status, _ in found)
            figures.append(
                f"round {at}: {len(found):,} requests, {bad} failed; resident {replica.memory('VmRSS'):.0f} MB, "
                f"of its own {own[-1]:.0f} MB"
            )
            print(f"  {figures[-1]}", flush=True)
    finally:
        replica.stop()
    return Result("memory over five rounds", figures, own[-1] <= own[1] * MOST_GROWTH)
