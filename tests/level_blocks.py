"""Blocks of levels made from dense matrices, in tiles of any size, and kernels run as Python."""

import importlib

import numpy as np
from numba.core.dispatcher import Dispatcher

from core.atlas.kernel_block import as_block
from core.atlas.level_layer import LevelLayer

# Cells of a tile, and levels from which a gene is wide: those of a store, and some that small matrices meet.
FORMS = ((1 << 16, 1 << 16), (7, 2))
MODULES = (
    "bitmaps cell_lookup correlation gene_set_sums level_block linear_sums permutations rank_sums shared_cells "
    "skewness unit_sums"
)


def level_layer(dense, dtype=np.float32, form=FORMS[0]):
    """Build the stored form of a dense matrix (n_cells, n_genes), by numpy alone."""
    tile, narrow = form
    n_cells, n_genes = dense.shape
    n_tiles = max(1, -(-n_cells // tile))
    cells, levels, wide, values = [], [], [], []
    tile_starts = np.zeros((n_genes, n_tiles + 1), dtype=np.int64)
    level_starts, is_wide = np.zeros(n_genes, dtype=np.int64), np.zeros(n_genes, dtype=bool)
    gene_starts, value_starts = np.zeros(n_genes + 1, dtype=np.int64), np.zeros(n_genes + 1, dtype=np.int64)
    for gene, column in enumerate(dense.astype(dtype).T):
        where = np.flatnonzero(column)
        distinct, numbers = np.unique(column[where], return_inverse=True)
        edges = np.searchsorted(where, tile * np.arange(n_tiles + 1))
        tile_starts[gene] = gene_starts[gene] + edges
        gene_starts[gene + 1] = gene_starts[gene] + len(where)
        value_starts[gene + 1] = value_starts[gene] + len(distinct)
        is_wide[gene] = len(distinct) > narrow
        own = wide if is_wide[gene] else levels
        level_starts[gene] = sum(map(len, own))
        own.append(numbers)
        cells.append(where % tile)
        values.append(distinct)
    return LevelLayer(
        n_cells=n_cells,
        n_genes=n_genes,
        dtype=np.dtype(dtype),
        gene_starts=gene_starts,
        cells=np.concatenate(cells).astype(np.uint16),
        tile_starts=tile_starts,
        levels=np.concatenate([[], *levels]).astype(np.uint16),
        levels_wide=np.concatenate([[], *wide]).astype(np.uint32),
        level_starts=level_starts,
        wide=is_wide,
        value_starts=value_starts,
        values=np.concatenate(values).astype(dtype),
    )


def leveled(dense, dtype=np.float32, form=FORMS[0]):
    """Make the block of all genes of a dense matrix, and its values."""
    return as_block(level_layer(dense, dtype, form), signed=bool((dense < 0).any()), tile=form[0])


def as_python(monkeypatch):
    """Replace every compiled function of the kernels by its own Python."""
    for name in MODULES.split():
        module = importlib.import_module(f"core.kernels.{name}")
        for key, value in list(vars(module).items()):
            if isinstance(value, Dispatcher):
                monkeypatch.setattr(module, key, value.py_func)
            elif key == "lowest":
                monkeypatch.setattr(module, key, lambda word: (int(word) & -int(word)).bit_length() - 1)
