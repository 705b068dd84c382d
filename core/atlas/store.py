"""Read-only, memory-mapped access to one atlas.

A store is an immutable directory (see ``core/atlas/manifest.py`` for what ``manifest.json`` holds)::

    manifest.json
    obs.parquet               one row a cell; the column ``__cell__`` holds the cell names
    var.parquet               one row a gene; ``__gene__`` (display name), ``__id__`` (the file's index)
    embeddings/<key>.npy      float32 (n_cells, d)
    layers/<layer>/data.npy   float32 or float64 (n_nonzero,), per gene in ascending order of value
    layers/<layer>/indices.npy   int32 (n_nonzero,), the cell of each value; ascending among equal values
    layers/<layer>/indptr.npy    int64 (n_genes + 1,)
    layers/<layer>/cell_sums.npy float64 (n_cells,), sum over all genes of the matrix the layer was read from
    layers/<layer>/stats.parquet n_nonzero, mean, variance, tie_term of each gene

Only nonzero values are stored; the zeros of a gene are one tied block between its negatives and its positives.
"""

from __future__ import annotations

import mmap
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import ValidationError

from core.arrays import F64, I32, I64, Floats
from core.atlas.gene_index import GeneIndex
from core.atlas.manifest import SCHEMA_VERSION, EmbeddingInfo, LayerInfo, Manifest, Role
from core.errors import BrokenStore, InvalidQuery, UnknownColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager

    from core.atlas.gene_index import OtherName
    from core.atlas.manifest import Species

F32: TypeAlias = NDArray[np.float32]

CELL = "__cell__"
GENE = "__gene__"
GENE_ID = "__id__"
MANIFEST = "manifest.json"
EXPRESSION = "expression"
COUNTS = "counts"
MISSING = -1
PAGE = 4096


@dataclass(frozen=True)
class GeneStats:
    """Statistics of each gene over all cells, zeros included: arrays of length n_genes.

    Attributes
    ----------
    n_nonzero : int64
    mean, variance : float64, in the layer's unit (squared); the variance has n - 1 in its denominator, NaN for one cell
    tie_term : float64, sum of t**3 - t over the groups of t tied values [1]_

    References
    ----------
    .. [1] Kendall, *Rank Correlation Methods*, 1948, section 3.
    """

    n_nonzero: I64
    mean: F64
    variance: F64
    tie_term: F64


