"""What smoke.sh asks the app, from inside its container: ``python - CHECK ADDRESS < smoke_client.py``.

Each check prints one line with what it measured, and exits with 1 and one sentence where something is wrong.
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
PATIENCE = 30.0
OK = 200


class Wrong(Exception):
    """A check fails; the text says how."""


def get(where: tuple[str, int], path: str, seconds: float = 90.0) -> tuple[int, dict[str, str], bytes]:
    """Ask once: status, headers with lower-case names, body."""
    connection = HTTPConnection(*where, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def wait(where: tuple[str, int], path: str, good: Callable[[int, bytes], bool], seconds: float) -> float:
    """Ask until it is good; return how long that took."""
    began = time.monotonic()
    said = "no answer"
    while time.monotonic() - began < seconds:
        try:
            status, _, body = get(where, path, 10)
            if good(status, body):
                return time.monotonic() - began
            said = f"{status} {body[:200]!r}"
        except (OSError, HTTPException) as error:
            said = str(error)
        time.sleep(0.1)
    raise Wrong(f"{path} is not as it should be after {seconds:.0f} s: {said}.")


def alive(where: tuple[str, int]) -> str:
    """The process answers."""
    return f"{wait(where, '/healthz', lambda status, _: status == OK, 60):.1f} s"


def ready(where: tuple[str, int]) -> str:
    """The kernels are there."""
    seconds = wait(where, "/readyz", lambda status, _: status == OK, 120)
    checks = json.loads(get(where, "/readyz")[2])["checks"]
    return f"{seconds:.1f} s; " + ", ".join(f"{name} {told['status']}" for name, told in checks.items())


def atlas(where: tuple[str, int]) -> str:
    """The atlas that was imported by a command is there for the server."""
    listed = f"/api/v1/datasets/{ATLAS}"
    wait(where, listed, lambda status, _: status == OK, PATIENCE)
    facts = json.loads(get(where, listed)[2])
    return f"{ATLAS}, {facts['n_cells']:,} cells, {facts['n_genes']:,} genes"


def page(where: tuple[str, int]) -> str:
    """Pages come, and forbid eval."""
    for path in ("/", "/explore", "/correlation", "/markers"):
        status, headers, body = get(where, path)
        policy = headers.get("content-security-policy", "")
        if status != OK or b"_dash-config" not in body:
            raise Wrong(f"{path} answers {status} and is no page.")
        if "script-src" not in policy or "unsafe-eval" in policy:
            raise Wrong(f"{path} has the policy {policy!r}.")
    return "4 pages, none allows eval"


def correlation(where: tuple[str, int]) -> str:
    """A correlation equals that of scipy over the values that the API gives."""
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
    if abs(ours - theirs) > 1e-9:  # noqa: PLR2004 - the agreement that the project promises
        raise Wrong(f"Spearman of {query} and {other} is {ours} here and {theirs} by scipy.")
    return f"{query}, {other}: {ours:.6f}, as scipy; {len(rows):,} genes in {ms:.0f} ms"


def drain(where: tuple[str, int]) -> str:
    """Ask without a pause until the server is gone; every request that it let in is answered in full.

    One more is sent in two halves, four seconds apart: the server is told to stop between them.
    """
    answered, dropped = [0], list[str]()
    halves: list[str] = []

    def params(number: int) -> None:
        for turn in range(10_000):
            gene = ("CD3D", "IL32", "LYZ", "CD79A")[turn % 4]
            connection = HTTPConnection(*where, timeout=60)
            try:
                connection.connect()
            except OSError:  # refused at the door: nobody listens any more
                return
            try:
                connection.request(
                    "GET", f"/api/v1/datasets/{ATLAS}/correlations?gene={gene}&range=n_counts:{number}:&top={turn + 1}"
                )
                answer = connection.getresponse()
                answer.read()
                answered[0] += answer.status == OK
                if answer.status != OK:
                    dropped.append(f"status {answer.status}")
            except (OSError, HTTPException) as error:
                dropped.append(repr(error))
                return
            finally:
                connection.close()

    def hesitate() -> None:
        with socket.create_connection(where, timeout=60) as sender:
            sender.sendall(b"GET /api/v1/datasets HTTP/1.1\r\nHost: localhost\r\n")
            time.sleep(4)
            sender.sendall(b"Connection: close\r\n\r\n")
            halves.append(sender.recv(64).decode(errors="replace").split("\r\n")[0])

    threads = [Thread(target=params, args=(number,)) for number in range(4)] + [Thread(target=hesitate)]
    for thread in threads:
        thread.start()
    sys.stdout.write("asking\n")
    sys.stdout.flush()
    for thread in threads:
        thread.join(90)
    if dropped:
        raise Wrong(f"{len(dropped)} requests were dropped, the first with {dropped[0]}.")
    if not halves or " 200 " not in halves[0]:
        raise Wrong(f"A request of which half had come was answered {halves}.")
    return f"{answered[0]} answered, 0 dropped, the hesitant one too"


CHECKS = {check.__name__: check for check in (alive, ready, atlas, page, correlation, drain)}


def main(name: str, address: str) -> int:
    """Run one check."""
    host, _, port = address.partition(":")
    try:
        sys.stdout.write(CHECKS[name]((host, int(port))) + "\n")
    except Wrong as wrong:
        sys.stdout.write(f"{wrong}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
