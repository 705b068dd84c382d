"""ULM and MLM against statsmodels and decoupler, and where they have no value."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from core.stats.activity import multivariate, univariate


def example(seed=0, n=300, n_sources=6):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(n_sources, n)) * (rng.random((n_sources, n)) < 0.2)
    stat = 3 * weights[0] - 2 * weights[1] + rng.standard_t(5, n) + 1.5
    return stat, csr_array(weights)


@given(st.integers(0, 10_000), st.integers(8, 60), st.floats(-1e3, 1e3))
@settings(max_examples=40, deadline=None)
def test_ulm_is_the_t_of_least_squares(seed, n, shift):
    stat, weights = example(seed, n)
    stat = stat + shift
    found = univariate(stat, weights)
    for at, row in enumerate(weights.toarray()):
        if len(np.unique(row)) < 2:
            assert np.isnan(found.t[at])
            continue
        fit = sm.OLS(stat, sm.add_constant(row)).fit()
        np.testing.assert_allclose(found.t[at], fit.tvalues[1], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found.p[at], fit.pvalues[1], rtol=1e-6)
    assert found.df == n - 2


@given(st.integers(0, 10_000), st.integers(12, 60))
@settings(max_examples=40, deadline=None)
def test_mlm_is_the_t_of_least_squares(seed, n):
    stat, weights = example(seed, n, n_sources=4)
    found = multivariate(stat, weights)
    design = sm.add_constant(weights.toarray().T)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return
    fit = sm.OLS(stat, design).fit()
    np.testing.assert_allclose(found.t, fit.tvalues[1:], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.p, fit.pvalues[1:], rtol=1e-6)
    assert found.df == n - 5


@pytest.mark.parametrize("model", [univariate, multivariate])
def test_the_sign_of_a_target_counts_and_its_order_does_not(model):
    stat, weights = example()
    found = model(stat, weights)
    assert found.t[0] > 5 > -5 > found.t[1]
    np.testing.assert_allclose(model(stat, -weights).t, -found.t)
    np.testing.assert_allclose(model(-stat, weights).t, -found.t)
    order = np.random.default_rng(1).permutation(len(stat))
    np.testing.assert_allclose(model(stat[order], csr_array(weights.toarray()[:, order])).t, found.t)
    np.testing.assert_allclose(model(stat * 7, weights * 2).t, found.t)


def test_sources_that_cannot_be_told_apart_have_no_activity():
    stat, weights = example(n_sources=4)
    dense = weights.toarray()
    dense = np.vstack([dense, 2 * dense[1], np.zeros(300), np.ones(300)])
    found = multivariate(stat, csr_array(dense))
    assert np.isnan(found.t).tolist() == [False, True, False, False, True, True, True]
    fit = sm.OLS(stat, sm.add_constant(dense[:4].T)).fit()
    np.testing.assert_allclose(found.t[[0, 2, 3]], fit.tvalues[[1, 3, 4]], rtol=1e-8)
    assert found.df == 300 - 5
    alone = univariate(stat, csr_array(dense))
    assert np.isnan(alone.t).tolist() == [False] * 5 + [True, True]


def test_nothing_to_explain():
    _, weights = example()
    for stat in (np.full(300, 2.5), np.zeros(300)):
        assert np.isnan(univariate(stat, weights).t).all()
        assert np.isnan(multivariate(stat, weights).t).all()
    few = csr_array(np.eye(5))
    assert np.isnan(multivariate(np.arange(5.0), few).t).all()
    assert np.isnan(univariate(np.arange(2.0), csr_array(np.eye(2))).t).all()
    assert len(univariate(np.arange(9.0), csr_array((0, 9))).t) == 0


@pytest.mark.slow
def test_decoupler_agrees():
    import decoupler as dc
    import pandas as pd

    stat, weights = example()
    genes = [f"G{at}" for at in range(len(stat))]
    source, target = weights.nonzero()
    net = pd.DataFrame(
        {"source": [f"S{at}" for at in source], "target": [genes[at] for at in target], "weight": weights.data}
    )
    table = pd.DataFrame([stat], columns=genes, index=["x"])
    for method, model in ((dc.mt.ulm, univariate), (dc.mt.mlm, multivariate)):
        scores, _ = method(table, net, tmin=3)
        np.testing.assert_allclose(
            model(stat, weights).t, scores[[f"S{at}" for at in range(6)]].to_numpy()[0], rtol=1e-9
        )
