"""Temporary .h5ad files, written in pieces as they come; they are not compressed, since they are read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import pandas as pd

CHUNK = 1 << 18


class H5adWriter:
    """An .h5ad file with tables and one matrix by cells; use as a context manager.

    Parameters
    ----------
    path
        A file that does not exist yet.
    dtype
        Of the values of X.
    n_genes
        Width of X.
    """

    def __init__(self, path: Path, dtype: np.dtype, n_genes: int) -> None:
        self._file = h5py.File(path, "x")
        self._n_genes = n_genes
        self._lengths: list[np.ndarray] = []
        self._n = 0
        group = self._file.create_group("X")
        space = {"shape": (0,), "maxshape": (None,), "chunks": (CHUNK,)}
        self._data = group.create_dataset("data", dtype=dtype, **space)
        self._indices = group.create_dataset("indices", dtype=np.int32, **space)

    def append(self, values: np.ndarray, genes: np.ndarray, lengths: np.ndarray) -> None:
        """Append cells: the values of all of them, their genes, and how many each cell has."""
        end = self._n + len(values)
        for dataset, part in ((self._data, values), (self._indices, genes)):
            dataset.resize((end,))
            dataset[self._n :] = part
        self._n = end
        self._lengths.append(np.asarray(lengths, dtype=np.int64))

    def finish(self, obs: pd.DataFrame, var: pd.DataFrame) -> None:
        """Write the tables and what tells the shape of the matrix."""
        import anndata

        group = self._file["X"]
        lengths = np.concatenate([np.zeros(1, dtype=np.int64), *self._lengths])
        group.create_dataset("indptr", data=np.cumsum(lengths))
        group.attrs.update(
            {"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": (len(lengths) - 1, self._n_genes)}
        )
        anndata.io.write_elem(self._file, "obs", obs)
        anndata.io.write_elem(self._file, "var", var)
        self._file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
