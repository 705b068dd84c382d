"""Normalisation and engines: small constants made by other means, R's numbers, planted and shuffled donors.

R's numbers (limma 3.54.1, edgeR 3.40.2) lie in the directory ``reference/r`` beside that of MASLDATLAS_TEST_DATA; tests
skip without it.
"""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.stats import normalization
from core.stats.count_engines import ENGINES
from core.stats.multiple_testing import benjamini_hochberg
from core.stats.normalization import enough_counts, log_cpm, tmm_factors
from core.stats.power import mean_power

KANG, GLIOBLASTOMA = "human_pbmc_kang2018_ifnb_2donors", "human_glioblastoma_panobinostat_5pat_x2"
TYPES = ("B cells", "CD14+ Monocytes", "CD4 T cells", "CD8 T cells", "FCGR3A+ Monocytes", "")


def simulated(rng, n_genes=500, n_samples=12, changed=0):
    """Counts of samples as their cells give them: negative binomial, with a dispersion that falls with the mean."""
    means = np.exp(rng.normal(4, 1.5, n_genes))
    dispersion = (0.05 + 1 / means) * 8 / rng.chisquare(8, n_genes)
    means = np.outer(means, rng.uniform(0.5, 2, n_samples))
    means[:changed, 1::2] *= 4
    return rng.poisson(means * rng.gamma(1 / dispersion[:, None], dispersion[:, None], means.shape)).astype(float)


def design(n_samples=12):
    return np.column_stack([np.ones(n_samples), np.arange(n_samples) % 2]), np.array([0.0, 1.0])


