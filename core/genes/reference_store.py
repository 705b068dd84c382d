"""Reference data on disk: tables below ``references/`` in the data directory, and the manifest that describes them.

``masldatlas references fetch`` and ``add`` write them (`core.ingest.references`); everything else only reads. The
manifest is replaced as a whole, and each table has its checksum in its name, so that a reader never sees half of an
update.

Columns of the tables, by kind:

- ``gene_sets``: ``set``, ``description``, ``genes`` (list of symbols)
- ``network``: ``source``, ``target``, ``weight`` (float64), and ``p`` (float64, NaN where the source gives none)
- ``names``: ``gene``, ``id`` (Ensembl), ``ncbi``, ``aliases`` (list), ``type``
- ``orthologs``: ``human``, ``human_id``, ``other``, ``other_id``, ``type``, ``evidence``, ``confidence``, ``n_sources``
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
from cachetools import LRUCache
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from core.errors import BrokenStore
from core.genes.ortholog_table import Species

if TYPE_CHECKING:
    from pathlib import Path

DIRECTORY: Final = "references"
MANIFEST: Final = "manifest.json"
REMEDY: Final = "Run: masldatlas references fetch."
Kind: TypeAlias = Literal["gene_sets", "network", "names", "orthologs"]
Stamp: TypeAlias = tuple[int, int]

_TEXT, _LIST = pa.string(), pa.list_(pa.string())
SCHEMAS: Final[dict[Kind, pa.Schema]] = {
    "gene_sets": pa.schema({"set": _TEXT, "description": _TEXT, "genes": _LIST}),
    "network": pa.schema({"source": _TEXT, "target": _TEXT, "weight": pa.float64(), "p": pa.float64()}),
    "names": pa.schema({"gene": _TEXT, "id": _TEXT, "ncbi": _TEXT, "aliases": _LIST, "type": _TEXT}),
    "orthologs": pa.schema(
        {
            "human": _TEXT, "human_id": _TEXT, "other": _TEXT, "other_id": _TEXT, "type": _TEXT, "evidence": _TEXT,
            "confidence": pa.int32(), "n_sources": pa.int32(),
        }
    ),
}  # fmt: skip


class Reference(BaseModel):
    """One table of reference data with its provenance.

    Attributes
    ----------
    name : ``hallmark``, ``go_bp_zebrafish``, ...; unique
    title : for people
    kind : decides the columns of the table
    family : what it is whatever the species: ``go_bp`` of ``go_bp_zebrafish``
    species : whose genes it names; two for orthologs
    file : name of the parquet file beside the manifest
    n : rows of the table
    counts : further numbers, for people: sets, genes, pairs
    source : archive or address that it was read from
    version : of the data, as the source names it
    date : of the data (ISO 8601, perhaps only the year); empty where the source does not say
    licence : of the data
    source_sha256 : of the archive or file that was read
    sha256 : of the parquet file
    fetched : UTC time of `fetch` or `add` (ISO 8601)
    note : what a user of it must know; empty for nothing
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    title: str
    kind: Kind
    family: str
    species: tuple[Species, ...]
    file: str
    n: int
    counts: dict[str, int] = {}
    source: str
    version: str
    date: str
    licence: str
    source_sha256: str
    sha256: str
    fetched: str
    note: str = ""

    def provenance(self) -> dict[str, object]:
        """Describe the reference for an export or the API."""
        return self.model_dump(mode="json", exclude={"file", "kind", "family"})


_ALL: Final = TypeAdapter(list[Reference])


def directory(data: Path) -> Path:
    """Return the directory of the references, which need not exist."""
    return data / DIRECTORY


def stamp(data: Path) -> Stamp:
    """Return what changes with every update of the references; zeros where there are none."""
    try:
        stat = (directory(data) / MANIFEST).stat()
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size)


def references(data: Path) -> dict[str, Reference]:
    """Return the references on disk by name, in the order of the manifest; empty where there are none.

    Raises
    ------
    BrokenStore
        The manifest cannot be read.
    """
    now = stamp(data)
    if now == (0, 0):
        return {}
    path = directory(data) / MANIFEST
    with _lock:
        known = _manifests.get(path)
    if known is not None and known[0] == now:
        return known[1]
    try:
        found = {each.name: each for each in _ALL.validate_json(path.read_bytes())}
    except (OSError, ValidationError) as error:
        raise BrokenStore(
            f"The list of reference data {path} cannot be read.", "Delete it and run: masldatlas references fetch."
        ) from error
    with _lock:
        _manifests[path] = (now, found)
    return found


def table(data: Path, reference: Reference) -> pa.Table:
    """Read the table of a reference.

    Raises
    ------
    BrokenStore
        It is missing or damaged.
    """
    path = directory(data) / reference.file
    try:
        found = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise BrokenStore(
            f"The reference data {reference.name} in {path} cannot be read.",
            f"Run: masldatlas references fetch {reference.name}.",
        ) from error
    return found.select(SCHEMAS[reference.kind].names)


_lock = Lock()
_manifests: LRUCache[Path, tuple[Stamp, dict[str, Reference]]] = LRUCache(16)
