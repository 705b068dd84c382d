"""An opened .h5ad file: small tables in memory, matrices left on disk.

No matrix is ever loaded whole, and an unused slot cannot stop an import.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import h5py

from core.atlas.integrity import stamp
from core.errors import InvalidFile
from core.ingest.bounds import bounded_memory
from core.ingest.coordinates import read_coordinates
from core.ingest.durable_files import FULL
from core.ingest.file_safety import check_file, check_kind
from core.ingest.filters import check_filters, load_filters
from core.ingest.matrix import DAMAGED, TRUNCATED, UNREADABLE, Matrix, first_line, open_matrix, text_of
from core.ingest.nested import entries
from core.ingest.tables import read_table
from core.ingest.uns import Uns

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    import pandas as pd

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Fingerprint:
    """Fingerprint of a file, which changes when the file is written to."""

    bytes: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Take the fingerprint of a file, or of a folder that counts as one, as it is now."""
        return cls(*stamp(path), path.stat().st_ino)


@dataclass
class Source:
    """One .h5ad file. Use as a context manager.

    Attributes
    ----------
    obs, var, raw_var
        Tables as pandas reads them; `raw_var` is None when there is no ``raw``.
    x, layers, raw
        Matrices still in the file; `x` and `raw` may be None.
    maps
        The first three columns of each numeric two-dimensional obsm entry, float32 (n_cells, 1 to 3).
    skipped
        One sentence for each column, layer and obsm entry left out.
    uns
        What ``uns`` says of the data.
    """

    path: Path
    fingerprint: Fingerprint
    file: h5py.File
    obs: pd.DataFrame
    var: pd.DataFrame
    raw_var: pd.DataFrame | None
    x: Matrix | None
    raw: Matrix | None
    layers: dict[str, Matrix]
    maps: dict[str, np.ndarray] = field(default_factory=dict)
    map_dimensions: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    uns: Uns = field(default_factory=Uns)

    @classmethod
    def open(cls, path: Path, scratch: Path) -> Self:
        """Open a file; `scratch` is an empty directory for the copies of its tables.

        Raises
        ------
        InvalidFile
            It is missing, not HDF5, cut off, or not an AnnData file.
        """
        _check_hdf5(path)
        fingerprint = Fingerprint.of(path)
        load_filters()
        try:
            file = h5py.File(path, "r")
        except BlockingIOError as error:
            raise InvalidFile(
                f"{path.name} is being written to by another program.", "Import it once it is complete."
            ) from error
        except OSError as error:
            raise InvalidFile(f"{path.name} cannot be opened as HDF5 ({first_line(error)}).", TRUNCATED) from error
        try:
            check_file(file)
            check_filters(file, path.name)
            with bounded_memory(path.name, fingerprint.bytes):
                return cls._read(path, fingerprint, file, scratch)
        except UNREADABLE as error:
            file.close()
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            raise InvalidFile(f"{path.name} cannot be read ({first_line(error)}).", TRUNCATED) from error
        except BaseException:
            file.close()
            raise

    @classmethod
    def _read(cls, path: Path, fingerprint: Fingerprint, file: h5py.File, scratch: Path) -> Self:
        if "obs" not in file or "var" not in file:
            raise InvalidFile(
                f"{path.name} is an HDF5 file but not AnnData: it has no obs or no var table.",
                "Export it as .h5ad with anndata.",
            )
        legacy_raw = "raw.X" in file
        raw_group = file.get("raw") if isinstance(file.get("raw"), h5py.Group) else None
        raw_node = file["raw.X"] if legacy_raw else raw_group.get("X") if raw_group is not None else None
        raw_var_node = file.get("raw.var") if legacy_raw else raw_group.get("var") if raw_group is not None else None
        raw_var, skipped = None, []
        if raw_node is not None and raw_var_node is not None:
            raw_var = read_table(file, raw_var_node, scratch, skipped)
        source = cls(
            path=path,
            fingerprint=fingerprint,
            file=file,
            obs=read_table(file, file["obs"], scratch, skipped),
            var=read_table(file, file["var"], scratch, skipped),
            raw_var=raw_var,
            x=open_matrix(file["X"], "X") if "X" in file else None,
            raw=None,
            layers={},
            skipped=skipped,
            uns=Uns.of(file.get("uns")),
        )
        source._check_shape()
        layers = file.get("layers")
        for key, parent, name in entries(layers) if isinstance(layers, h5py.Group) else ():
            layer = source._open_spare(parent, name, f"layers['{key}']", len(source.var))
            if layer is not None:
                source.layers[key] = layer
        if raw_var is not None:
            source.raw = source._open_spare(file, "raw.X" if legacy_raw else "raw/X", "raw.X", len(raw_var))
        for key, coordinates, n_columns in read_coordinates(file.get("obsm"), len(source.obs), skipped):
            source.maps[key] = coordinates
            source.map_dimensions[key] = n_columns
        return source

    def gene_ids(self, axis: str) -> list[str]:
        """Return the gene names of ``X`` or of ``raw``, as strings."""
        table = self.var if axis == "X" or self.raw_var is None else self.raw_var
        return [text_of(name) for name in table.index]

    def keep(self, cells: np.ndarray) -> None:
        """Keep these cells alone, ascending."""
        self.obs = self.obs.iloc[cells]
        self.x = None if self.x is None else self.x.of_cells(cells)
        self.raw = None if self.raw is None else self.raw.of_cells(cells)
        self.layers = {name: layer.of_cells(cells) for name, layer in self.layers.items()}
        self.maps = {name: places[cells] for name, places in self.maps.items()}

    def check_unchanged(self) -> None:
        """Raise InvalidFile if the file was written to since it was opened."""
        try:
            same = Fingerprint.of(self.path) == self.fingerprint
        except OSError:
            same = False
        if not same:
            raise InvalidFile(
                f"{self.path.name} changed while it was being read.", "Import it again once it is complete."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def _check_shape(self) -> None:
        n_cells, n_genes = len(self.obs), len(self.var)
        if n_cells == 0 or n_genes == 0:
            raise InvalidFile(f"{self.path.name} has {n_cells:,} cells and {n_genes:,} genes: nothing to show.")
        if self.x is not None and self.x.shape != (n_cells, n_genes):
            raise InvalidFile(
                f"X has shape {self.x.shape}, but obs and var have {n_cells:,} and {n_genes:,} rows.", DAMAGED
            )

    def _open_spare(self, parent: h5py.Group, name: str, where: str, n_genes: int) -> Matrix | None:
        """Open a matrix that an atlas can do without: a fault of it becomes a note."""
        try:
            matrix = open_matrix(parent[name], where)
        except InvalidFile as error:
            self.skipped.append(f"{error.message.removesuffix('.')}; it was left out.")
            return None
        except UNREADABLE as error:
            self.skipped.append(f"{where} cannot be read ({first_line(error)}); it was left out.")
            return None
        shape = (len(self.obs), n_genes)
        if matrix.shape != shape:
            self.skipped.append(f"{where} has shape {matrix.shape} instead of {shape}; it was left out.")
            return None
        return matrix


def _check_hdf5(path: Path) -> None:
    check_kind(path)
    try:
        with path.open("rb") as file:
            magic = file.read(len(HDF5_MAGIC))
    except IsADirectoryError as error:
        raise InvalidFile(f"{path} is a directory, not an .h5ad file.", "Name the file.") from error
    except FileNotFoundError as error:
        raise InvalidFile(f"There is no file {path}.", "Check the path.") from error
    except OSError as error:
        raise InvalidFile(f"{path} cannot be read ({error.strerror}).", "Check its permissions.") from error
    if magic != HDF5_MAGIC:
        what = "is empty" if not magic else "is not an HDF5 file, so not an .h5ad either"
        raise InvalidFile(f"{path.name} {what}.", "Export it from Python with adata.write_h5ad().")
