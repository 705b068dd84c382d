"""Read-only, memory-mapped access to one atlas.

A store is an immutable directory (see ``core/atlas/manifest.py`` for what ``manifest.json`` holds)::

    manifest.json
    obs.parquet               one row a cell; the column ``__cell__`` holds the cell names
    var.parquet               one row a gene; ``__gene__`` (display name), ``__id__`` (the file's index)
    embeddings/<key>.npy      float32 (n_cells, d)
    layers/<layer>/cells.npy        uint16 (n_nonzero,), cell of each value within its tile of 65,536 cells
    layers/<layer>/levels.npy       uint16, number of each value among the distinct ones of its gene
    layers/<layer>/values.npy       float32 or float64, distinct values of each gene, ascending
    layers/<layer>/gene_starts.npy  int64 (n_genes + 1,), where genes begin in cells
    layers/<layer>/value_starts.npy int64 (n_genes + 1,), where they begin in values
    layers/<layer>/tile_starts.npy  int64 (n_genes, n_tiles + 1), where tiles begin; absent where there is one tile
    layers/<layer>/levels_wide.npy  uint32, those of genes with more than 65,536 values; absent where none has
    layers/<layer>/cell_sums.npy    float64 (n_cells,), sum over all genes of the matrix the layer was read from
    layers/<layer>/stats.parquet    n_nonzero, mean, variance, tie_term, minimum, maximum of each gene

Counts that the expression and the totals of the cells imply have the last two files only. Version 1 of the store
(``data.npy``, ``indices.npy``, ``indptr.npy``) is read as well; see `core.atlas.layer_files`.
Only nonzero values are stored; the zeros of a gene are one tied block between its negatives and its positives.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ValidationError

from core.arrays import F64, I32
from core.atlas.columns import codes, numbers, read_table
from core.atlas.gene_index import GeneIndex
from core.atlas.layer import EXPRESSION, Layer
from core.atlas.layer_files import map_array
from core.atlas.lineages import LINEAGE, LINEAGES, are_of_liver, lineages_of
from core.atlas.manifest import READABLE_VERSIONS, ColumnInfo, EmbeddingInfo, Manifest, Role
from core.errors import BrokenStore, InvalidQuery, UnknownColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from core.atlas.gene_index import OtherName
    from core.atlas.manifest import Species

F32: TypeAlias = NDArray[np.float32]

CELL = "__cell__"
GENE = "__gene__"
GENE_ID = "__id__"
MANIFEST = "manifest.json"
COUNTS = "counts"
MISSING = -1


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
            now = read_manifest(self._path)
            # An upgrade keeps the hash, but the files are other ones.
            if (now.content_hash, now.schema_version) != (self._manifest.content_hash, self._manifest.schema_version):
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
                    self._guard.check_sizes(f"layers/{EXPRESSION if info.computed else name}/")
                    self._guard.check_sizes(f"layers/{name}/")
                path = self.path / "layers" / name
                self._layers[name] = Layer(path, info, self.n_cells, self._guard.reading, self.manifest.schema_version)
            return self._layers[name]

    @cached_property
    def genes(self) -> GeneIndex:
        """The names of the genes."""
        with self._guard.reading():
            self._guard.check_sizes("var.parquet")
            table = read_table(self.path / "var.parquet")
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
            table = read_table(self.path / "obs.parquet", [column.name for column in self.manifest.columns])
            return table.slice(index, 1).to_pylist()[0]

    @cached_property
    def lineages(self) -> Mapping[str, str]:
        """Lineage of each cell type, by its name (`core.atlas.lineages`); empty where they are not those of a liver."""
        types = self.role("cell_type")
        if types is None or self.manifest.column(LINEAGE) is not None:
            return {}
        found = lineages_of(types.categories)
        return found if are_of_liver(found) else {}

    @cached_property
    def columns(self) -> tuple[ColumnInfo, ...]:
        """Describe the obs columns, and last the lineage where it can be derived."""
        derived = self._lineage() if self.lineages else None
        if derived is None:
            return self.manifest.columns
        info = ColumnInfo(
            name=LINEAGE,
            kind="categorical",
            n_categories=len(derived.categories),
            n_missing=int((derived.codes == MISSING).sum()),
            minimum=None,
            maximum=None,
        )
        return (*self.manifest.columns, info)

    def column_info(self, name: str) -> ColumnInfo | None:
        """Return the description of one of `columns`, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def column(self, name: str) -> Categorical | Numeric:
        """One obs column, or the derived lineage; read once.

        Raises
        ------
        UnknownColumn
            There is none of that name, or it holds free text.
        """
        if name == LINEAGE and self.lineages:
            return self._lineage()
        with self._lock:
            if name not in self._columns:
                self._columns[name] = self._read_column(name)
            return self._columns[name]

    def _lineage(self) -> Categorical:
        types = self.categorical(self.manifest.roles["cell_type"])
        present = [name for name in LINEAGES if name in self.lineages.values()]
        # The last place is that of cells without a type.
        codes = np.array([*(present.index(self.lineages[name]) for name in types.categories), MISSING], dtype=np.int32)
        return Categorical(LINEAGE, codes[types.codes], tuple(present))

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
            return map_array(self.path / name)

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
            return Numeric(name, numbers(array).astype(np.float64, copy=False))
        return Categorical(name, codes(array.indices, MISSING), tuple(array.dictionary.to_pylist()))

    def _read(self, column: str) -> pa.ChunkedArray:
        with self._guard.reading():
            self._guard.check_sizes("obs.parquet")
            return read_table(self.path / "obs.parquet", [column])[column]


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
        if version not in READABLE_VERSIONS:
            known = " and ".join(map(str, READABLE_VERSIONS))
            raise BrokenStore(
                f"The atlas {path.parent.name}/{path.name} has schema {version}; this program reads {known}.",
                "Import its source file again with --replace.",
            )
        return Manifest.model_validate(raw)
    except (OSError, orjson.JSONDecodeError, ValidationError, AttributeError) as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> BrokenStore:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BrokenStore(
        f"The atlas {path.parent.name}/{path.name} cannot be read ({reason}).",
        "Run `masldatlas datasets check` and import its source file again with --replace.",
    )
