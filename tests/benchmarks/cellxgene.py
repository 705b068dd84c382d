"""Side by side with cellxgene, on one file in one run: ``CELLXGENE=PATH python -m tests.benchmarks.cellxgene FILE``.

`CELLXGENE` is the executable of a cellxgene in an environment of its own; 1.3.0 installs under Python 3.10. Both get
the same file: a copy with a further obs column of four quarters. One server runs at a time, and what is timed is what
its page asks it for. Ours imports the file first, which cellxgene need not, so that is a row as well; its answers are
not remembered.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import anndata
import h5py
import numpy as np
import pandas as pd
import psutil
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
QUARTER = "quarter_of_the_file"
N_GENES = 15
N_TESTS = 3
PATIENCE = 600.0
ATLAS = "other/file"
COMPARED = "two quarters of the cells compared"
TEST = "the test"


def main() -> None:
    """Measure both and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    file = parser.parse_args().file
    executable = os.environ.get("CELLXGENE", "")
    if not shutil.which(executable):
        parser.error("CELLXGENE names no executable: pip install cellxgene into an environment of its own")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "file.h5ad"
        genes, n_cells = prepare(file, copy)
        rows = of_cellxgene(executable, copy, genes, n_cells)
        ours = of_ours(Path(scratch) / "data", copy, genes)
    size = f"{n_cells:,} cells, {file.stat().st_size / 1e6:,.0f} MB"
    print(f"| {file.name} ({size}) | cellxgene | MASLDatlas |\n|---|---|---|")
    for what in dict.fromkeys([*ours, *rows]):
        print(f"| {what} | {rows.get(what, '–')} | {ours.get(what, '–')} |")


