"""Votes between data sets: MetaNeighbor's published algorithm, written out over the network of all cells."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from core.stats.neighbor_voting import aurocs, profiles


def made(rng, n_cells, means, density=0.4, negative=False):
    n_types, n_genes = means.shape
    codes = rng.integers(0, n_types, n_cells)
    codes[:n_types] = np.arange(n_types)
    dense = rng.poisson(means[codes] * (rng.random((n_cells, n_genes)) < density)).astype(np.float32)
    if negative:
        dense -= dense.mean(axis=0).round() * (rng.random((n_cells, n_genes)) < density)
    return dense, codes


def sparse_of(dense, codes, cells=None, sizes=None):
    sizes = np.bincount(codes) if sizes is None else sizes
    if cells is not None:
        dense, codes = dense[cells], codes[cells]
    rows, columns = np.nonzero(dense)
    mixed = np.random.default_rng(0).permutation(len(rows))
    rows, columns = rows[mixed], columns[mixed]
    return profiles(rows, columns, dense[rows, columns], dense.shape[1], (codes, sizes))


def published(voters, voter_codes, candidates, candidate_codes):
    """MetaNeighbor as it is written down: a network of Spearman correlations, votes of neighbours, node degree."""
    network = np.array([[stats.spearmanr(one, other).statistic for other in voters] for one in candidates])
    network = np.nan_to_num(network) + 1
    found = []
    for kind in range(voter_codes.max() + 1):
        votes = network[:, voter_codes == kind].sum(axis=1) / network.sum(axis=1)
        votes = votes.round(12)
        found.append([roc_auc_score(candidate_codes == other, votes) for other in range(candidate_codes.max() + 1)])
    return np.array(found)


@pytest.mark.filterwarnings("ignore:An input array is constant")
@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_closed_form_is_the_network_vote(seed, negative):
    rng = np.random.default_rng(seed)
    means = rng.gamma(1.0, 3.0, (4, 25))
    one, of_one = made(rng, 40, means, negative=negative)
    # Adversarial: a cell without any count, one in which all genes are equal, identical cells, a dense cell.
    one[5], one[6], one[7], one[8] = 0, 3, one[9], 1 + np.arange(25)
    other, of_other = made(rng, 33, means[:3], negative=negative)
    found = aurocs(sparse_of(one, of_one), sparse_of(other, of_other))
    np.testing.assert_allclose(found, published(one, of_one, other, of_other), atol=1e-9)
    back = aurocs(sparse_of(other, of_other), sparse_of(one, of_one))
    np.testing.assert_allclose(back, published(other, of_other, one, of_one), atol=1e-9)


def test_products_of_profiles_are_spearman():
    rng = np.random.default_rng(1)
    dense, codes = made(rng, 12, rng.gamma(1.0, 3.0, (2, 30)))
    found = sparse_of(dense, codes).above.toarray()
    found -= found.mean(axis=1, keepdims=True)
    expected = stats.spearmanr(dense, axis=1).statistic
    np.testing.assert_allclose(found @ found.T, expected, atol=1e-12)


def test_a_sample_stands_for_all_cells():
    """Types of which a part is drawn keep their weight: AUROC is that of all cells, but for the draw."""
    rng = np.random.default_rng(3)
    means = rng.gamma(1.0, 2.0, (3, 60))
    means[1] = 0.5 * means[0] + 0.5 * means[1]
    dense, codes = made(rng, 3000, means)
    codes = np.where(rng.random(3000) < 0.8, 0, codes)
    dense = rng.poisson(means[codes] * 0.3).astype(np.float32)
    other, of_other = made(rng, 300, means)
    voters = sparse_of(other, of_other)
    whole = aurocs(voters, sparse_of(dense, codes))
    cells = np.concatenate([np.flatnonzero(codes == kind)[:150] for kind in range(3)])
    part = aurocs(voters, sparse_of(dense, codes, cells, np.bincount(codes)))
    unweighted = aurocs(voters, sparse_of(dense, codes, cells, np.bincount(codes[cells])))
    assert np.abs(part - whole).max() < 0.05
    assert np.abs(part - whole).mean() < np.abs(unweighted - whole).mean()


def test_values_of_either_precision_are_ranked_alike():
    """With ties, values below zero and a cell without any, whatever the order of the nonzeros."""
    rng = np.random.default_rng(6)
    cells, values = rng.integers(0, 9, 400), rng.normal(size=400).round(1).astype(np.float32)
    values[values == 0] = 1
    genes = np.arange(400)
    of = (np.zeros(10, dtype=np.int64), np.array([10]))
    one, other = (profiles(cells, genes, each, 400, of) for each in (values, values.astype(np.float64)))
    np.testing.assert_allclose(one.above.toarray(), other.above.toarray(), atol=1e-12)


def test_types_without_cells_and_one_type_alone_are_not_a_number():
    rng = np.random.default_rng(4)
    dense, _ = made(rng, 10, np.full((1, 8), 3.0))
    alone = sparse_of(dense, np.zeros(10, dtype=np.int64))
    assert np.isnan(aurocs(alone, alone)).all()
    codes = np.repeat([0, 2], 5)
    found = aurocs(alone, sparse_of(dense, codes))
    assert np.isnan(found[0, 1])
    assert np.isfinite(found[0, [0, 2]]).all()