class Layer:
    """One value-sorted CSC matrix (n_cells, n_genes), mapped from disk.

    `guard` is entered wherever files are read.
    """

    def __init__(
        self,
        path: Path,
        info: LayerInfo,
        n_cells: int,
        guard: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.path = path
        self.info = info
        self.name = info.name
        self.n_cells = n_cells
        self._guard = guard
        with guard():
            self.data: Floats = _map(path / "data.npy")
            self.indices: I32 = _map(path / "indices.npy")
            self.indptr: I64 = _map(path / "indptr.npy")
            if not len(self.data) == len(self.indices) == self.indptr[-1] == info.n_nonzero:
                raise ValueError(f"the files of the layer {info.name} do not fit each other")
        self.n_genes = len(self.indptr) - 1

    def is_whole(self) -> bool:
        """Tell whether the mapped files have not been truncated; touching what is missing would end the process."""
        return all(map(_is_whole, (self.data, self.indices, self.indptr)))

    def nonzeros(self, gene: int) -> tuple[I32, Floats]:
        """Cells and values of one gene's nonzeros in ascending order of value: two views, nothing is copied."""
        span = slice(int(self.indptr[gene]), int(self.indptr[gene + 1]))
        return self.indices[span], self.data[span]

    def dense(self, gene: int) -> Floats:
        """All values of one gene, (n_cells,), zeros included, in cell order and in the layer's dtype."""
        cells, values = self.nonzeros(gene)
        dense = np.zeros(self.n_cells, dtype=self.data.dtype)
        dense[cells] = values
        return dense

    @cached_property
    def cell_sums(self) -> F64:
        """Sum of each cell over every gene of the source matrix, (n_cells,)."""
        with self._guard():
            return np.load(self.path / "cell_sums.npy")

    @cached_property
    def stats(self) -> GeneStats:
        """Per-gene statistics over all cells."""
        with self._guard():
            table = _read_table(self.path / "stats.parquet")
        return GeneStats(
            n_nonzero=_numbers(table["n_nonzero"].combine_chunks()),
            mean=_numbers(table["mean"].combine_chunks()),
            variance=_numbers(table["variance"].combine_chunks()),
            tie_term=_numbers(table["tie_term"].combine_chunks()),
        )


@dataclass(frozen=True)
class Categorical:
    """A categorical obs column: `codes` int32 (n_cells,), -1 where nothing is given; `categories` in display order."""

    name: str
    codes: I32
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Numeric:
    """A numeric obs column: float64 (n_cells,), NaN where nothing is given."""

    name: str
    values: F64


class Guard:
    """Guard of every reading of a store, so that two stores that follow each other at one path are never mixed.

    The guard is an object of its own: a layer that refers to its atlas would form a cycle, and the files would stay
    mapped until the next garbage collection.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self._manifest = manifest
        self._stamp: tuple[int, int] | None = None

    @contextmanager
    def reading(self) -> Generator[None]:
        """Raise BrokenStore when a file cannot be read, or the store was replaced."""
        try:
            yield
        except (OSError, ValueError, EOFError, LookupError, pa.ArrowException) as error:
            self._check_same()
            raise _broken(self._path, error) from error
        self._check_same()

    def check_sizes(self, prefix: str) -> None:
        """Raise ValueError if a file below `prefix` is not of its size: touching what is missing ends the process."""
        for name, info in self._manifest.files.items():
            if name.startswith(prefix) and (size := (self._path / name).stat().st_size) != info.bytes:
                raise ValueError(f"{name} has {size:,} bytes instead of {info.bytes:,}")

    def _check_same(self) -> None:
        try:
            stamp = stamp_of(self._path)
        except OSError as error:
            raise _broken(self._path, error) from error
        if stamp != self._stamp:
            if read_manifest(self._path).content_hash != self._manifest.content_hash:
                raise replaced(self._manifest.id)
            self._stamp = stamp


class Atlas:
    """One opened store. Cheap to open: matrices are mapped, tables are read column by column when asked for.

    Raises
    ------
    BrokenStore
        A file is missing or damaged, the store has another schema, or another one has taken its place since it was
        opened: then what is mapped already can still be read, and `Catalog.get` gives the new one.
    """

    def __init__(
        self,
        path: Path,
        manifest: Manifest | None = None,
        other_name: Callable[[Species, GeneIndex, str], OtherName | None] | None = None,
    ) -> None:
        self.path = path
        self.manifest = manifest or read_manifest(path)
        # Holds the species and not the atlas, which must not be kept open by its own index.
        self._other = partial(other_name, self.manifest.species) if other_name is not None else None
        self._guard = Guard(path, self.manifest)
        self._layers: dict[str, Layer] = {}
        self._columns: dict[str, Categorical | Numeric] = {}
        self._lock = Lock()

    @property
    def id(self) -> str:
        """``<species>/<name>``."""
        return self.manifest.id

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.manifest.n_cells

    def layer(self, name: str = EXPRESSION) -> Layer:
        """Open a layer, once, unless its files were truncated since."""
        with self._lock:
            if name in self._layers and not self._layers[name].is_whole():
                del self._layers[name]
            if name not in self._layers:
                info = self.manifest.layer(name)
                if info is None:
                    known = ", ".join(layer.name for layer in self.manifest.layers)
                    raise InvalidQuery(f"{self.id} has no layer {name!r}.", f"It has: {known}.")
                with self._guard.reading():
                    self._guard.check_sizes(f"layers/{name}/")
                self._layers[name] = Layer(self.path / "layers" / name, info, self.n_cells, self._guard.reading)
            return self._layers[name]

    @cached_property
    def genes(self) -> GeneIndex:
        """The names of the genes."""
        with self._guard.reading():
            self._guard.check_sizes("var.parquet")
            table = _read_table(self.path / "var.parquet")
            aliases = [name for name in table.column_names if name.startswith("__alias")]
            return GeneIndex(
                table[GENE].to_pylist(),
                table[GENE_ID].to_pylist(),
                [table[name].to_pylist() for name in aliases],
                atlas=self.manifest.name,
                other=self._other,
            )

    def cells(self) -> Sequence[str]:
        """Read the cell names, in cell order."""
        return self._read(CELL).to_pylist()

    def cell(self, index: int) -> str:
        """Read the name of one cell."""
        return str(self._read(CELL)[index].as_py())

    def index_of(self, cell: str) -> int | None:
        """Find the position of the cell of a name; None when there is none."""
        # Arrow's own search would import pandas.
        names = self.cells()
        return names.index(cell) if cell in names else None

    def row(self, index: int) -> dict[str, object]:
        """Every obs column of one cell, free text too, in their order; None where nothing is given."""
        with self._guard.reading():
            self._guard.check_sizes("obs.parquet")
            table = _read_table(self.path / "obs.parquet", [column.name for column in self.manifest.columns])
            return table.slice(index, 1).to_pylist()[0]

    def column(self, name: str) -> Categorical | Numeric:
        """One obs column, read once.

        Raises
        ------
        UnknownColumn
            There is none of that name, or it holds free text.
        """
        with self._lock:
            if name not in self._columns:
                self._columns[name] = self._read_column(name)
            return self._columns[name]

    def texts(self, name: str) -> list[str | None]:
        """Read a column of free text, in cell order; None where nothing is given."""
        return self._read(name).to_pylist()

    def categorical(self, name: str) -> Categorical:
        """One obs column that must be categorical."""
        column = self.column(name)
        if isinstance(column, Numeric):
            raise InvalidQuery(
                f"The column {name!r} of {self.id} holds numbers, not categories.", "Choose another one."
            )
        return column

    def role(self, role: Role) -> Categorical | None:
        """Return the column that plays a role, or None when the atlas has none."""
        name = self.manifest.roles.get(role)
        return None if name is None else self.categorical(name)

    def embedding_info(self, key: str) -> EmbeddingInfo:
        """Return the description of one embedding."""
        for info in self.manifest.embeddings:
            if info.key == key:
                return info
        known = ", ".join(info.key for info in self.manifest.embeddings) or "none"
        raise InvalidQuery(f"{self.id} has no embedding {key!r}.", f"It has: {known}.")

    def embedding(self, key: str) -> F32:
        """Coordinates (n_cells, d), float32, NaN where a cell has no place."""
        self.embedding_info(key)
        name = f"embeddings/{key}.npy"
        with self._guard.reading():
            self._guard.check_sizes(name)
            return _map(self.path / name)

    def _read_column(self, name: str) -> Categorical | Numeric:
        info = self.manifest.column(name)
        if info is None or info.kind == "text":
            usable = [column.name for column in self.manifest.columns if column.kind != "text"]
            why = "holds free text" if info else "does not exist"
            raise UnknownColumn(
                f"The column {name!r} of {self.id} {why}.", f"It has: {', '.join(usable)}.", suggestions=tuple(usable)
            )
        array = self._read(name).combine_chunks()
        if info.kind == "numeric":
            return Numeric(name, _numbers(array).astype(np.float64, copy=False))
        return Categorical(name, _codes(array.indices), tuple(array.dictionary.to_pylist()))

    def _read(self, column: str) -> pa.ChunkedArray:
        with self._guard.reading():
            self._guard.check_sizes("obs.parquet")
            return _read_table(self.path / "obs.parquet", [column])[column]


def stamp_of(path: Path) -> tuple[int, int]:
    """Return time and inode of the manifest of a store, which identify the store; raises OSError without a manifest."""
    stat = (path / MANIFEST).stat()
    return stat.st_mtime_ns, stat.st_ino


def replaced(atlas: str) -> BrokenStore:
    """Return the error for a store that was replaced while it was being read."""
    return BrokenStore(f"The atlas {atlas} was replaced while it was being read.", "Load the page again.")


def read_manifest(path: Path) -> Manifest:
    """Read and validate the manifest of the store at `path`."""
    try:
        raw = orjson.loads((path / MANIFEST).read_bytes())
        version = raw.get("schema_version")
        if version != SCHEMA_VERSION:
            raise BrokenStore(
                f"The atlas {path.parent.name}/{path.name} has schema {version}; this program reads {SCHEMA_VERSION}.",
                "Import its source file again with --replace.",
            )
        return Manifest.model_validate(raw)
    except (OSError, orjson.JSONDecodeError, ValidationError, AttributeError) as error:
        raise _broken(path, error) from error


def _read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    # pq.read_table would import pandas and the dataset engine: 60 MB that the web process can do without.
    with pq.ParquetFile(path, memory_map=True) as file:
        return file.read(columns)


def _numbers(array: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """Return a column without nulls as a NumPy array; Arrow's own conversion would import pandas."""
    plain = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return plain.to_numpy(zero_copy_only=True)


def _codes(indices: pa.Int32Array) -> I32:
    """Return dictionary indices with `MISSING` for null; Arrow's own fill_null would import pandas."""
    validity, values = indices.buffers()
    span = slice(indices.offset, indices.offset + len(indices))
    codes = np.frombuffer(values, dtype=np.int32)[span]
    if validity is None:
        return codes
    given = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[span]
    return np.where(given, codes, np.int32(MISSING))


def _map(path: Path) -> NDArray[Any]:
    # An empty array cannot be mapped, and a page or less is not worth it.
    array = np.load(path, mmap_mode="r" if path.stat().st_size > PAGE else None)
    array.flags.writeable = False
    return array


def _is_whole(array: NDArray[Any]) -> bool:
    mapped = cast("object", array.base)
    # The size is that of the very file that is mapped, whatever lies at its path now.
    return not isinstance(mapped, mmap.mmap) or mapped.size() >= len(mapped)


def _broken(path: Path, error: Exception) -> BrokenStore:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BrokenStore(
        f"The atlas {path.parent.name}/{path.name} cannot be read ({reason}).",
        "Run `masldatlas datasets check` and import its source file again with --replace.",
    )
