"""Reference data made by a test, and the reference results beside the real files."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.analysis.set_collections import Described, SetCollection
from core.genes import reference_store
from core.genes.reference_store import Reference
from core.genes.references import Network


def reference(name, kind="network", species="human", **more):
    """Make the record of a reference that stands nowhere."""
    return Reference(
        name=name, title=name.title(), kind=kind, family=name, species=(species,), file=f"{name}.parquet", n=1,
        source="a test", version="1", date="2026", licence="CC0", source_sha256="0", sha256="0", fetched="2026", **more,
    )  # fmt: skip


def collection(name, sets):
    """Make a collection of gene sets."""
    found = {key: tuple(genes) for key, genes in sets.items()}
    return SetCollection(name, found, Described.of(name, f"{name}.", {"name": name}))


def network(name, edges, species="human"):
    """Make a network from (source, target, weight) or (source, target, weight, p)."""
    rows = [(*edge, float("nan"))[:4] for edge in edges]
    columns = zip(*rows, strict=True) if rows else [[]] * 4
    kinds = (pa.string(), pa.string(), pa.float64(), pa.float64())
    arrays = [pa.array(list(values), kind) for values, kind in zip(columns, kinds, strict=True)]
    return Network(
        reference(name, species=species), species, None, pa.table(arrays, ["source", "target", "weight", "p"])
    )


def gmt(path):
    """Read a .gmt file."""
    lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return {name: [gene for gene in genes if gene] for name, _, *genes in lines}


def beside_real_data(folder):
    """Return a folder of reference results beside the real files, or skip."""
    named = os.environ.get("MASLDATLAS_TEST_DATA")
    if not named or not (Path(named).parent / folder).is_dir():
        pytest.skip(f"MASLDATLAS_TEST_DATA names no directory with {folder}/ beside it")
    return Path(named).parent / folder


def install(data, *, sets=None, edges=None, species="human"):
    """Write references into a data directory: gene sets by collection, edges by network."""
    folder = reference_store.directory(data)
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, given in (sets or {}).items():
        rows = [{"set": key, "description": "", "genes": list(genes)} for key, genes in given.items()]
        _write(folder, found, reference(name, "gene_sets", species), rows)
    for name, given in (edges or {}).items():
        rows = network(name, given).edges.to_pylist()
        _write(folder, found, reference(name, "network", species), rows)
    manifest = json.dumps([each.model_dump(mode="json") for each in found])
    (folder / reference_store.MANIFEST).write_text(manifest, "utf-8")


def _write(folder, found, made, rows):
    pq.write_table(pa.Table.from_pylist(rows, reference_store.SCHEMAS[made.kind]), folder / made.file)
    found.append(made)
