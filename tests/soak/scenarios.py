"""What an operator fears, done on purpose; each part returns rows of figures and whether it kept its promise."""

from __future__ import annotations

import json
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import urllib3

from tests.soak.stack import SIGKILL, SIGTERM, Proxy, Replica
from tests.soak.users import Figures, Users

if TYPE_CHECKING:
    from pathlib import Path

    from tests.redis_servers import Server
    from tests.soak.visit import Step

    Views = list[tuple[str, list[Step]]]

TARGET_PER_MINUTE, TARGET_P95 = 3000, 300.0
# Before something happens to a server, and after, there is load for so long.
AROUND = 8.0
HEAVY = 48
SETTLED = 10.0


@dataclass(frozen=True)
class Result:
    """One part: its name, figures in words, and whether what was promised was kept."""

    part: str
    figures: list[str]
    kept: bool


def steady(address: str, replicas: list[Replica], views: Views, new: list[str], *, n: int, minutes: float) -> Result:
    """So many users for minutes: requests a minute, percentiles, errors, memory."""
    think = 5.0
    users = Users(address, views, n, think, new).start()
    time.sleep(min(60.0, minutes * 60 / 4))
    before = [each.memory() for each in replicas]
    time.sleep(max(minutes * 60 - min(60.0, minutes * 60 / 4), 1))
    after = [each.memory() for each in replicas]
    found = users.stop()
    growth = [f"{a:.0f} to {b:.0f} MB" for a, b in zip(before, after, strict=True)]
    figures = [
        f"{n} users, {minutes:g} min, {think:g} s between views",
        *_lines(found),
        f"own memory of the replicas, from the first minute to the end: {', '.join(growth)}",
    ]
    kept = not found.errors() and found.per_minute() >= TARGET_PER_MINUTE and found.percentiles()[1] < TARGET_P95
    return Result("mixed load", figures, kept)


def flat_out(address: str, views: Views, *, n: int, seconds: float) -> Result:
    """A few users who never pause: how much is served at most."""
    found = Users(address, views, n, 0).run(seconds)
    kept = not found.errors() and found.per_minute() >= TARGET_PER_MINUTE and found.percentiles()[1] < TARGET_P95
    return Result("as much as it can", [f"{n} users without a pause, {seconds:g} s", *_lines(found)], kept)


def killed(address: str, replicas: list[Replica], proxy: Proxy, views: Views, *, n: int) -> Result:
    """One of two replicas is killed under load and started again."""
    users = Users(address, views, n, 0.2).start()
    time.sleep(AROUND)
    victim = replicas[0]
    held = proxy.in_flight(victim.name)
    at = victim.signal(SIGKILL)
    victim.wait()
    # Until a process is gone, the kernel takes connections for it.
    gone = time.perf_counter()
    time.sleep(AROUND)
    start = time.perf_counter()
    victim.start()
    back = time.perf_counter() - start
    time.sleep(AROUND)
    found = users.stop()
    lost = found.errors()
    outside = [each for each in lost if each.start > gone or each.end < at]
    figures = [
        f"{n} users, {len(found.answers):,} requests, {held} of them on the replica when SIGKILL was sent",
        f"lost {len(lost)}, of which {len(outside)} were not under way in the {1000 * (gone - at):.0f} ms of its end",
        f"ready again {back:.1f} s after its restart; {_times(found)}",
        *_complaints(outside or lost),
    ]
    return Result("one of two killed", figures, not outside)


def drained(address: str, replicas: list[Replica], views: Views, *, n: int) -> Result:
    """Each of two replicas is stopped with SIGTERM under load and started again, as an update does."""
    users = Users(address, views, n, 0.2).start()
    time.sleep(AROUND)
    codes, took = [], []
    for each in replicas:
        start = time.perf_counter()
        each.signal(SIGTERM)
        codes.append(each.wait())
        took.append(time.perf_counter() - start)
        each.start()
        time.sleep(3)
    time.sleep(AROUND / 2)
    found = users.stop()
    figures = [
        f"{n} users, {len(found.answers):,} requests, both replicas stopped and started one after the other",
        f"dropped {len(found.errors())}; they ended after {', '.join(f'{s:.1f} s' for s in took)} with {codes}",
        *_complaints(found.errors()),
    ]
    return Result("SIGTERM under load", figures, not found.errors() and codes == [0] * len(codes))


def without_redis(address: str, replicas: list[Replica], redis: Server, views: Views, *, n: int) -> Result:
    """Redis is gone for 30 seconds under load."""
    users = Users(address, views, n, 0.5).start()
    time.sleep(AROUND)
    redis.kill()
    time.sleep(30)
    said = _cache_of(replicas[0])
    redis.start()
    back = time.perf_counter()
    time.sleep(SETTLED)
    again = _cache_of(replicas[0])
    time.sleep(AROUND / 2)
    found = users.stop()
    during = Figures([each for each in found.answers if back - 30 <= each.start <= back])
    figures = [
        f"{n} users, {len(found.answers):,} requests, {len(during.answers):,} of them while Redis was away",
        f"errors {len(found.errors())}; away: p50, p95, p99 {_ms(during)}; all: {_ms(found)}",
        f"/readyz said of Redis: {said} while it was away, {again} {SETTLED:g} s after it was back; no restart",
        *_complaints(found.errors()),
    ]
    return Result("Redis away for 30 s", figures, not found.errors() and again == "ok" and said != "ok")


