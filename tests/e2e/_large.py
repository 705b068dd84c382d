"""An atlas whose maps are drawn on the server, made in seconds: of as many cells as are asked for."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import scipy.sparse as sp

from core.ingest.importer import ImportRequest, import_file

N_CELLS = 500_000
LARGE = "human/large"
TYPES = ("Hepatocyte", "Kupffer cell", "Stellate", "LSEC", "Cholangiocyte", "T cell", "B cell", "NK cell")
GROUPS = ("Healthy", "MASL", "MASH")
N_SAMPLES = 24
# The first eight are markers of the eight cell types, in their order.
GENES = ("ALB", "CD68", "COL1A1", "LYVE1", "KRT19", "CD3D", "CD79A", "NKG7", *(f"GENE{at}" for at in range(32)))
# Where the cells of each type lie: on a ring, so that every corner of a lasso is easily told.
RADIUS = 10.0


def centres() -> np.ndarray:
    """Return the middle of each cell type on the map, (n_types, 2)."""
    angle = 2 * np.pi * np.arange(len(TYPES)) / len(TYPES)
    return RADIUS * np.column_stack([np.cos(angle), np.sin(angle)])


def write_large(path: Path, n_cells: int = N_CELLS) -> None:
    """Write integer counts in eight cell types, three stages and 24 donors, a numeric column, and a map."""
    rng = np.random.default_rng(11)
    kind = rng.choice(len(TYPES), n_cells, p=[0.45, 0.15, 0.1, 0.1, 0.05, 0.08, 0.04, 0.03])
    sample = rng.integers(0, N_SAMPLES, n_cells)
    # Each gene is seen in a tenth of the cells, and a marker in most cells of its type.
    columns = []
    for gene in range(len(GENES)):
        seen = rng.random(n_cells) < np.where(kind == gene, 0.8, 0.1)
        columns.append(np.where(seen, 1 + rng.poisson(np.where(kind == gene, 12, 1)), 0).astype(np.float32))
    place = centres()[kind] + rng.normal(0, 1.2, (n_cells, 2))
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical.from_codes(kind, TYPES),
            "group": pd.Categorical.from_codes(sample % len(GROUPS), GROUPS),
            "sample": pd.Categorical.from_codes(sample, [f"donor{at:02d}" for at in range(N_SAMPLES)]),
            "pct_mito": rng.gamma(2, 2, n_cells).round(2),
        },
        index=[f"cell{at}" for at in range(n_cells)],
    )
    matrix = sp.csr_matrix(np.column_stack(columns))
    var = pd.DataFrame(index=list(GENES))
    anndata.AnnData(X=matrix, obs=obs, var=var, obsm={"X_umap": place.astype(np.float32)}).write_h5ad(path)


def import_large(scratch: Path, data: Path, n_cells: int = N_CELLS) -> str:
    """Write the file below `scratch`, import it into a data directory and return the id of the atlas."""
    path = scratch / "large.h5ad"
    write_large(path, n_cells)
    request = ImportRequest(path, species="human", name="large", title=f"{n_cells:,} cells", simulated=True)
    return str(import_file(request, data, lambda _step, _fraction: None))
