"""Small reference data as `masldatlas references fetch` leaves them: the columns and the names, few rows."""

from typing import Any

from core.ingest.references.install import install

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
    return install(data, rows, about)


def _pair(human, other, **more):
    empty = {"type": "", "evidence": "", "confidence": None, "n_sources": None}
    return {"human": human, "human_id": f"ENSG_{human}", "other": other, "other_id": f"ID_{other}", **empty, **more}
