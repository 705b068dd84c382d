"""Readers of orthologs: ZFIN, Ensembl BioMart and HCOP. A pair without a symbol on either side is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.ingest.references.readers import gene_info, lines_of, records, zebrafish_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.ingest.references.readers import Rows

# Evidence codes of ZFIN in words.
EVIDENCE = {
    "AA": "amino acid sequence", "CE": "coincident expression", "CL": "conserved genome location",
    "FC": "functional complementation", "FH": "formation of functional heteropolymers", "IX": "immunological reaction",
    "NS": "not specified", "NT": "nucleotide sequence", "OT": "other", "PT": "phylogenetic tree",
    "SI": "similar response to inhibitors", "SL": "similar subcellular location", "SS": "similar substrate",
    "SU": "similar subunit structure", "XH": "cross-hybridization",
}  # fmt: skip
_COLUMNS = 10


def zfin(contents: Sequence[bytes]) -> Rows:
    """Read ZFIN's human orthologs with their evidence codes: one row a pair, codes and publications counted together.

    Further files, if given, are tables of zebrafish ids and human gene_info, from which Ensembl ids are taken.
    """
    fish = {row["gene"]: row["id"] for row in zebrafish_ids(contents[1:2])} if len(contents) > 1 else {}
    human = {row["ncbi"]: row["id"] for row in gene_info(contents[2:])} if len(contents) > 2 else {}  # noqa: PLR2004
    codes: dict[tuple[str, str], dict[str, None]] = {}
    papers: dict[tuple[str, str], set[str]] = {}
    ids: dict[tuple[str, str], tuple[str, str]] = {}
    for line in lines_of(contents[0]):
        fields = line.split("\t")
        if not line.startswith("ZDB-") or len(fields) < _COLUMNS:
            continue
        gene, symbol, ncbi, code, paper = fields[1], fields[3], fields[6], fields[8], fields[9]
        if gene and symbol:
            pair = symbol, gene
            codes.setdefault(pair, {})[code] = None
            papers.setdefault(pair, set()).add(paper)
            ids[pair] = human.get(ncbi, ""), fish.get(gene, "") or fields[0]
    return [
        _pair(symbol, ids[symbol, gene][0], gene, ids[symbol, gene][1],
              evidence=_in_words(found, len(papers[symbol, gene])))
        for (symbol, gene), found in codes.items()
    ]  # fmt: skip


def ensembl(contents: Sequence[bytes]) -> Rows:
    """Read Ensembl BioMart's human-mouse homologs: type, and confidence (0 low, 1 high)."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in records(contents[0], ","):
        human, mouse = row["Gene name"], row["Mouse gene name"]
        if not human or not mouse:
            continue
        kind = row["Mouse homology type"].removeprefix("ortholog_").replace("2", "-to-")
        sure = int(row["Mouse orthology confidence [0 low, 1 high]"] or 0)
        known = rows.get((human, mouse))
        if known is None or sure > known["confidence"]:
            rows[human, mouse] = _pair(
                human, row["Gene stable ID"], mouse, row["Mouse gene stable ID"], kind=kind, confidence=sure
            )
    return list(rows.values())


def hcop(contents: Sequence[bytes]) -> Rows:
    """Read HCOP's human-mouse pairs with the number and names of the supporting sources, in either of its layouts."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    tabs = "\t" in next(lines_of(contents[0]), "")
    names = (
        ("human_symbol", "human_ensembl_gene", "mouse_symbol", "mouse_ensembl_gene", "support")
        if tabs
        else ("Gene name", "Gene stable ID", "Mouse gene name", "Mouse gene stable ID", "supporting_source")
    )
    for row in records(contents[0], "\t" if tabs else ","):
        human, human_id, mouse, mouse_id, support = (row[name].strip("-") for name in names)
        if not human or not mouse:
            continue
        sources = sorted({each.strip() for each in support.split(",") if each.strip()})
        known = rows.get((human, mouse))
        if known is None or len(sources) > known["n_sources"]:
            rows[human, mouse] = _pair(
                human, human_id, mouse, mouse_id, evidence=", ".join(sources), n_sources=len(sources)
            )
    return list(rows.values())


def _in_words(codes: dict[str, None], n_papers: int) -> str:
    named = ", ".join(f"{code} ({EVIDENCE[code]})" if code in EVIDENCE else code for code in sorted(codes))
    return f"{named}; {n_papers} publication{'s' if n_papers != 1 else ''}"


def _pair(  # noqa: PLR0913 - the columns of the table
    human: str,
    human_id: str,
    other: str,
    other_id: str,
    *,
    kind: str = "",
    evidence: str = "",
    confidence: int | None = None,
    n_sources: int | None = None,
) -> dict[str, Any]:
    return {
        "human": human, "human_id": human_id, "other": other, "other_id": other_id, "type": kind, "evidence": evidence,
        "confidence": confidence, "n_sources": n_sources,
    }  # fmt: skip
