"""Preparing the demo: the real cells that scanpy ships, and the simulated liver, through the ordinary import."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.atlas.paths import Places
from core.demo.catalogue import Demo
from core.errors import NotFound
from core.ingest.importer import ImportRequest, import_file
from core.ingest.store_swap import scratch_in

if TYPE_CHECKING:
    from core.atlas.paths import AtlasId
    from core.ingest.importer import Report

REAL_CITATION = (
    "Zheng et al., Massively parallel digital transcriptional profiling of single cells, Nature Communications 8:14049 "
    "(2017); the subset of 700 cells and 765 genes that ships inside scanpy (Wolf et al., Genome Biology 19:15, 2018)."
)
REAL_TITLE = "Blood cells, 68k PBMC subset (real data; 700 cells of healthy human blood, not liver)"
SIMULATED_SHARE = 0.3


def prepare(  # noqa: PLR0913 - each is one independent choice of the caller
    demo: Demo, data: Path, report: Report, *, n_cells: int, seed: int, replace: bool, threads: int
) -> AtlasId:
    """Make one atlas of the demo.

    Parameters
    ----------
    demo
        Which one.
    data
        The data directory.
    report
        Called with the current step and the fraction of the whole that is done.
    n_cells, seed
        Size and seed of a simulated atlas; the real one is as it is.
    replace
        Whether an atlas of the same id makes way.
    threads
        How many threads draw and sort.
    """
    if demo.kind == "real":
        request = ImportRequest(
            path=_scanpy_file(), species="human", name=demo.atlas.name, roles={"cell_type": "bulk_labels"},
            title=REAL_TITLE, citation=REAL_CITATION, replace=replace,
        )  # fmt: skip
        return import_file(request, data, report, threads)
    with scratch_in(Places(data).work) as scratch:
        report("simulating cells", 0.0)
        path = scratch / f"{demo.atlas.name}.h5ad"
        title, citation = _simulate(demo, path, n_cells, seed, threads)
        request = ImportRequest(
            path=path, species=demo.atlas.species, name=demo.atlas.name,
            roles={"cell_type": "CellType", "group": "Group", "sample": "Sample"},
            title=title, citation=citation, replace=replace, simulated=True,
        )  # fmt: skip
        return import_file(
            request, data, lambda step, done: report(step, SIMULATED_SHARE + (1 - SIMULATED_SHARE) * done), threads
        )


def _simulate(demo: Demo, path: Path, n_cells: int, seed: int, threads: int) -> tuple[str, str]:
    import anndata

    from core.demo.simulate import simulate

    if demo.kind == "real":
        raise ValueError("the real atlas is not simulated")
    simulated = simulate(demo.kind, n_cells, seed, background=True, threads=threads)
    anndata.AnnData(
        simulated.counts.astype("float32"), obs=simulated.obs, var=simulated.var, uns={"truth": simulated.truth}
    ).write_h5ad(path)
    return simulated.title, simulated.citation


def _scanpy_file() -> Path:
    spec = find_spec("scanpy")
    path = Path(spec.origin).parent / "datasets" / "10x_pbmc68k_reduced.h5ad" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise NotFound(
            "The scanpy package does not hold the file 10x_pbmc68k_reduced.h5ad.", "Reinstall with `make setup`."
        )
    return path