def heavy(address: str, questions: list[str], replica: Replica | None = None) -> Result:
    """Many heavy questions in the same instant: some are answered, the others told when to come back, none is lost."""
    statuses: dict[int, int] = {}
    retry: set[str] = set()
    health: list[float] = []
    done, lock = threading.Event(), threading.Lock()

    def params(path: str) -> None:
        try:
            answer = urllib3.request("GET", address + path, timeout=120, retries=False)
            status = answer.status
        except urllib3.exceptions.HTTPError:
            status, answer = 0, None
        with lock:
            statuses[status] = statuses.get(status, 0) + 1
            if answer is not None and status == 503:
                retry.add(answer.headers.get("Retry-After", "none"))

    def watch() -> None:
        while not done.is_set():
            start = time.perf_counter()
            urllib3.request("GET", f"{address}/healthz", timeout=30, retries=False)
            health.append((time.perf_counter() - start) * 1000)
            done.wait(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    with ThreadPoolExecutor(len(questions)) as pool:
        list(pool.map(params, questions))
    took = time.perf_counter() - start
    done.set()
    watcher.join()
    peak = f"; most memory of the process, mapped pages included: {replica.memory('VmHWM'):.0f} MB" if replica else ""
    alive = urllib3.request("GET", f"{address}/healthz", timeout=30, retries=False).status == 200
    counted = ", ".join(f"{n} x {status or 'no answer'}" for status, n in sorted(statuses.items()))
    figures = [
        f"{len(questions)} questions at once in {took:.1f} s: {counted}; Retry-After {', '.join(sorted(retry)) or '-'}",
        f"/healthz meanwhile: {len(health)} times, slowest {max(health):.0f} ms{peak}",
    ]
    kept = alive and set(statuses) <= {200, 503} and statuses.get(200, 0) > 0 and "none" not in retry
    return Result("heavy questions at once", figures, kept)


def new_questions(genes: list[str], dataset: str, n: int) -> list[str]:
    """Paths of correlations that nobody has asked for."""
    root = f"/api/v1/datasets/{dataset}/correlations"
    return [f"{root}?{urlencode({'gene': gene, 'top': 50})}" for gene in genes[:n]]


def heavy_questions(genes: list[str], dataset: str, by: str, n: int = HEAVY) -> list[str]:
    """Paths of what takes the most: exact ranks of the cells that express both, and markers of every category."""
    root = f"/api/v1/datasets/{dataset}"
    asked = [f"{root}/markers?{urlencode({'by': by, 'top': 10})}"]
    asked += [
        f"{root}/correlations?{urlencode({'gene': gene, 'drop_zeros': 'true', 'top': 10})}" for gene in genes[: n - 1]
    ]
    return asked


def genes_of(address: str, dataset: str, n: int) -> list[str]:
    """So many genes of an atlas, by the API."""
    answer = urllib3.request("GET", f"{address}/api/v1/datasets/{dataset}/genes?q=A&limit=100", timeout=60)
    names = [str(each["gene"]) for each in json.loads(answer.data)["genes"]]
    for letter in "BCDEFGHIKLMNPRSTUVZ":
        if len(names) >= n:
            break
        answer = urllib3.request("GET", f"{address}/api/v1/datasets/{dataset}/genes?q={letter}&limit=100", timeout=60)
        names += [str(each["gene"]) for each in json.loads(answer.data)["genes"] if each["gene"] not in names]
    return names[:n]


def _cache_of(replica: Replica) -> str:
    answer = urllib3.request("GET", f"{replica.url}/readyz", timeout=10, retries=False)
    return str(json.loads(answer.data)["checks"]["redis"]["status"])


def _lines(found: Figures) -> list[str]:
    kinds = found.kinds()
    each = [f"{kind} {n:,} ({_ms(found, kind)})" for kind, n in kinds.most_common()]
    return [
        f"{len(found.answers):,} requests, {found.per_minute():,.0f} a minute; {_times(found)}; "
        f"errors {len(found.errors())}",
        f"by kind, with p50, p95, p99: {'; '.join(each)}",
        *_complaints(found.errors()),
    ]


def _times(found: Figures) -> str:
    return f"p50, p95, p99: {_ms(found)}"


def _ms(found: Figures, kind: str = "") -> str:
    return ", ".join("-" if math.isnan(ms) else f"{ms:,.0f}" for ms in found.percentiles(kind)) + " ms"


def _complaints(lost: list, most: int = 3) -> list[str]:
    return [f"  e.g. {each.status or 'no answer'}: {each.what}" for each in lost[:most]]


def written(results: list[Result], path: Path) -> None:
    """Keep the figures beside what was printed."""
    path.write_text(json.dumps([vars(each) for each in results], indent=1), "utf-8")
