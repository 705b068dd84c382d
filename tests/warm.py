"""Compile, once and before any test, what numba compiles: ``python -m tests.warm kernels``, or ``science``.

The tests find it in the directory of NUMBA_CACHE_DIR, in all their processes. Compiled in a test, it would be charged
to the first that needs it: up to half a minute. The kernels are the product's; science is UMAP and scanpy, which no
test with a browser needs.
"""

import sys
import tempfile
import warnings
from pathlib import Path

import tests.conftest  # noqa: F401 - says where numba keeps what it compiles


def kernels() -> None:
    """Compile the kernels of the product."""
    from core.kernels.warm_up import warm_up

    warm_up()


def science() -> None:
    """Compile what an import without a map and the references in tests use."""
    import anndata
    import numpy as np
    import scanpy
    from scipy import sparse

    from core.ingest.importer import ImportRequest, import_file

    counts = np.random.default_rng(0).poisson(3.0, (120, 40)).astype(np.float32)
    adata = anndata.AnnData(sparse.csr_matrix(counts))
    adata.obs["by"] = np.resize(["one", "other"], len(counts))
    adata.obs["by"] = adata.obs["by"].astype("category")
    with tempfile.TemporaryDirectory() as scratch:
        # It has no map, so that one is computed.
        path = Path(scratch) / "cells.h5ad"
        adata.write_h5ad(path)
        import_file(ImportRequest(path, species="human"), Path(scratch) / "data", lambda *_: None)
    for dtype in (np.float32, np.float64):
        typed = adata.copy()
        typed.X = typed.X.astype(dtype)
        scanpy.pp.normalize_total(typed)
        scanpy.pp.log1p(typed)
        scanpy.tl.rank_genes_groups(typed, "by", method="wilcoxon", tie_correct=True, pts=True)
        # Sparse and dense take different paths.
        typed.X = typed.X.toarray()
        scanpy.pp.normalize_total(typed)
        scanpy.tl.rank_genes_groups(typed, "by", method="wilcoxon", tie_correct=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the tests themselves see every warning
    {"kernels": kernels, "science": science}[sys.argv[1]]()
