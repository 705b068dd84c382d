"""Readers of gene sets, networks and names: bytes of public files in, tables of `core.genes.reference_store` out.

Each reader takes the contents of its files in the order of the recipe, and returns rows in the columns of its kind.
"""

from __future__ import annotations

import csv
import math
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from core.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Rows: TypeAlias = "list[dict[str, Any]]"
Reader: TypeAlias = "Callable[[Sequence[bytes]], Rows]"

_WEIGHT: Final = re.compile(r"\s*,\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*$")
_ENSEMBL: Final = re.compile(r"Ensembl:(ENS\w+)")


def lines_of(content: bytes) -> Iterator[str]:
    """Yield the lines of a text without their ends; bytes that are not UTF-8 are replaced."""
    return iter(content.decode("utf-8-sig", "replace").splitlines())


def records(content: bytes, delimiter: str = "\t") -> list[dict[str, str]]:
    """Read a table with a header; quotes matter in CSV alone, and a field that is missing is empty."""
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    found = csv.DictReader(lines_of(content), delimiter=delimiter, quoting=quoting, restval="")
    return [{key: value or "" for key, value in row.items() if key} for row in found]


def gmt(prefix: str = "", *, strip: bool = False) -> Reader:
    """Make a reader of a .gmt file that keeps the sets whose names begin with `prefix`, without it if `strip`."""

    def read(contents: Sequence[bytes]) -> Rows:
        rows = [row for row in _sets(contents[0]) if row["set"].startswith(prefix)]
        return [{**row, "set": row["set"].removeprefix(prefix)} for row in rows] if strip else rows

    return read


def reactome(contents: Sequence[bytes]) -> Rows:
    """Read Reactome's own .gmt, whose second column is the stable id, of human pathways alone."""
    return [row for row in _sets(contents[0]) if row["description"].startswith("R-HSA-")]


def wikipathways(contents: Sequence[bytes]) -> Rows:
    """Read a .gmt of WikiPathways, whose genes are NCBI ids, with the gene_info of the species."""
    symbols = {row["ncbi"]: row["gene"] for row in gene_info(contents[1:])}
    rows: Rows = []
    for row in _sets(contents[0]):
        name, _, pathway, *_ = (*row["set"].split("%"), "", "")
        genes = list(dict.fromkeys(symbols[gene] for gene in row["genes"] if gene in symbols))
        if genes:
            rows.append({"set": f"{name} ({pathway})" if pathway else name, "description": "", "genes": genes})
    return rows


def network(contents: Sequence[bytes]) -> Rows:
    """Read a CSV or TSV of edges: ``source``, ``target`` and, if there, ``weight`` (1 if not) and a p-value."""
    header = next(lines_of(contents[0]), "")
    given = records(contents[0], "\t" if "\t" in header else ",")
    rows: Rows = []
    for number, row in enumerate(given, 2):
        source, target = (row.get(name, "").strip() for name in ("source", "target"))
        if not source or not target:
            raise InvalidFile(f"Line {number:,} of the network has no source or no target.")
        weight = next((row[name] for name in ("weight", "mor") if row.get(name)), "1")
        p = next((row[name] for name in ("p_value", "padj", "pval", "p") if row.get(name)), "nan")
        rows.append({"source": source, "target": target, "weight": _number(weight, number), "p": _number(p, number)})
    return rows


def omnipath_progeny(contents: Sequence[bytes]) -> Rows:
    """Read PROGENy as OmniPath's table of annotations: a record has a line for each of pathway, weight and p-value."""
    records_: dict[tuple[str, str], dict[str, str]] = {}
    for row in records(contents[0]):
        if row.get("source", "PROGENy") == "PROGENy":
            records_.setdefault((row["genesymbol"], row["record_id"]), {})[row["label"]] = row["value"]
    return [
        {"source": given["pathway"], "target": gene, "weight": float(given["weight"]), "p": float(given["p_value"])}
        for (gene, _), given in records_.items()
        if {"pathway", "weight", "p_value"} <= given.keys()
    ]


def gene_info(contents: Sequence[bytes]) -> Rows:
    """Read NCBI's gene_info: symbols, Ensembl ids, and synonyms, former symbols among them.

    Regions without a gene (``biological-region``) are left out: two thirds of the human file.
    """
    rows: Rows = []
    for row in records(contents[0]):
        if row.get("type_of_gene") == "biological-region" or row.get("Symbol", "NEWENTRY") == "NEWENTRY":
            continue
        ids = _ENSEMBL.findall(row["dbXrefs"])
        aliases = [] if row["Synonyms"] == "-" else row["Synonyms"].split("|")
        rows.append({
            "gene": row["Symbol"], "id": ids[0] if ids else "", "ncbi": row["GeneID"],
            "aliases": list(dict.fromkeys([*aliases, *ids[1:]])), "type": row["type_of_gene"],
        })  # fmt: skip
    return rows


def zebrafish_ids(contents: Sequence[bytes]) -> Rows:
    """Read a table of ZFIN's ids and symbols beside those of Ensembl and NCBI; it holds no synonyms."""
    rows: dict[str, dict[str, Any]] = {}
    for row in records(contents[0]):
        gene = rows.setdefault(
            row["Symbol"],
            {"gene": row["Symbol"], "id": "", "ncbi": row["NCBI Gene ID"], "aliases": [row["ZFIN ID"]], "type": ""},
        )
        if row["Ensembl ID"] and row["Ensembl ID"] != gene["id"]:
            if gene["id"]:
                gene["aliases"].append(row["Ensembl ID"])
            else:
                gene["id"] = row["Ensembl ID"]
    return list(rows.values())


def _sets(content: bytes) -> Iterable[dict[str, Any]]:
    for line in lines_of(content):
        name, *fields = (field.strip() for field in line.split("\t"))
        genes = list(dict.fromkeys(filter(None, (_WEIGHT.sub("", field).strip() for field in fields[1:]))))
        if name and genes:
            yield {"set": name, "description": fields[0], "genes": genes}


def _number(text: str, line: int) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise InvalidFile(f"Line {line:,} of the network: {text[:40]!r} is not a number.") from error
    if math.isinf(number):
        raise InvalidFile(f"Line {line:,} of the network: {text!r} is not a finite number.")
    return number
