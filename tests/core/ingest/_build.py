"""AnnData objects made in tests, and what every layer of a store must fulfil."""

import warnings

import anndata
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import rankdata

CELL_TYPES = ("Hepatocyte", "Kupffer", "LSEC")


def counts(n_cells=30, n_genes=12, seed=0, density=0.4, dtype=np.float32) -> sparse.csr_matrix:
    """Return random counts, (n_cells, n_genes), with one cell and one gene without any where there is room for it."""
    random = np.random.default_rng(seed)
    made = random.poisson(3.0, (n_cells, n_genes)) * (random.random((n_cells, n_genes)) < density)
    if min(made.shape) > 3:
        made[2] = 0
        made[:, 3] = 0
    return sparse.csr_matrix(made.astype(dtype))


def logged(matrix) -> np.ndarray:
    """Return log1p(CP10k) of a matrix in float64, by scanpy."""
    import scanpy

    adata = anndata.AnnData(
        sparse.csr_matrix(matrix, dtype=np.float64) if sparse.issparse(matrix) else as_dense(matrix)
    )
    scanpy.pp.normalize_total(adata, target_sum=1e4)
    scanpy.pp.log1p(adata)
    return adata.X


def as_dense(matrix) -> np.ndarray:
    """Return any matrix as a dense float64 array."""
    return (matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)).astype(np.float64)


def made(X, *, umap=True, obs=None, var=None, **slots) -> anndata.AnnData:
    """Return an AnnData object around a matrix; with an embedding, so that none need be computed."""
    n_cells, n_genes = X.shape
    obs = pd.DataFrame(index=[f"cell{i}" for i in range(n_cells)]) if obs is None else obs
    var = pd.DataFrame(index=[f"Gene{i}" for i in range(n_genes)]) if var is None else var
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*names are not unique")
        adata = anndata.AnnData(X, obs=obs, var=var, **slots)
    if umap:
        adata.obsm["X_umap"] = np.random.default_rng(1).normal(size=(n_cells, 2)).astype(np.float32)
    return adata


def dense_of(layer) -> np.ndarray:
    """Return all of a layer, (n_cells, n_genes), in its dtype."""
    return np.column_stack([layer.dense(gene) for gene in range(layer.n_genes)])


def matrix_of(layer) -> sparse.csc_array:
    """Return a layer as a canonical CSC matrix."""
    block = layer.block(0, layer.n_genes)
    cells, values = zip(*(block.nonzeros(gene) for gene in range(layer.n_genes)), strict=True)
    parts = (np.concatenate(values), np.concatenate(cells), np.array(layer.gene_starts))
    return sparse.csc_array(parts, shape=(layer.n_cells, layer.n_genes))


def check_layer(layer, reference, *, tolerance=0.0) -> None:
    """Compare a layer with the matrix it must hold, and check all that the store promises of it.

    A tolerance of 0 asks for the very values of the reference in the layer's dtype.
    """
    expected = sparse.csc_array(reference)
    expected.sum_duplicates()
    expected.eliminate_zeros()
    found = matrix_of(layer)
    np.testing.assert_array_equal(found.indptr, expected.indptr)
    np.testing.assert_array_equal(found.indices, expected.indices)
    if tolerance:
        np.testing.assert_allclose(found.data, expected.data, rtol=0, atol=tolerance)
    else:
        np.testing.assert_array_equal(found.data, expected.data.astype(found.dtype))
    assert layer.info.n_nonzero == expected.nnz
    check_order(layer)
    check_stats(layer, found)


def check_order(layer) -> None:
    """Check that cells ascend within each gene, and that each level occurs and is above the one before."""
    block = layer.block(0, layer.n_genes)
    for gene in range(layer.n_genes):
        cells, levels, values = block.nonzeros(gene)[0], block.levels_of(gene), block.values_of(gene)
        assert (np.diff(cells) > 0).all()
        assert (np.diff(values) > 0).all()
        assert np.array_equal(np.unique(levels), np.arange(len(values)))


def check_stats(layer, matrix, n_checked=150) -> None:
    """Compare the statistics of genes, some of them where there are many, with numpy's and scipy's."""
    stats = layer.stats
    np.testing.assert_array_equal(stats.n_nonzero, np.diff(layer.gene_starts))
    genes = np.arange(layer.n_genes)
    if layer.n_genes > n_checked:
        genes = np.sort(np.random.default_rng(0).choice(genes, n_checked, replace=False))
    dense = matrix[:, genes].toarray().astype(np.float64)
    np.testing.assert_allclose(stats.mean[genes], dense.mean(axis=0), rtol=1e-12, atol=1e-15)
    if layer.n_cells > 1:
        np.testing.assert_allclose(stats.variance[genes], dense.var(axis=0, ddof=1), rtol=1e-9, atol=1e-15)
    else:
        assert np.isnan(stats.variance).all()
    for position, gene in enumerate(genes):
        # rankdata's "min" and "max" ranks of a tied group differ by its size less one.
        column = dense[:, position]
        size = rankdata(column, "max") - rankdata(column, "min") + 1
        assert stats.tie_term[gene] == np.sum(size**2 - 1), gene
