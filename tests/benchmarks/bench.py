"""Measure what the README claims: ``make bench``.

Everything is measured in one run on one atlas, each row several times, and printed as one table: the median, the range,
and the budget of the design where there is one. The atlas is the semi-real liver of 100,000 cells where the real data
are at hand, else the simulated one; it is imported once and kept in the user's cache directory.

Rows of kernels compare CPU time of all threads with that of reading the same bytes in the same run, so that other work
on the machine matters less. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from core.analysis.distributions import summarise
from core.analysis.expression import expression_of
from core.atlas.catalog import Catalog
from core.atlas.manifest import SCHEMA_VERSION
from core.atlas.paths import AtlasId, Places
from core.atlas.store import Atlas
from core.selection.model import Selection
from tests.benchmarks import correlation, differences, markers, recolour, scores, species, two_species
from tests.benchmarks.rows import Row, one, timed

if TYPE_CHECKING:
    from collections.abc import Callable

N_CELLS, N_DONORS = 100_000, 16
MANY_CELLS = 1_000_000


def import_atlas(data: Path) -> tuple[Atlas, list[Row]]:
    """Import the atlas in a process of its own, unless it is there; time and peak memory only when it was imported."""
    atlas, make = _choice()
    rows: list[Row] = []
    if not _is_there(data, atlas):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / f"{atlas.name}.h5ad"
            make(file)
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            start = time.perf_counter()
            _import(data, atlas, file)
            seconds = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            read = _read_whole(file)
            rows.append(one("reading the file into memory with anndata", read, "s"))
            rows.append(one("import of the file", seconds, "s", f"{seconds / read:.1f}x reading it (≤ 3x)"))
            rows.append(one("size of the file", file.stat().st_size / 1e6, "MB"))
            if peak > before:
                rows.append(one("peak memory of the import", peak / 1024, "MiB"))
    opened = Atlas(Places(data).store(atlas))
    rows.append(one("size of the store", opened.manifest.bytes / 1e6, "MB"))
    layers = sum(info.bytes for name, info in opened.manifest.files.items() if name.startswith("layers/"))
    n_nonzero, n_levels = opened.layer().info.n_nonzero, len(opened.layer().arrays[-1])
    budget = "≤ 6.5 B" if opened.n_cells < MANY_CELLS else "≤ 5 B"
    rows.append(one("a nonzero, expression and counts", layers / n_nonzero, "B", budget))
    rows.append(one("distinct values of a gene for each nonzero", n_levels / n_nonzero, ""))
    return opened, rows


def second_atlas(data: Path) -> AtlasId:
    """Import the atlas that is compared with the first, of the same size and other cells, unless it is there."""
    atlas, make = _choice(2)
    if not _is_there(data, atlas):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / f"{atlas.name}.h5ad"
            make(file)
            _import(data, atlas, file)
    return atlas


def _is_there(data: Path, atlas: AtlasId) -> bool:
    known = {manifest.id: manifest.schema_version for manifest in Catalog(data).manifests()}
    return known.get(str(atlas)) == SCHEMA_VERSION


def _import(data: Path, atlas: AtlasId, file: Path) -> None:
    command = [sys.executable, "-m", "core.cli", "--data-dir", str(data), "import", str(file)]
    command += ["--species", atlas.species, "--name", atlas.name, "--simulated", "--replace"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _read_whole(file: Path) -> float:
    """Seconds that anndata, once imported, takes to read the file, which lies in the page cache."""
    import anndata

    start = time.perf_counter()
    anndata.read_h5ad(file)
    return time.perf_counter() - start


def bench_store(atlas: Atlas) -> list[Row]:
    """Opening, and one gene."""
    path = atlas.path
    genes = [atlas.genes.names[at] for at in range(0, len(atlas.genes), max(1, len(atlas.genes) // 200))]
    turn = iter(range(10**9))

    def read_one():
        expression_of(atlas, genes[next(turn) % len(genes)])

    def open_all():
        opened = Atlas(path)
        opened.layer()
        _ = opened.genes

    def search_first():
        Atlas(path).genes.search("alb")

    rows = [timed("open: manifest, layer, gene names", open_all, budget="≤ 50 ms"), _opened_in_a_fresh_process(path)]
    rows.append(timed("the first search of a gene by the beginning of its name, opening included", search_first))
    rows.append(timed("one gene, all cells, from the store", read_one, budget="≤ 5 ms", repeats=200))
    cell_type = atlas.manifest.roles.get("cell_type")
    if cell_type:
        expression = expression_of(atlas, genes[0])
        rows.append(
            timed(
                f"one gene by {cell_type}: n, %, quartiles",
                lambda: summarise(atlas, expression, cell_type, Selection()),
            )
        )
    return rows


def _opened_in_a_fresh_process(path: Path) -> Row:
    script = (
        "import sys, psutil\nfrom pathlib import Path\nfrom core.atlas.store import Atlas\n"
        "me = psutil.Process()\nbefore = me.memory_info().rss\n"
        "atlas = Atlas(Path(sys.argv[1]))\natlas.layer()\natlas.genes\n"
        "print((me.memory_info().rss - before) / 1e6)"
    )
    values = [
        float(
            subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True).stdout
        )
        for _ in range(3)
    ]
    return Row(
        "resident memory that opening adds", statistics.median(values), min(values), max(values), "MB", "< 50 MB"
    )


def _choice(seed: int = 1) -> tuple[AtlasId, Callable[[Path], object]]:
    """Choose the atlas, and what writes its file; another seed draws other cells."""
    end = "" if seed == 1 else f"_seed_{seed}"
    real = os.environ.get("MASLDATLAS_TEST_DATA", "../shared/data")
    source = Path(real) / "human_liver_he2020_ahca.h5ad"
    tool = source.parent.parent / "tools" / "make_semireal_atlas.py"
    if source.is_file() and tool.is_file():
        command = [sys.executable, str(tool), str(source)]
        size = [str(number) for number in (N_CELLS, N_DONORS, seed)]
        return AtlasId("human", f"bench_semireal_16{end}"), lambda file: subprocess.run(
            [*command, str(file), *size], check=True
        )
    return AtlasId("human", f"bench_simulated{end}"), lambda file: _simulated(file, seed)


def _simulated(file: Path, seed: int) -> None:
    import anndata

    from core.demo.simulate import simulate

    made = simulate("human", N_CELLS, seed, background=True, threads=os.cpu_count() or 1)
    anndata.AnnData(made.counts.astype("float32"), obs=made.obs, var=made.var).write_h5ad(file)


def _bench_species(atlas: Atlas, data: Path) -> list[Row]:
    return [*species.bench(atlas), *two_species.bench(data, atlas.id, str(second_atlas(data)))]


PARTS: dict[str, Callable[[Atlas, Path], list[Row]]] = {
    "store": lambda atlas, _: bench_store(atlas),
    "maps": recolour.bench,
    "kernels": lambda atlas, _: correlation.bench(atlas),
    "references": lambda atlas, _: correlation.bench_references(atlas),
    "cache": correlation.bench_cache,
    "million": lambda atlas, _: correlation.bench_million(atlas),
    "markers": lambda atlas, _: markers.bench(atlas),
    "scores": scores.bench,
    "differences": lambda atlas, _: differences.bench(atlas),
    "species": _bench_species,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=platformdirs.user_cache_path("masldatlas", appauthor=False) / "bench"
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all, or some of: {', '.join(PARTS)}")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"There is no part {unknown[0]!r}. There are: {', '.join(PARTS)}.")
    before = os.getloadavg()[0]
    given.data.mkdir(parents=True, exist_ok=True)
    atlas, rows = import_atlas(given.data)
    for part in given.parts or PARTS:
        print(f"{part} …", file=sys.stderr)
        rows += PARTS[part](atlas, given.data)
    size = f"{atlas.n_cells:,} cells x {len(atlas.genes):,} genes, {atlas.layer().info.n_nonzero:,} nonzeros"
    load = f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    print(f"\n{atlas.id}: {size}; {os.cpu_count()} cores; {datetime.now(UTC):%d %B %Y, %H:%M} UTC; {load}\n")
    print("| what | median | range | budget |\n|---|---|---|---|")
    print(*rows, sep="\n")


if __name__ == "__main__":
    main()
