"""Writing reference data below the data directory, and the manifest that describes them."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from core.errors import Conflict
from core.genes.reference_store import MANIFEST, SCHEMAS, Reference, directory, references
from core.ingest.durable_files import trouble_in_words

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from core.genes.reference_store import Kind
    from core.ingest.references.readers import Rows

LOCK_SECONDS = 30.0
_LIST = TypeAdapter(list[Reference])


def install(data: Path, rows: Rows, about: Mapping[str, Any]) -> Reference:
    """Write one table and enter it into the manifest; one of the same name is replaced.

    Parameters
    ----------
    data
        The data directory.
    rows
        In the columns of the kind.
    about
        The fields of `Reference` but for those that are known here: file, checksum, numbers and time.
    """
    kind: Kind = about["kind"]
    table = pa.Table.from_pylist(rows, SCHEMAS[kind])
    folder = directory(data)
    with trouble_in_words(data), _alone(folder):
        scratch = folder / f".{about['name']}.{os.getpid()}.tmp"
        try:
            pq.write_table(table, scratch, compression="zstd")
            sha256 = hashlib.sha256(scratch.read_bytes()).hexdigest()
            file = f"{about['name']}.{sha256[:12]}.parquet"
            scratch.replace(folder / file)
        finally:
            scratch.unlink(missing_ok=True)
        reference = Reference(
            **about, file=file, n=table.num_rows, counts=_counts(kind, rows), sha256=sha256,
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        before = references(data)
        _write_manifest(folder, {**before, reference.name: reference})
        # A reader that has the previous manifest still finds its files; those of older ones go.
        kept = {each.file for each in (*before.values(), reference)}
        for path in folder.glob("*.parquet"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
    return reference


def remove(data: Path, name: str) -> bool:
    """Take a reference out of the manifest, and delete its file; False where there is none of that name."""
    folder = directory(data)
    before = references(data)
    if name not in before:
        return False
    with trouble_in_words(data), _alone(folder):
        _write_manifest(folder, {key: each for key, each in references(data).items() if key != name})
        (folder / before[name].file).unlink(missing_ok=True)
    return True


def _write_manifest(folder: Path, all_: Mapping[str, Reference]) -> None:
    scratch = folder / f".{MANIFEST}.{os.getpid()}.tmp"
    scratch.write_bytes(_LIST.dump_json(list(all_.values()), indent=2))
    scratch.replace(folder / MANIFEST)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise Conflict("Another process is writing the reference data.", "Try again in a minute.") from error


def _counts(kind: Kind, rows: Rows) -> dict[str, int]:
    def n(column: str) -> int:
        return len({row[column] for row in rows})

    if kind == "gene_sets":
        return {"sets": len(rows), "genes": len({gene for row in rows for gene in row["genes"]})}
    if kind == "network":
        # Transcription factors are genes, and are translated with them; pathways are not.
        targets, sources = {row["target"] for row in rows}, {row["source"] for row in rows}
        shared = len(sources & targets)
        name = "factors" if 2 * shared > len(sources) else "pathways"
        return {"edges": len(rows), name: len(sources), "targets": len(targets)}
    if kind == "names":
        return {"genes": n("gene"), "aliases": sum(len(row["aliases"]) for row in rows)}
    return {"pairs": len(rows), "human": n("human"), "other": n("other")}
