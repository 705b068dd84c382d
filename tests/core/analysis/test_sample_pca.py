"""Principal components of samples, against an independent computation."""

import numpy as np
import pytest

from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams, design
from core.analysis.pseudobulk import sums_of
from core.analysis.sample_pca import DEPTH, r_squared, sample_pca
from core.analysis.sides import Sides
from core.errors import InvalidQuery
from core.selection.model import Selection
from core.stats.normalization import enough_counts, log_cpm, tmm_factors
from tests.factories import cohort


@pytest.fixture
def atlas(atlas_of):
    return atlas_of(cohort(), species="human")


def test_scores_are_those_of_the_covariance_of_the_samples(atlas, pool):
    params = DifferencesParams.of(atlas, DesignParams.of(atlas, Sides.of(atlas)), "Hepatocyte")
    found = sample_pca(atlas, params, ["Group", "Age"], pool)
    model = design(atlas, params)
    counts = sums_of(atlas, params.design.units, "CellType", pool).counts[:, 0, model.kept].astype(float)
    counts = counts[enough_counts(counts, 4)]
    values = log_cpm(counts, counts.sum(axis=0) * tmm_factors(counts)).T
    centred = values - values.mean(axis=0)
    # Of the samples instead of the genes: the eigenvectors of their inner products.
    squares, vectors = np.linalg.eigh(centred @ centred.T)
    order = np.argsort(squares)[::-1][:4]
    np.testing.assert_allclose(np.abs(found.scores), np.abs(vectors[:, order] * np.sqrt(squares[order])), atol=1e-9)
    np.testing.assert_allclose(found.shares, squares[order] / squares.sum(), atol=1e-12)
    assert (np.max(found.scores, axis=0) >= -np.min(found.scores, axis=0)).all()
    # Rows are the columns asked for, and the depth, by the regression of numpy.
    assert found.explained.shape == (3, 4)
    age = np.array(found.columns["Age"], dtype=float)
    wanted = [np.corrcoef(age, found.scores[:, at])[0, 1] ** 2 for at in range(4)]
    np.testing.assert_allclose(found.explained[1], wanted, atol=1e-12)
    assert DEPTH not in found.columns


def test_two_samples_have_no_components(atlas, pool):
    cells = Selection.of({"Donor": ["d0", "d1"]})
    params = DifferencesParams.of(atlas, DesignParams.of(atlas, Sides.of(atlas), selection=cells), "Hepatocyte")
    with pytest.raises(InvalidQuery, match="needs 2 on each side"):
        sample_pca(atlas, params, [], pool)


def test_a_category_explains_what_its_means_do_and_missing_values_are_left_out():
    scores = np.array([[1.0], [1.0], [3.0], [3.0], [99.0]])
    np.testing.assert_allclose(r_squared(["a", "a", "b", "b", None], scores), [1.0])
    mixed = np.array([[0.0], [2.0], [4.0], [6.0]])
    # Between the groups 16 of a total of 20.
    np.testing.assert_allclose(r_squared(["a", "a", "b", "b"], mixed), [0.8])
    assert np.isnan(r_squared([None, None, None, None], mixed)).all()
