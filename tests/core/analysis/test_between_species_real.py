"""Real cells of four donors as two atlases."""

import anndata
import pytest

from core.analysis.shared_genes import SecondAtlas, shared_genes
from core.analysis.type_auroc import TypeAurocParams, type_auroc
from core.genes.ortholog_relations import one_to_one

# Types of fewer cells in a half say little.
ENOUGH = 20
POWER = 0.8


@pytest.mark.real
@pytest.mark.slow
def test_the_pancreas_of_two_donors_matches_that_of_two_others(atlas_of, real_data, data, pool):
    """The second half bears the mouse symbols of its 1:1 orthologs, so that only these can match."""
    whole = anndata.read_h5ad(real_data / "human_pancreas_baron2016_4donors.h5ad")
    donors = whole.obs["donor"].astype(str)
    names = sorted(donors.unique())
    halves = [whole[donors.isin(some)].copy() for some in (names[::2], names[1::2])]
    mouse = one_to_one(data, "human", "mouse").of
    halves[1].var_names = [mouse.get(gene, f"none-{gene}") for gene in halves[1].var_names]
    roles = {"cell_type": "cell_type1", "sample": "donor"}
    pair = tuple(
        atlas_of(half, name=f"half{at}", species=species, roles=roles)
        for at, (half, species) in enumerate(zip(halves, ("human", "mouse"), strict=True))
    )
    about = SecondAtlas.of(*pair, data)
    rows = type_auroc(*pair, shared_genes(*pair, data), TypeAurocParams.of(*pair, about), pool).to_pandas()
    same = rows[(rows["cell_type"] == rows["cell_type_2"]) & (rows[["n", "n_2"]].min(axis=1) >= ENOUGH)]
    assert len(same) >= 5
    assert (same["auroc"] > 0.9).all(), same
    assert (same["best"] == "both").mean() >= POWER, same
