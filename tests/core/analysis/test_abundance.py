"""Composition between sides: propeller's test, ratios, permutations."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.analysis.abundance import COLUMNS, AbundanceParams, abundance, design, permuted, samples
from core.analysis.design import DesignParams
from core.analysis.sides import Sides
from core.errors import InvalidQuery, UnknownColumn
from core.selection.model import Selection
from core.stats.moderated import fit, moderated_t
from tests.factories import cohort


@pytest.fixture
def adata():
    """Cells of three types; Kupffer cells are fewer in MASH, and one type has cells in one donor only."""
    adata = cohort(types=("Hepatocyte", "Kupffer cell", "LSEC", "Rare"), n_cells=40, n_genes=12)
    rng = np.random.default_rng(0)
    kind, group = adata.obs["CellType"].to_numpy(str), adata.obs["Group"].to_numpy(str)
    lost = (kind == "Kupffer cell") & (group == "MASH") & (rng.random(adata.n_obs) < 0.7)
    lost |= rng.random(adata.n_obs) < 0.1
    lost |= (kind == "Rare") & (adata.obs["Donor"] != "d1").to_numpy()
    return adata[~lost].copy()


def params(atlas, reference="", **more):
    return AbundanceParams.of(atlas, DesignParams.of(atlas, Sides.of(atlas, "Group"), **more), "", reference)


def test_shares_and_tests(adata, atlas_of):
    atlas = atlas_of(adata, species="human")
    table = abundance(atlas, params(atlas, "LSEC"))
    assert tuple(table.column_names) == COLUMNS
    rows = table.to_pandas().set_index("cell_type")
    counts = pd.crosstab(adata.obs["CellType"], adata.obs["Donor"]).loc[rows.index]
    shares = counts / counts.sum()
    mash = np.array([donor in ("d1", "d3", "d5", "d7") for donor in counts.columns])
    np.testing.assert_allclose(rows["mean_a"], 100 * shares.loc[:, mash].mean(axis=1))
    np.testing.assert_allclose(rows["mean_b"], 100 * shares.loc[:, ~mash].mean(axis=1))
    angles = np.arcsin(np.sqrt(shares.to_numpy()))
    model = np.column_stack([np.ones(8), mash])
    tested = moderated_t(fit(angles, model, np.array([0.0, 1.0])))
    np.testing.assert_allclose(rows["p"], tested.p, rtol=1e-9)
    # Moderation pulls the variances together: the plain t of each type is not the same, but has the same sign.
    plain = stats.ttest_ind(angles[:, mash], angles[:, ~mash], axis=1).statistic
    np.testing.assert_array_equal(np.sign(rows["stat"]), np.sign(plain))
    odds = np.log2((counts + 0.5) / (counts.sum() - counts + 0.5))
    np.testing.assert_allclose(rows["log2_odds"], odds.loc[:, mash].mean(axis=1) - odds.loc[:, ~mash].mean(axis=1))
    ratio = np.log2((counts + 0.5) / (counts.loc["LSEC"] + 0.5))
    wanted = (ratio.loc[:, mash].mean(axis=1) - ratio.loc[:, ~mash].mean(axis=1)).drop("LSEC")
    np.testing.assert_allclose(rows["log2_ratio"].drop("LSEC"), wanted)
    assert np.isnan(rows.loc["LSEC", "log2_ratio"])
    assert rows["p"].idxmin() == "Kupffer cell"
    assert rows.loc["Kupffer cell", "ci_high"] < 0
    assert rows["p_smallest"].unique() == pytest.approx(2 / 70)
    assert rows.loc["Kupffer cell", "p_permutation"] == pytest.approx(2 / 70)


def test_permutations_are_scipys():
    rng = np.random.default_rng(1)
    values, side = rng.normal(size=(3, 7)), np.array([1, 0, 1, 0, 0, 1, 0])

    def gap(a, b, axis):
        return np.abs(a.mean(axis=axis) - b.mean(axis=axis))

    p, smallest = permuted(values, side, None)
    wanted = stats.permutation_test(
        (values[:, side == 1], values[:, side == 0]), gap, axis=1, n_resamples=np.inf, alternative="greater"
    )
    np.testing.assert_allclose(p, wanted.pvalue)
    assert smallest == pytest.approx(1 / 35)
    pairs = np.array([0, 0, 1, 1, 2, 2])
    values, side = rng.normal(size=(3, 6)), np.array([1, 0, 0, 1, 1, 0])
    p, smallest = permuted(values, side, pairs)
    differences = np.stack([values[:, 0] - values[:, 1], values[:, 3] - values[:, 2], values[:, 4] - values[:, 5]], 1)
    signs = np.array(np.meshgrid(*[[1, -1]] * 3)).reshape(3, -1)
    wanted = (np.abs(differences @ signs) >= np.abs(differences.sum(axis=1))[:, None] - 1e-12).mean(axis=1)
    np.testing.assert_allclose(p, wanted)
    assert smallest == 0.25
    assert np.isnan(permuted(rng.normal(size=(1, 40)), np.arange(40) % 2, None)[0]).all()


def test_covariates_drops_and_refusals(adata, atlas_of):
    atlas = atlas_of(adata, species="human")
    adjusted = abundance(atlas, params(atlas, covariates=["Sex"])).to_pandas()
    assert adjusted["p_permutation"].isna().all()
    assert design(atlas, params(atlas, covariates=["Sex"])).formula == "~ Group + Sex"
    few = params(atlas, selection=Selection.parse(["CellType=Rare", "CellType=LSEC"]), min_cells=36)
    assert {row.why for row in samples(atlas, few)} == {"", "fewer than 36 cells"}
    with pytest.raises(InvalidQuery, match="of one type of CellType"):
        abundance(atlas, params(atlas, selection=Selection.parse(["CellType=LSEC"])))
    with pytest.raises(UnknownColumn, match="no cell type 'Nobody'"):
        params(atlas, "Nobody")
    without = params(atlas, selection=Selection.parse(excluded=["where=Donor=d1"]))
    rows = abundance(atlas, without).to_pandas().set_index("cell_type")
    assert "Rare" not in rows.index, "no selected cell is of that type"
