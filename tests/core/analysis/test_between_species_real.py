"""Real cells of four donors as two atlases, and simulated livers whose changes are known."""

import anndata
import numpy as np
import pandas as pd
import pytest

from core.analysis.concordance import concordance
from core.analysis.differences import differences
from core.analysis.matched_contrast import matched_sides, of_types
from core.analysis.shared_genes import SecondAtlas, shared_genes
from core.analysis.sides import Sides
from core.analysis.type_auroc import TypeAurocParams, type_auroc
from core.demo.simulate import simulate
from core.genes.ortholog_relations import one_to_one

# Types of fewer cells in a half say little.
ENOUGH = 20
POWER = 0.8
CHANGE = 1.5
KIND = "Hepatocyte (periportal)"


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


@pytest.mark.slow
def test_changes_of_the_simulated_livers_agree_where_they_are_shared_and_differ_where_one_was_thinned(
    atlas_of, pool, data
):
    """Programmes change alike in man and mouse; twenty of their genes were thinned to a tenth in the sick mice.

    Of shared changes of 1.5 log2 units or more, 80 % are found to agree; of the thinned ones, 80 % to be opposite or to
    differ; of genes that change in neither, at most 5 % get a verdict.
    """
    made = {species: simulate(species, 4_000, 1) for species in ("human", "mouse")}
    to_mouse = one_to_one(data, "human", "mouse").of
    truth = {
        species: each.truth[(each.truth["CellType"] == KIND) & (each.truth["Group"] == "Cirrhosis")]
        .set_index("Gene")["Log2FC"]
        for species, each in made.items()
    }  # fmt: skip
    place = {gene: at for at, gene in enumerate(made["mouse"].var.index)}
    expressed = np.asarray(
        made["mouse"].counts[(made["mouse"].obs["CellType"] == KIND).to_numpy()].mean(axis=0)
    ).ravel()
    shared = {gene: other for gene, other in to_mouse.items() if other in place and gene in made["human"].var.index}
    high = [gene for gene, other in shared.items() if expressed[place[other]] > 0.3]
    still = [gene for gene in shared if not truth["human"].get(gene, 0) and not truth["mouse"].get(shared[gene], 0)]
    thinned = [gene for gene in high if gene in still][:20]
    sick = np.flatnonzero((made["mouse"].obs["Group"] == "Cirrhosis").to_numpy())
    rng = np.random.default_rng(0)
    dense = made["mouse"].counts.toarray()
    for gene in thinned:
        column = place[shared[gene]]
        dense[sick, column] = rng.binomial(dense[sick, column], 0.1)
    pair = tuple(
        atlas_of(anndata.AnnData(np.asarray(matrix, dtype=np.float32), obs=made[species].obs.copy(),
                                 var=pd.DataFrame(index=made[species].var.index)), name=species, species=species)
        for species, matrix in (("human", made["human"].counts.toarray()), ("mouse", dense))
    )  # fmt: skip
    sides = Sides.of(pair[0], "Group", ["Cirrhosis"], ["Healthy"])
    other = matched_sides(sides, pair[1])
    tables = tuple(
        differences(atlas, of_types(atlas, each, [KIND]), pool)
        for atlas, each in zip(pair, (sides, other), strict=True)
    )
    rows = concordance(tables, shared_genes(*pair, data).names(*pair), 0.05, 0.0).to_pandas().set_index("gene")
    tested = rows[rows["verdict"] != ""]
    changed = [
        gene
        for gene in tested.index
        if min(abs(truth["human"].get(gene, 0)), abs(truth["mouse"].get(shared[gene], 0))) >= CHANGE and gene in high
    ]
    assert len(changed) >= 10
    assert (tested.loc[changed, "verdict"] == "agree").mean() >= POWER, tested.loc[changed, ["verdict"]]
    apart = tested.loc[[gene for gene in thinned if gene in tested.index], "verdict"]
    assert len(apart) >= 15
    assert apart.isin(["opposite", "differ"]).mean() >= POWER, apart
    neither = [gene for gene in tested.index if gene in still and gene not in thinned]
    assert tested.loc[neither, "verdict"].isin(["agree", "opposite", "differ"]).mean() <= 0.05
