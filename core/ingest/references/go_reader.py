"""GO biological processes from annotations: of an archive with direct annotations, or of a GAF with the ontology."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from core.ingest.references.readers import lines_of, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.ingest.references.readers import Rows

PROCESS = "biological_process"
_PARENTS = ("is_a: ", "relationship: part_of ")
_GAF_COLUMNS = 9


def zebrafish_annotations(contents: Sequence[bytes]) -> Rows:
    """Read direct zebrafish annotations (gene, term, ontology), the names of the terms, and the symbols of the genes.

    A gene is in the sets of the terms it is annotated with, not in those of their ancestors.
    """
    annotated, terms, genes = contents
    names = {row["GO ID"]: row["GO Name"] for row in records(terms)}
    symbols = {row["ZFIN ID"]: row["Symbol"] for row in records(genes)}
    sets: dict[str, dict[str, None]] = defaultdict(dict)
    for row in records(annotated):
        if row["Ontology"] == "P" and row["ZFIN ID"] in symbols:
            sets[row["GO ID"]][symbols[row["ZFIN ID"]]] = None
    return _rows(sets, names)


def gaf(contents: Sequence[bytes]) -> Rows:
    """Read a GAF and the ontology: a gene is in the set of each of its terms and of all their ancestors.

    Ancestors are those by ``is_a`` and ``part_of`` within the biological processes. Annotations that are negated (NOT)
    or say that no data exist (ND) are left out.
    """
    names, parents = _ontology(contents[1])

    @cache
    def ancestors(term: str) -> frozenset[str]:
        return frozenset({term}).union(*(ancestors(parent) for parent in parents.get(term, ())))

    sets: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines_of(contents[0]):
        fields = line.split("\t")
        if line.startswith("!") or len(fields) < _GAF_COLUMNS:
            continue
        gene, qualifier, term, code, aspect = fields[2], fields[3], fields[4], fields[6], fields[8]
        if aspect == "P" and "NOT" not in qualifier.split("|") and code != "ND" and term in names:
            for each in ancestors(term):
                sets[each][gene] = None
    return _rows(sets, names)


def _ontology(content: bytes) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the names of the current biological processes and their parents among these."""
    names: dict[str, str] = {}
    parents: dict[str, list[str]] = {}
    for stanza in content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n\n"):
        lines = stanza.strip().split("\n")
        if lines[0] != "[Term]" or f"namespace: {PROCESS}" not in lines or "is_obsolete: true" in lines:
            continue
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        names[fields["id"]] = fields["name"]
        parents[fields["id"]] = [
            line.removeprefix(start).split(" ")[0] for line in lines for start in _PARENTS if line.startswith(start)
        ]
    return names, {term: [each for each in known if each in names] for term, known in parents.items()}


def _rows(sets: Mapping[str, Mapping[str, None]], names: Mapping[str, str]) -> Rows:
    return [
        {"set": f"{names.get(term, term)} ({term})", "description": "", "genes": list(genes)}
        for term, genes in sorted(sets.items())
    ]