def prepare(file: Path, copy: Path) -> tuple[list[str], int]:
    """Copy the file with a column of quarters; return some genes from all over it, and how many cells it has."""
    shutil.copyfile(file, copy)
    with h5py.File(copy, "r+") as h5:
        obs = anndata.io.read_elem(h5["obs"])
        obs[QUARTER] = pd.Categorical((4 * np.arange(len(obs)) // len(obs)).astype(str))
        del h5["obs"]
        anndata.io.write_elem(h5, "obs", obs)
        var = anndata.io.read_elem(h5["var"])
    at = np.linspace(0, len(var) - 1, N_GENES).astype(int)
    return [str(name) for name in var.index[at]], len(obs)


def of_cellxgene(executable: str, file: Path, genes: list[str], n_cells: int) -> dict[str, str]:
    """What cellxgene does: data/var, and diffexp/obs, of which it sends the first fifty genes of either side."""
    port = free_port()
    command = [executable, "launch", str(file), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--disable-annotations", "--disable-gene-sets-save"]
    # Newer versions of Werkzeug assert that an answer is bytes, and cellxgene's is a bytearray.
    with served(command, {"PYTHONOPTIMIZE": "1"}, f"http://127.0.0.1:{port}/api/v0.2/schema") as (server, seconds):
        base = f"http://127.0.0.1:{port}/api/v0.2"
        index = requests.get(f"{base}/schema", timeout=PATIENCE).json()["schema"]["annotations"]["var"]["index"]
        binary = {"Accept": "application/octet-stream"}

        def gene(name: str) -> bytes:
            return fetched("GET", f"{base}/data/var?{urlencode({f'var:{index}': name})}", headers=binary)

        def quarter(number: int) -> dict[str, object]:
            return {"filter": {"obs": {"index": [[number * n_cells // 4, (number + 1) * n_cells // 4]]}}}

        body = json.dumps({"mode": "topN", "count": 50, "set1": quarter(0), "set2": quarter(1)})
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return {
            "start until the first answer": f"{seconds:.1f} s",
            "one gene": in_ms(gene, genes),
            **memory(server, "after that"),
            COMPARED: in_s(lambda: fetched("POST", f"{base}/diffexp/obs", data=body, headers=headers)),
            TEST: "Welch's t",
            **memory(server, "at the end"),
        }


def of_ours(data: Path, file: Path, genes: list[str]) -> dict[str, str]:
    """What this program does: the array of a gene, and compare, of which it sends as many genes, or all."""
    cli = [sys.executable, "-m", "core.cli", "--data-dir", str(data)]
    start = time.perf_counter()
    command = [*cli, "import", str(file), "--species", "other", "--name", "file"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    imported = time.perf_counter() - start
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [*cli, "serve", "--port", str(port), "--no-demo", "--no-imports"]
    with served(command, {"MASLDATLAS_CORRELATION_CACHE": "false"}, f"{base}/api/v1/datasets/{ATLAS}") as (
        server,
        seconds,
    ):
        digest = requests.get(f"{base}/api/v1/datasets/{ATLAS}", timeout=PATIENCE).json()["content_hash"]
        # Kernels are compiled in the background, and kept on disk from then on.
        while requests.get(f"{base}/readyz", timeout=PATIENCE).status_code != requests.codes.ok:
            time.sleep(0.2)
        array = f"{base}/arrays/{ATLAS}/{digest}/gene/expression"
        sides = {side: f"where={quote(f'{QUARTER}={number}')}" for side, number in (("a", 0), ("b", 1))}
        compare = f"{base}/api/v1/datasets/{ATLAS}/compare?{urlencode(sides)}"
        return {
            "import, once": f"{imported:.1f} s",
            "start until the first answer": f"{seconds:.1f} s",
            "one gene": in_ms(lambda name: fetched("GET", f"{array}?{urlencode({'gene': name})}"), genes),
            **memory(server, "after that"),
            COMPARED: in_s(lambda: fetched("GET", f"{compare}&top=50")),
            f"{COMPARED}, all genes sent": in_s(lambda: fetched("GET", compare)),
            TEST: "Wilcoxon, corrected for ties",
            **memory(server, "at the end"),
        }


@contextmanager
def served(command: list[str], environment: dict[str, str], address: str) -> Iterator[tuple[psutil.Process, float]]:
    """Start a server; yield its process and the seconds until it first answers."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while not answers(address):
                if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                    raise RuntimeError(f"{command[0]} does not answer at {address}")
                time.sleep(0.05)
            yield psutil.Process(process.pid), time.perf_counter() - start
        finally:
            process.terminate()


def answers(address: str) -> bool:
    """Whether a server gives a good answer."""
    try:
        return requests.get(address, timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def fetched(method: str, address: str, **more: object) -> bytes:
    """The body of an answer, which must be a good one with something in it."""
    answer = requests.request(method, address, timeout=PATIENCE, **more)
    answer.raise_for_status()
    if not answer.content:
        raise RuntimeError(f"{address} answers with nothing")
    return answer.content


def in_ms(call: Callable[[str], object], names: list[str]) -> str:
    """Median and range over some genes, each asked for once; one more before them does not count."""
    call(names[len(names) // 2])
    times = [1e3 * seconds(lambda name=name: call(name)) for name in names]
    return f"{statistics.median(times):,.0f} ms ({min(times):,.0f} – {max(times):,.0f})"


def in_s(call: Callable[[], object]) -> str:
    """Median and range of some calls."""
    times = [seconds(call) for _ in range(N_TESTS)]
    return f"{statistics.median(times):.3g} s ({min(times):.3g} – {max(times):.3g})"


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def memory(process: psutil.Process, when: str) -> dict[str, str]:
    """Resident memory, how much of it is no mapped file, and the peak."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    mb = {name: int(status[name].split()[0]) / 1000 for name in ("VmRSS", "RssAnon", "VmHWM")}
    return {
        f"resident memory {when}": f"{mb['VmRSS']:,.0f} MB, {mb['RssAnon']:,.0f} MB of it its own",
        f"its peak {when}": f"{mb['VmHWM']:,.0f} MB",
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


if __name__ == "__main__":
    main()
