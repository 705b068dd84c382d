"""Checks that smoke.sh runs inside the container of the app: ``python - CHECK ADDRESS < smoke_client.py``.

Each check prints its measurements on one line; a failed check prints one sentence and exits with code 1.
"""

import json
import socket
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from threading import Thread

ATLAS = "human/pbmc68k"
GENES = ("CD3D", "IL32")
TIMEOUT = 30.0
OK = 200


class CheckFailed(Exception):
    """A failed check, described by the message."""


def get(where: tuple[str, int], path: str, seconds: float = 90.0) -> tuple[int, dict[str, str], bytes]:
    """Send one request; return status, headers with lower-case names, and body."""
    connection = HTTPConnection(*where, timeout=seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def wait(where: tuple[str, int], path: str, good: Callable[[int, bytes], bool], seconds: float) -> float:
    """Repeat a request until its response is good; return the seconds that passed."""
    began = time.monotonic()
    last = "no response"
    while time.monotonic() - began < seconds:
        try:
            status, _, body = get(where, path, 10)
            if good(status, body):
                return time.monotonic() - began
            last = f"{status} {body[:200]!r}"
        except (OSError, HTTPException) as error:
            last = str(error)
        time.sleep(0.1)
    raise CheckFailed(f"{path} does not respond as expected after {seconds:.0f} s: {last}.")


def alive(where: tuple[str, int]) -> str:
    """Check that the process responds."""
    return f"{wait(where, '/healthz', lambda status, _: status == OK, 60):.1f} s"


def ready(where: tuple[str, int]) -> str:
    """Check that the app becomes ready."""
    seconds = wait(where, "/readyz", lambda status, _: status == OK, 120)
    checks = json.loads(get(where, "/readyz")[2])["checks"]
    return f"{seconds:.1f} s; " + ", ".join(f"{name} {check['status']}" for name, check in checks.items())


def atlas(where: tuple[str, int]) -> str:
    """Check that the server lists an atlas that was imported by a command."""
    listed = f"/api/v1/datasets/{ATLAS}"
    wait(where, listed, lambda status, _: status == OK, TIMEOUT)
    summary = json.loads(get(where, listed)[2])
    return f"{ATLAS}, {summary['n_cells']:,} cells, {summary['n_genes']:,} genes"


def page(where: tuple[str, int]) -> str:
    """Check that the pages load and forbid eval."""
    for path in ("/", "/explore", "/correlation", "/markers"):
        status, headers, body = get(where, path)
        policy = headers.get("content-security-policy", "")
        if status != OK or b"_dash-config" not in body:
            raise CheckFailed(f"{path} answers {status} and is not a page.")
        if "script-src" not in policy or "unsafe-eval" in policy:
            raise CheckFailed(f"{path} has the policy {policy!r}.")
    return "4 pages, none allows eval"


def correlation(where: tuple[str, int]) -> str:
    """Compare a correlation with that of scipy on the values of the API."""
    from scipy.stats import spearmanr

    query, other = GENES
    values = []
    for gene in GENES:
        _, _, body = get(where, f"/api/v1/datasets/{ATLAS}/expression?gene={gene}")
        values.append(json.loads(body)["expression"])
    began = time.monotonic()
    _, _, body = get(where, f"/api/v1/datasets/{ATLAS}/correlations?gene={query}&method=spearman")
    ms = 1000 * (time.monotonic() - began)
    rows = json.loads(body)["correlations"]
    ours = next(row["r"] for row in rows if row["gene"] == other)
    theirs = float(spearmanr(*values).statistic)
    if abs(ours - theirs) > 1e-9:  # noqa: PLR2004 - the required agreement
        raise CheckFailed(f"Spearman of {query} and {other} is {ours} here and {theirs} by scipy.")
    return f"{query}, {other}: {ours:.6f}, as scipy; {len(rows):,} genes in {ms:.0f} ms"


def drain(where: tuple[str, int]) -> str:
    """Send requests until the server has stopped; check that every accepted request is answered.

    One more request is sent in two halves, four seconds apart; the server is stopped in between.
    """
    answered, dropped = [0], list[str]()
    halves: list[str] = []

    def send(number: int) -> None:
        for turn in range(10_000):
            gene = ("CD3D", "IL32", "LYZ", "CD79A")[turn % 4]
            connection = HTTPConnection(*where, timeout=60)
            try:
                connection.connect()
            except OSError:  # connection refused: the server has stopped
                return
            try:
                connection.request(
                    "GET", f"/api/v1/datasets/{ATLAS}/correlations?gene={gene}&range=n_counts:{number}:&top={turn + 1}"
                )
                response = connection.getresponse()
                response.read()
                answered[0] += response.status == OK
                if response.status != OK:
                    dropped.append(f"status {response.status}")
            except (OSError, HTTPException) as error:
                dropped.append(repr(error))
                return
            finally:
                connection.close()

    def send_slowly() -> None:
        with socket.create_connection(where, timeout=60) as sender:
            sender.sendall(b"GET /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\n")
            time.sleep(4)
            sender.sendall(b"Connection: close\r\n\r\n")
            halves.append(sender.recv(64).decode(errors="replace").split("\r\n")[0])

    threads = [Thread(target=send, args=(number,)) for number in range(4)] + [Thread(target=send_slowly)]
    for thread in threads:
        thread.start()
    sys.stdout.write("asking\n")
    sys.stdout.flush()
    for thread in threads:
        thread.join(90)
    if dropped:
        raise CheckFailed(f"{len(dropped)} requests were dropped, the first with {dropped[0]}.")
    if not halves or " 200 " not in halves[0]:
        raise CheckFailed(f"The request sent in two halves was answered {halves}.")
    return f"{answered[0]} answered, 0 dropped, including the slow one"


CHECKS = {check.__name__: check for check in (alive, ready, atlas, page, correlation, drain)}


def main(name: str, address: str) -> int:
    """Run one check and return the exit code."""
    host, _, port = address.partition(":")
    try:
        sys.stdout.write(CHECKS[name]((host, int(port))) + "\n")
    except CheckFailed as failure:
        sys.stdout.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
