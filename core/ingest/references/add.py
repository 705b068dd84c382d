"""Files of the operator as reference data: gene sets (.gmt) and networks (.csv, .tsv)."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.errors import InvalidFile, InvalidInput
from core.genes.ortholog_table import SPECIES
from core.genes.species import spelled_like
from core.ingest.references import readers
from core.ingest.references.archives import plain
from core.ingest.references.catalogue import BY_NAME
from core.ingest.references.install import install

if TYPE_CHECKING:
    from pathlib import Path

    from core.genes.ortholog_table import Species
    from core.genes.reference_store import Reference
    from core.ingest.references.readers import Rows

_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
_ENDINGS = {".gz", ".zip", ".gmt", ".csv", ".tsv", ".txt"}


def add(data: Path, path: Path, name: str = "", species: str = "", licence: str = "", version: str = "") -> Reference:
    """Install a file as reference data.

    Parameters
    ----------
    data
        The data directory.
    path
        A .gmt file of gene sets, or a table of edges with the columns ``source`` and ``target``, perhaps ``weight``
        and ``p_value``; compressed or not.
    name
        How it will be called; the name of the file unless given. An installed reference of that name is replaced.
    species
        Whose genes it names; told from their spelling unless given.
    licence, version
        As its provider states them.

    Raises
    ------
    InvalidFile
        It cannot be read, or holds neither gene sets nor edges.
    InvalidInput
        The name is not usable, or the species is not known.
    """
    if not path.is_file():
        raise InvalidFile(f"There is no file {path}.")
    content = plain(path)
    name = name or _stem(path)
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"The name {name[:80]!r} cannot be used.", "Give --name with a-z, 0-9 and _, such as kegg.")
    kind, rows = _read(path, content)
    known = BY_NAME.get(name)
    if known is not None and known.kind != kind:
        raise InvalidInput(f"{name!r} is the name of another kind of reference.", "Give another one with --name.")
    return install(
        data,
        rows,
        {
            "name": name, "title": known.title if known else name, "kind": kind,
            "family": known.family or name if known else name, "species": (_species(species, rows),),
            "source": path.name, "version": version or "not stated",
            "date": datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat(),
            "licence": licence or "not stated", "source_sha256": hashlib.sha256(content).hexdigest(),
            "note": "Added by the operator; the date is that of the file.",
        },
    )  # fmt: skip


def _stem(path: Path) -> str:
    stem = path
    while stem.suffix.lower() in _ENDINGS:
        stem = stem.with_suffix("")
    return re.sub(r"[^a-z0-9]+", "_", stem.name.lower()).strip("_")


def _read(path: Path, content: bytes) -> tuple[str, Rows]:
    header = next(readers.lines_of(content), "")
    columns = {field.strip().strip('"') for field in re.split(r"[\t,]", header)}
    if {"source", "target"} <= columns:
        kind, rows = "network", readers.network([content])
    elif ".gmt" in path.suffixes:
        kind, rows = "gene_sets", readers.gmt()([content])
    elif len(columns & set(SPECIES)) > 1:
        raise InvalidFile(
            f"{path.name} is a table of orthologs, which is no reference.", "Set MASLDATLAS_ORTHOLOGS to its path."
        )
    else:
        raise InvalidFile(
            f"{path.name} is neither a .gmt file nor a table with the columns source and target.",
            "Convert it to one of these.",
        )
    if not rows:
        raise InvalidFile(f"{path.name} holds no gene set: name, description and genes, separated by tabs.")
    names = [row["set"] for row in rows] if kind == "gene_sets" else []
    repeated = next((each for each in names if names.count(each) > 1), None) if len(set(names)) < len(names) else None
    if repeated is not None:
        raise InvalidFile(f"{path.name} has several sets named {repeated!r}.", "Rename them.")
    return kind, rows


def _species(species: str, rows: Rows) -> Species:
    if species in SPECIES:
        return species
    genes: list[Any] = [gene for row in rows for gene in (row["genes"] if "genes" in row else [row["target"]])]
    told = spelled_like(genes)
    if species or told not in SPECIES:
        what = (
            f"{species!r} is not a species with reference data."
            if species
            else "Nothing in the file tells the species."
        )
        raise InvalidInput(what, f"Give --species with one of {', '.join(SPECIES)}.")
    return told
