"""AnnData in a .zarr folder, of version 2 or 3 of that format, copied piece by piece.

Some codecs of zarr run programs that the file names (pickles); what an array is packed with is looked at before it is
read, in the file of each array, never in a consolidated copy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import h5py
import numpy as np
import orjson

from core.atlas.integrity import files_within, stamp
from core.errors import InvalidFile
from core.ingest.durable_files import FULL
from core.ingest.matrix import CHUNK_ENTRIES, TRUNCATED, UNREADABLE, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import zarr

SAFE_CODECS: Final = frozenset({
    "bytes", "endian", "transpose", "crc32c", "crc32", "adler32", "sharding_indexed", "blosc", "zstd", "gzip", "zlib",
    "lz4", "bz2", "lzma", "shuffle", "delta", "fixedscaleoffset", "bitround", "vlen-utf8", "vlen-bytes", "packbits",
})  # fmt: skip
METADATA: Final = (".zarray", "zarr.json")
MAX_METADATA: Final = 16 << 20
# Of one chunk, unpacked, which is read as a whole.
MAX_CHUNK: Final = 512 << 20
# As for HDF5: what an array may unfold to, by the size of the folder, and how many rows any table may have.
ALWAYS, MAX_FACTOR, ROWS = 256_000_000, 300, 200_000
TABLES: Final = ("obs", "var", "raw/var")
MATRICES: Final = ("X", "raw/X")
FOLDERS: Final = ("layers", "obsm")
# Keys of uns that say something about the data; anything else there stays behind.
MAX_UNS: Final = 1 << 20


def from_zarr(path: Path, target: Path, notes: list[str], report: Callable[[float], None]) -> None:
    """Write a .zarr folder as .h5ad.

    Parameters
    ----------
    notes
        Takes sentences on what could not be copied.

    Raises
    ------
    InvalidFile
        It is damaged, is not AnnData, holds symbolic links, or is packed with a codec that is not read.
    """
    import zarr

    size, _ = stamp(path)
    for file in files_within(path):
        if file.name in METADATA:
            _check_metadata(file, path, size)
    try:
        group = zarr.open_group(path, mode="r", use_consolidated=False)
        parts = [part for part in (*TABLES, *MATRICES, *_inside(group)) if part in group]
        if not {"obs", "var"} <= set(parts):
            raise InvalidFile(f"{path.name} is a zarr folder but not AnnData: it has no obs or no var.", TRUNCATED)
        with h5py.File(target, "x") as out:
            out.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
            for at, part in enumerate(parts):
                _copy(group[part], out, part, notes)
                report((at + 1) / len(parts))
            _copy_uns(group, out)
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        raise InvalidFile(f"{path.name} cannot be read ({first_line(error)}).", TRUNCATED) from error


def _inside(group: zarr.Group) -> list[str]:
    return [f"{folder}/{key}" for folder in FOLDERS for key in _keys(group, folder)]


def _keys(group: zarr.Group, folder: str) -> list[str]:
    """List the entries of a group within a group; none where there is no such group."""
    import zarr

    found = group.get(folder)
    return sorted(found.keys()) if isinstance(found, zarr.Group) else []


def _copy(node: Any, out: h5py.File, part: str, notes: list[str]) -> None:  # noqa: ANN401 - a zarr array or group
    import anndata
    import zarr

    encoding = str(node.attrs.get("encoding-type", ""))
    if isinstance(node, zarr.Array):
        _copy_array(node, out, part)
        out[part].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    elif encoding in ("csr_matrix", "csc_matrix"):
        made = out.require_group(part)
        for name in ("data", "indices", "indptr"):
            _copy_array(node[name], made, name)
        made.attrs.update({"encoding-type": encoding, "encoding-version": "0.1.0", "shape": node.attrs["shape"]})
    elif encoding == "dataframe" or part in TABLES:
        # A table whose encoding nobody knows is told of by anndata.
        anndata.io.write_elem(out, part, anndata.io.read_elem(node))
    else:
        notes.append(f"{part} is of a kind that is not read ({encoding or 'unnamed'}); it was left out.")


def _copy_array(array: zarr.Array, out: h5py.Group, name: str) -> None:
    chunk = math.prod(array.chunks) * array.dtype.itemsize
    if chunk > MAX_CHUNK:
        raise InvalidFile(f"{name} has chunks of {chunk / 1e9:,.1f} GB.", "Write it with smaller ones.")
    if array.dtype.kind not in "biuf":
        raise InvalidFile(f"{name} holds {array.dtype} values, not numbers.", TRUNCATED)
    rows = array.shape[0] if array.shape else 0
    made = out.create_dataset(name, shape=array.shape, dtype=array.dtype, chunks=None)
    step = max(1, CHUNK_ENTRIES // max(1, math.prod(array.shape[1:])))
    # Whole chunks are unpacked once each.
    step = max(array.chunks[0], step // array.chunks[0] * array.chunks[0]) if array.shape else 1
    for start in range(0, rows, step):
        made[start : start + step] = np.asarray(array[start : start + step])


def _copy_uns(group: zarr.Group, out: h5py.File) -> None:
    """Copy the small entries of ``uns`` that anndata can read: titles, colours, the base of a logarithm."""
    import anndata

    made = out.create_group("uns")
    made.attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
    for key in _keys(group, "uns"):
        node: Any = group[f"uns/{key}"]
        if sum(array.nbytes for array in _arrays(node)) > MAX_UNS:
            continue
        try:
            anndata.io.write_elem(made, key, anndata.io.read_elem(node))
        except Exception:  # noqa: BLE001 - anndata raises whatever it stumbles over
            # It describes the data and is not part of it.
            made.pop(key, None)


def _arrays(node: Any) -> Iterator[zarr.Array]:  # noqa: ANN401 - a zarr array or group
    import zarr

    if isinstance(node, zarr.Array):
        yield node
    elif isinstance(node, zarr.Group):
        for _, part in node.members():
            yield from _arrays(part)


def _check_metadata(file: Path, folder: Path, size: int) -> None:
    """Refuse an array that is packed by what is not read, or that unfolds beyond all proportion to the folder."""
    name = folder.name
    if file.stat().st_size > MAX_METADATA:
        raise InvalidFile(f"{name} describes an array in {file.stat().st_size / 1e6:,.0f} MB.", TRUNCATED)
    try:
        found = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidFile(f"{name}: {file.parent.name}/{file.name} is not JSON.", TRUNCATED) from error
    described: dict[str, Any] = found if isinstance(found, dict) else {}
    shape = described.get("shape") or []
    n = math.prod(shape) if isinstance(shape, list) and all(isinstance(length, int) for length in shape) else -1
    place = file.parent.relative_to(folder).as_posix()
    # Numbers take 4 bytes or more; a text takes some bytes of the folder.
    most = max(ROWS, size) if place.startswith(TABLES) else (ALWAYS + MAX_FACTOR * size) // 4
    if not 0 <= n <= most:
        raise InvalidFile(f"{name}: {place} has {n:,} values, but the folder has {size / 1e6:,.1f} MB.", TRUNCATED)
    for codec in _codecs(found):
        bare = codec.removeprefix("numcodecs.")
        if bare not in SAFE_CODECS:
            raise InvalidFile(
                f"{name} is packed with {codec[:60]!r}, which is not read.", "Write it with zstd or blosc."
            )


def _codecs(found: Any) -> Iterator[str]:  # noqa: ANN401 - what a file holds
    """Yield the names of all codecs that the description of an array names, of version 2 and 3, nested ones too."""
    if not isinstance(found, dict):
        return
    for key in ("compressor", "filters", "codecs", "index_codecs"):
        listed = found.get(key) or []
        for codec in listed if isinstance(listed, list) else [listed]:
            if isinstance(codec, dict):
                yield str(codec.get("id") or codec.get("name"))
                yield from _codecs(codec.get("configuration"))
            else:
                yield str(codec)
