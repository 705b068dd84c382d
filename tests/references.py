"""Reference data made by tests, as `masldatlas references fetch` leaves them, and the results beside the real files."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.analysis.set_collections import Described, SetCollection
from core.genes import reference_store
from core.genes.reference_store import Reference
from core.genes.references import Network
from core.ingest.references.install import install as install_rows


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


ABOUT: dict[str, Any] = {
    "source": "tests 1.0", "version": "1", "date": "2024-01", "licence": "CC0", "source_sha256": "0" * 64,
}  # fmt: skip
# Human gene, zebrafish gene. CYP2E1 has none; ATOH1 and COL1A1 have paralogs.
FISH = (
    ("ATOH1", "atoh1c"), ("ATOH1", "atoh1a"), ("ATOH1", "atoh1b"), ("COL1A1", "col1a1a"), ("COL1A1", "col1a1b"),
    ("FASN", "fasn"), ("SREBF1", "srebf1"),
)  # fmt: skip
# Human gene, mouse gene, confidence of Ensembl (None: not listed), number of HCOP's sources.
MOUSE = (
    ("ATOH1", "Atoh1", 1, 12), ("FASN", "Fasn", 1, 12), ("SREBF1", "Srebf1", 1, 12), ("CYP2E1", "Cyp2e1", 1, 11),
    ("CES1", "Ces1d", 1, 10), ("CES1", "Ces1f", None, 6), ("CES1", "Ces2", None, 1), ("SAA1", "Saa1", 0, 7),
    ("SAA1", "Saa4", 0, 1),
)  # fmt: skip
NAMES = (
    ("SREBF1", "ENSG00000072310", ("SREBP1",)), ("ABCC2", "ENSG00000023839", ("MRP2", "cMRP")),
    ("KLHL1", "ENSG00000150361", ("MRP2",)), ("CYP2E1", "ENSG00000130649", ()), ("GNLY", "ENSG00000115523", ("FASN",)),
    ("FASN", "ENSG00000169710", ()), ("ALB", "ENSG00000163631", ()),
)  # fmt: skip
SETS = {
    "LIPID": ("FASN", "SREBF1", "ATOH1", "GNLY"),
    "ONLY_HUMAN": ("GNLY", "LILRB1"),
}
EDGES = (("SREBF1", "FASN", 1.0), ("SREBF1", "ATOH1", -1.0), ("FASN", "SREBF1", 1.0), ("GNLY", "FASN", 1.0))


def install_all(data):
    """Install orthologs, names, gene sets and networks below a data directory."""
    install_orthologs(data)
    install_names(data)
    rows = [{"set": name, "description": "", "genes": list(genes)} for name, genes in SETS.items()]
    put(data, rows, "hallmark", "gene_sets", "human", title="Hallmark")
    edges = [{"source": a, "target": b, "weight": weight, "p": float("nan")} for a, b, weight in EDGES]
    put(data, edges, "collectri", "network", "human", title="CollecTRI")
    pathways = [{"source": "Androgen", "target": gene, "weight": 2.0, "p": 0.01} for gene in ("FASN", "GNLY")]
    put(data, pathways, "progeny", "network", "human", title="PROGENy")


def install_orthologs(data):
    fish = [_pair(a, b, evidence="AA (amino acid sequence); 2 publications") for a, b in FISH]
    put(data, fish, "orthologs_zfin", "orthologs", "human", "zebrafish", title="ZFIN")
    listed = [_pair(a, b, type="one-to-one", confidence=sure) for a, b, sure, _ in MOUSE if sure is not None]
    put(data, listed, "orthologs_ensembl", "orthologs", "human", "mouse", title="Ensembl")
    supported = [_pair(a, b, n_sources=n, evidence="OMA") for a, b, _, n in MOUSE]
    put(data, supported, "orthologs_hcop", "orthologs", "human", "mouse", title="HCOP")


def install_names(data):
    rows = [{"gene": a, "id": b, "ncbi": "1", "aliases": list(c), "type": "protein-coding"} for a, b, c in NAMES]
    put(data, rows, "names_human", "names", "human", title="Names")


def put(data, rows, name, kind, *species, title, family=""):
    about = {**ABOUT, "name": name, "kind": kind, "species": species, "title": title, "family": family or name}
    return install_rows(data, rows, about)


def _pair(human, other, **more):
    empty = {"type": "", "evidence": "", "confidence": None, "n_sources": None}
    return {"human": human, "human_id": f"ENSG_{human}", "other": other, "other_id": f"ID_{other}", **empty, **more}
