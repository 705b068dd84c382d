"""Differences in the simulated liver: what was planted is found, and shuffled donors differ in nothing.

The null is tested over all donors: two of each group stand on a side, whoever they are.
"""

from concurrent.futures import ThreadPoolExecutor

import anndata
import numpy as np
import pandas as pd
import pytest

from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams
from core.analysis.differences_by_type import by_type
from core.analysis.sides import Sides
from core.atlas.paths import Places
from core.atlas.store import Atlas
from core.compute.executor import Workers
from core.demo.simulate import simulate
from core.ingest.importer import ImportRequest, import_file
from core.stats.count_engines import limma_trend
from core.stats.multiple_testing import benjamini_hochberg
from core.stats.normalization import enough_counts

pytestmark = pytest.mark.slow
TYPES = ("Hepatocyte (midzonal)", "Hepatocyte (periportal)", "LSEC", "T cell", "Kupffer cell")


@pytest.fixture(scope="module")
def simulated():
    return simulate("human", 9_000, 11, background=True, threads=2)


@pytest.fixture(scope="module")
def table(simulated, tmp_path_factory):
    """Differences of cirrhosis from health in every cell type, with the planted change of each gene."""
    place = tmp_path_factory.mktemp("planted")
    adata = anndata.AnnData(simulated.counts.astype("float32"), obs=simulated.obs, var=simulated.var)
    adata.obsm["X_umap"] = np.zeros((adata.n_obs, 2), dtype=np.float32)
    adata.write_h5ad(place / "liver.h5ad")
    roles = {"cell_type": "CellType", "group": "Group", "sample": "Sample"}
    request = ImportRequest(place / "liver.h5ad", species="human", roles=roles, simulated=True)
    atlas = Atlas(Places(place / "data").store(import_file(request, place / "data", lambda *_: None)))
    workers = Workers(ThreadPoolExecutor(2))
    sides = Sides.of(atlas, "Group", ["Cirrhosis"], ["Healthy"])
    params = DifferencesParams.of(atlas, DesignParams.of(atlas, sides, covariates=("Batch", "Sex")))
    found = by_type(atlas, params, workers).to_pandas()
    workers.close()
    truth = simulated.truth.query("Group == 'Cirrhosis'").set_index(["CellType", "Gene"])["Log2FC"]
    places = pd.MultiIndex.from_arrays([found["cell_type"], found["gene"]])
    found["planted"] = truth.reindex(places).fillna(0).to_numpy()
    return found[found["p"].notna()]


def test_what_is_called_was_planted(table):
    called = table[table["p_adj"] <= 0.05]
    assert len(called) > 100
    # The level of a donor is its own in all cell types, so one chance difference may be called in each of them.
    assert (called["planted"] == 0).mean() <= 0.1
    right = called[called["planted"] != 0]
    assert (np.sign(right["log2fc"]) == np.sign(right["planted"])).mean() > 0.98


def test_large_changes_are_found_where_cells_are_many(table):
    large = table[(table["cell_type"] == "Hepatocyte (midzonal)") & (table["planted"].abs() >= 1)]
    large = large[large["base_mean"] >= large["base_mean"].median()]
    assert len(large) >= 20
    assert (large["p_adj"] <= 0.05).mean() >= 0.5


def test_genes_without_a_change_have_uniform_p(table):
    share = (table.loc[table["planted"] == 0, "p"] <= 0.05).mean()
    assert 0.03 <= share <= 0.07


def test_shuffled_donors_differ_in_nothing(simulated):
    """Of 200 divisions of the donors, two of each group on a side, as many show anything as 5 % would by chance."""
    rng = np.random.default_rng(0)
    donors = simulated.obs.groupby("Sample", observed=True)[["Group", "Batch", "Sex"]].first()
    groups = donors["Group"].cat.codes.to_numpy()
    known = [
        np.ones(16),
        *(groups == code for code in (1, 2, 3)),
        *(donors[name].cat.codes for name in ("Batch", "Sex")),
    ]
    n_any = 0
    for kind in TYPES:
        sums = _sums(simulated, kind)
        counts = sums[enough_counts(sums, 8)]
        for _ in range(200 // len(TYPES)):
            side = rng.permuted(np.tile([0, 0, 1, 1], (4, 1)), axis=1).ravel()
            design = np.column_stack([*known, side])
            while np.linalg.matrix_rank(design) < design.shape[1]:
                side = rng.permuted(np.tile([0, 0, 1, 1], (4, 1)), axis=1).ravel()
                design = np.column_stack([*known, side])
            p = limma_trend(counts, design, np.eye(design.shape[1])[-1]).tested.p
            n_any += bool((benjamini_hochberg(p) <= 0.05).any())
    # 5 % of 200 are 10; 18 are the 99th percentile of that.
    assert n_any <= 18


def _sums(simulated, kind):
    """Counts of each gene in each donor: (n_genes, 16)."""
    of_kind = simulated.obs["CellType"] == kind
    donors = simulated.obs["Sample"]
    rows = [simulated.counts[(of_kind & (donors == name)).to_numpy()].sum(axis=0) for name in donors.cat.categories]
    return np.vstack([np.asarray(row).reshape(1, -1) for row in rows]).T.astype(float)
