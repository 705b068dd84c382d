"""``make soak``: the whole stack on loopback, under load, while parts of it are taken away; bounded in time.

Two replicas of the app share a Redis behind a proxy. Users are simulated: they make the requests that a real browser
made when each page was visited once, keep what a browser keeps, and mix in questions that nobody has asked before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import platformdirs

from tests.benchmarks.bench import import_atlas
from tests.soak import greedy, scenarios
from tests.soak.stack import stack
from tests.soak.visit import record

# Parts with a server of their own, and parts with the whole stack.
ALONE = ("memory", "greedy")
PARTS = (*ALONE, "flat", "killed", "drained", "redis", "heavy", "steady")
MOST_MINUTES, MOST_USERS = 30.0, 200
CACHED = 2000


def main() -> int:
    """Run the parts, print their figures; 1 if a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of mixed load; at most 30")
    parser.add_argument("--users", type=int, default=50, help="at most 200")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--data", type=Path, help="data directory of the atlas; else the user's cache")
    parser.add_argument("--logs", type=Path, help="directory that keeps the logs of the replicas")
    parser.add_argument("--url", help="only ask the heavy questions, of an app that runs already, on loopback")
    given = parser.parse_args()
    if not 0 < given.minutes <= MOST_MINUTES or not 0 < given.users <= MOST_USERS:
        parser.error("--minutes is above 0 and at most 30, --users is 1 to 200")
    data = given.data or platformdirs.user_cache_path("masldatlas", appauthor=False) / "bench"
    atlas, _ = import_atlas(data)
    dataset, by = str(atlas.id), str(atlas.manifest.roles.get("cell_type"))
    results: list[scenarios.Result] = []
    if given.url:
        if not given.url.startswith("http://127.0.0.1:"):
            parser.error("--url is on loopback: http://127.0.0.1:PORT")
        genes = scenarios.genes_of(given.url, dataset, scenarios.HEAVY)
        results.append(scenarios.heavy(given.url, scenarios.heavy_questions(genes, dataset, by)))
        return said(results)
    results += alone(given.parts, data, given.logs)
    if set(given.parts) <= set(ALONE):
        return said(results)
    with tempfile.TemporaryDirectory() as scratch, stack(data, given.logs or Path(scratch)) as (redis, replicas, proxy):
        views = record(replicas[0].url, dataset, by)
        n_requests = sum(len(steps) for _, steps in views)
        print(
            f"{dataset}: {atlas.n_cells:,} cells, {len(atlas.genes):,} genes; {len(views)} views, {n_requests} requests"
        )
        genes = scenarios.genes_of(proxy.url, dataset, CACHED)
        new = scenarios.new_questions(genes[scenarios.HEAVY :], dataset, CACHED)
        for part in (each for each in given.parts if each not in ALONE):
            start = time.monotonic()
            if part == "flat":
                result = scenarios.flat_out(proxy.url, views, n=8, seconds=60)
            elif part == "killed":
                result = scenarios.killed(proxy.url, replicas, proxy, views, n=20)
            elif part == "drained":
                result = scenarios.drained(proxy.url, replicas, views, n=20)
            elif part == "redis":
                result = scenarios.without_redis(proxy.url, replicas, redis, views, n=20)
            elif part == "heavy":
                asked = scenarios.heavy_questions(genes, dataset, by)
                result = scenarios.heavy(replicas[0].url, asked, replicas[0])
            else:
                result = scenarios.steady(proxy.url, replicas, views, new, n=given.users, minutes=given.minutes)
            results.append(result)
            print(f"  ({part}: {time.monotonic() - start:.0f} s)", file=sys.stderr)
    return said(results)


def alone(parts: list[str], data: Path, logs: Path | None) -> list[scenarios.Result]:
    """Run the parts that have a server of their own."""
    with tempfile.TemporaryDirectory() as scratch:
        place = logs or Path(scratch)
        found = [greedy.memory(data, place)] if "memory" in parts else []
        return found + ([greedy.greedy(data, place, rate) for rate in greedy.RATES] if "greedy" in parts else [])


def said(results: list[scenarios.Result]) -> int:
    """Print all figures; the exit code."""
    for result in results:
        print(f"\n{result.part}: {'as promised' if result.kept else 'NOT AS PROMISED'}")
        for line in result.figures:
            print(f"  {line}")
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