def test_factors_undo_a_composition_that_differs():
    """A few genes that take half of the counts of one sample must not make all others look lower."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.outer(rng.gamma(2, 50, 400), np.ones(4))).astype(float)
    counts[:10, 3] *= 60
    factors = tmm_factors(counts)
    sizes = counts.sum(axis=0) * factors
    np.testing.assert_allclose(sizes / sizes.mean(), 1, atol=0.03)
    assert np.exp(np.log(factors).mean()) == pytest.approx(1, abs=1e-12)


def test_factors_of_equal_and_of_empty_samples_are_one():
    counts = np.tile(np.arange(1.0, 50)[:, None], 3)
    np.testing.assert_array_equal(tmm_factors(counts), np.ones(3))
    np.testing.assert_array_equal(tmm_factors(np.zeros((5, 3))), np.ones(3))
    # Zero genes change nothing.
    padded = np.vstack([simulated(np.random.default_rng(1)), np.zeros((800, 12))])
    np.testing.assert_array_equal(tmm_factors(padded), tmm_factors(padded[:500]))


def test_log_cpm_by_hand():
    counts, sizes = np.array([[0.0, 9.0], [10.0, 91.0]]), np.array([10.0, 30.0])
    # Prior counts of 1 and 3: twice the size over the mean size of 20.
    wanted = np.log2([[1 / 12 * 1e6, 12 / 36 * 1e6], [11 / 12 * 1e6, 94 / 36 * 1e6]])
    np.testing.assert_allclose(log_cpm(counts, sizes), wanted, rtol=1e-14)


def test_the_filter_by_hand():
    counts = np.array([[10, 10, 0, 0], [10, 9, 0, 0], [7, 8, 0, 0], [100, 0, 0, 0], [0, 0, 0, 0]], dtype=float)
    counts = np.vstack([counts, 1_000_000 - counts.sum(axis=0)])
    assert enough_counts(counts, 2).tolist() == [True, False, False, False, False, True]
    assert enough_counts(counts, 1).tolist() == [True, True, False, True, False, True]
    # Beyond ten samples a side, 70 % of the further ones are enough: 17 of 20.
    many = np.zeros((3, 40))
    many[0, :17], many[1, :16] = 10, 10
    many[2] = 10_000 - many.sum(axis=0)
    assert enough_counts(many, 20).tolist() == [True, False, True]


@pytest.mark.parametrize("engine", ENGINES)
def test_shuffled_donors_have_hits_in_5_of_100_runs(engine):
    """Of 100 runs without any difference, about 5 may have one gene or more at 5 %; limma-voom has somewhat more."""
    rng = np.random.default_rng(11)
    found = [ENGINES[engine](simulated(rng, 300), *design()).tested.p for _ in range(100)]
    with_hits = sum(benjamini_hochberg(p).min() < 0.05 for p in found)
    assert with_hits <= {"trend": 8, "voom": 12}[engine]
    assert np.mean(np.concatenate(found) < 0.05) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("engine", ENGINES)
def test_planted_genes_are_found_and_little_else(engine):
    found = ENGINES[engine](simulated(np.random.default_rng(5), changed=50), *design())
    called = benjamini_hochberg(found.tested.p) < 0.05
    assert called[:50].mean() > 0.7
    assert called[50:].sum() <= 0.1 * called.sum()
    assert np.median(found.tested.effect[:50]) == pytest.approx(2, abs=0.3)


def test_one_huge_outlier_is_no_hit():
    counts = simulated(np.random.default_rng(6))
    counts[7] = 20
    counts[7, 3] = 200_000
    assert ENGINES["trend"](counts, *design()).tested.p[7] > 0.01


@pytest.mark.slow
def test_two_hundred_samples_of_20_000_genes_take_a_fraction_of_the_limit():
    """The limit is 60 s a cell type; one thread takes some seconds."""
    counts = simulated(np.random.default_rng(8), 20_000, 200, changed=200)
    start = time.process_time()
    found = ENGINES["trend"](counts, *design(200))
    assert time.process_time() - start < 30
    called = benjamini_hochberg(found.tested.p) < 0.05
    assert called[:200].all()
    assert called[200:].sum() <= 0.1 * called.sum()


def test_power_is_that_of_simulated_tests():
    rng = np.random.default_rng(3)
    t = (rng.normal(1.0, 0.4, 200_000)) / (0.4 * np.sqrt(rng.chisquare(7, 200_000) / 7))
    wanted = np.mean(np.abs(t) > stats.t.isf(0.0005, 7))
    assert mean_power(np.full(9, 0.4), 7, 1.0, 1e-3) == pytest.approx(wanted, abs=0.005)
    assert mean_power(np.full(9, 1e-9), np.inf, 1.0, 1e-3) == pytest.approx(1)


@pytest.fixture(scope="module")
def r_numbers(real_data):
    directory = Path(real_data).parent / "reference" / "r"
    if not directory.is_dir():
        pytest.skip("there is no directory reference/r beside that of MASLDATLAS_TEST_DATA")
    return directory


@pytest.fixture(scope="module")
def sums(real_data):
    """Sums of the counts by sample, and the samples: of a cell type of Kang, or of all cells of the glioblastoma."""
    import anndata

    def of(kind):
        adata = anndata.read_h5ad(real_data / f"{KANG if kind else GLIOBLASTOMA}.h5ad")
        adata = adata[(adata.obs["cluster_id"] == kind).to_numpy()] if kind else adata
        samples = adata.obs.groupby("sample_id", observed=True).first()
        codes = pd.Categorical(adata.obs["sample_id"], samples.index).codes
        counts = np.stack([np.asarray(adata.X[codes == at].sum(axis=0)).ravel() for at in range(len(samples))], axis=1)
        names = list(samples.index)
        if kind:
            return adata.var_names, counts.astype(float), [n.startswith("stim") for n in names], [n[4:] for n in names]
        return adata.var_names, counts.astype(float), samples["condition"] == "panobinostat", samples["patient_id"]

    return of


@pytest.mark.real
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("pairing", ["paired", "unpaired"])
def test_every_number_is_rs(r_numbers, sums, kind, pairing):
    genes, counts, side, donors = sums(kind)
    matrix = np.column_stack([np.ones(len(side)), np.array(side, dtype=float)])
    if pairing == "paired":
        matrix = np.column_stack([matrix, pd.get_dummies(list(donors), drop_first=True).to_numpy(float)])
    contrast = np.eye(matrix.shape[1])[1]
    kept = enough_counts(counts, int(min(np.sum(side), len(side) - np.sum(side))))
    name = f"kang2v2__{kind.replace('+', '').replace(' ', '-')}" if kind else "gbm5paired__all"
    for engine, run in ENGINES.items():
        wanted = pd.read_csv(r_numbers / f"{name}.{pairing}.limma{engine}.csv", index_col=0)
        assert set(genes[kept]) == set(wanted.index), "the same genes as filterByExpr"
        found = run(counts[genes.get_indexer(wanted.index)], matrix, contrast)
        tolerance = {"trend": 1e-9, "voom": 1e-6}[engine]
        np.testing.assert_allclose(found.tested.effect, wanted["log2FC"], atol=tolerance)
        np.testing.assert_allclose(found.tested.stat, wanted["stat"], atol=tolerance)
        np.testing.assert_allclose(found.tested.p, wanted["pvalue"], rtol=1e-8 if engine == "trend" else 1e-5)
        np.testing.assert_allclose(benjamini_hochberg(found.tested.p), wanted["padj"], rtol=1e-5)
        np.testing.assert_allclose(found.mean, wanted["AveExpr"], atol=1e-9)
        assert found.tested.df_prior == pytest.approx(wanted["dfprior"].iloc[0], rel=1e-6)


@pytest.mark.parametrize("trim", [0.0, 0.05, 0.3, 0.45])
def test_values_are_trimmed_as_by_their_mid_ranks(trim):
    """Ties across the limits, one value alone, all the same, and infinite ones."""
    rng = np.random.default_rng(3)
    sets = [rng.integers(0, top, n) / 4 for top in (2, 5, 1000) for n in (1, 2, 3, 7, 40, 501)]
    for values in [*sets, np.zeros(9), np.array([-np.inf, 0.0, 0.0, np.inf])]:
        rank, low = stats.rankdata(values), np.floor(values.size * trim) + 1
        expected = (rank >= low) & (rank <= values.size + 1 - low)
        np.testing.assert_array_equal(normalization._within(values, trim), expected)
