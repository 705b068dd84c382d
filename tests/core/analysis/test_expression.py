"""One gene in some cells, against pandas and scipy."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gaussian_kde

from core.analysis.distributions import MIN_DENSITY_CELLS, densities, summarise
from core.analysis.expression import NOT_GIVEN, expression_of, overview
from core.analysis.gene_set_scores import Scores
from core.atlas.store import COUNTS
from core.errors import InvalidQuery, UnknownGene
from core.genes.examples import example_gene
from core.selection.model import Selection
from tests.core.ingest._build import as_dense, counts, logged, made

N = 400
RAW = counts(N, 6, seed=8)


@pytest.fixture
def atlas(atlas_of):
    random = np.random.default_rng(4)
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(random.choice(["a", "b", "c", None], N, p=[0.5, 0.3, 0.1, 0.1])),
            "group": pd.Categorical(random.choice(["MASH", "Healthy"], N)),
        },
        index=[f"cell{i}" for i in range(N)],
    )
    return atlas_of(made(RAW, obs=obs))


def test_a_gene_in_every_cell(atlas):
    found = expression_of(atlas, "gene5")
    assert (found.gene, found.gene_id, found.index, found.layer, found.unit) == (
        "Gene5",
        "Gene5",
        5,
        "expression",
        "log1p(CP10k)",
    )
    np.testing.assert_allclose(found.values, logged(as_dense(RAW))[:, 5], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(expression_of(atlas, "Gene5", COUNTS).values, as_dense(RAW)[:, 5])
    assert expression_of(atlas, "Gene5", "").layer == "expression"
    with pytest.raises(UnknownGene):
        expression_of(atlas, "ALB")
    with pytest.raises(InvalidQuery):
        expression_of(atlas, "Gene5", "scvi")


def frame_of(atlas, expression):
    columns = {name: atlas.categorical(name) for name in ("cell_type", "group")}
    return pd.DataFrame(
        {
            name: [NOT_GIVEN if code < 0 else column.categories[code] for code in column.codes]
            for name, column in columns.items()
        }
        | {"value": expression.values.astype(np.float64)}
    )


@pytest.mark.parametrize("where", [[], ["group=MASH"], ["cell_type=a"], ["cell_type="]])
def test_summaries_are_those_of_pandas(where, atlas):
    expression = expression_of(atlas, "Gene5")
    frame = frame_of(atlas, expression)
    for text in where:
        column, _, value = text.partition("=")
        frame = frame[frame[column] == (value or NOT_GIVEN)]
    summaries = summarise(atlas, expression, "cell_type", Selection.parse(where))
    assert [each.category for each in summaries][:3] == ["a", "b", "c"]
    assert sum(each.n for each in summaries) == len(frame)
    for each in summaries:
        values = frame.loc[frame["cell_type"] == each.category, "value"]
        assert each.n == len(values)
        assert each.n_expressing == (values > 0).sum()
        if not each.n:
            assert math.isnan(each.mean)
            assert math.isnan(each.median)
            assert math.isnan(each.pct_expressing)
            continue
        expected = [values.mean(), values.median(), *values.quantile([0.25, 0.75]), 100 * (values > 0).mean()]
        found = [each.mean, each.median, each.quartile_1, each.quartile_3, each.pct_expressing]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_cells_without_a_category_come_last_and_only_where_there_are_any(atlas):
    expression = expression_of(atlas, "Gene5")
    assert [each.category for each in summarise(atlas, expression, "cell_type", Selection())] == [
        "a",
        "b",
        "c",
        NOT_GIVEN,
    ]
    assert [each.category for each in summarise(atlas, expression, "cell_type", Selection.parse(["cell_type=b"]))] == [
        "a",
        "b",
        "c",
    ]
    assert [each.category for each in summarise(atlas, expression, "group", Selection())] == ["Healthy", "MASH"]


def test_densities_are_those_of_scipy_over_the_cells(atlas):
    expression = expression_of(atlas, "Gene5")
    frame = frame_of(atlas, expression)
    for summary, density in zip(
        summarise(atlas, expression, "cell_type", Selection()),
        densities(atlas, expression, "cell_type", Selection()),
        strict=True,
    ):
        values = frame.loc[frame["cell_type"] == summary.category, "value"].to_numpy()
        # More than half of the values are zeros: the bins must not change the spread.
        expected = gaussian_kde(values)(density.grid)
        np.testing.assert_allclose(density.height, expected / expected.max(), atol=0.02)
        assert (density.grid[0], density.grid[-1]) == (values.min(), values.max())
        assert density.height.max() == 1


def test_a_selection_in_numbers(atlas):
    expression = expression_of(atlas, "Gene5")
    found = overview(atlas, expression, Selection.parse(["group=MASH"]), "X_umap")
    frame = frame_of(atlas, expression)
    frame = frame[frame["group"] == "MASH"]
    assert (found.n, found.n_expressing, found.n_samples) == (len(frame), (frame["value"] > 0).sum(), None)
    assert found.n_unplaced == 0
    assert found.pct_expressing == pytest.approx(100 * (frame["value"] > 0).mean())


def test_samples_and_cells_without_a_place_are_counted(atlas_of):
    adata = made(counts(6, 4), obs=pd.DataFrame({"donor": ["a", "a", "b", None, "c", "c"]}, index=list("abcdef")))
    adata.obsm["X_umap"][[1, 4]] = np.nan
    atlas = atlas_of(adata)
    found = overview(atlas, expression_of(atlas, "Gene1"), Selection(), "X_umap")
    assert (found.n, found.n_samples, found.n_unplaced) == (6, 3, 2)
    found = overview(atlas, expression_of(atlas, "Gene1"), Selection.parse(["donor=a"]), "X_umap")
    assert (found.n, found.n_samples, found.n_unplaced) == (2, 1, 1)
    nobody = overview(atlas, expression_of(atlas, "Gene1"), Selection.parse(["donor=a", "donor="]))
    assert (nobody.n, nobody.n_samples, nobody.n_unplaced) == (3, 1, 0)


def test_an_example_is_a_known_marker_that_is_expressed(atlas_of):
    silent = counts(6, 4).toarray()
    silent[:, 1] = 0
    silent[:, 2] = 5
    atlas = atlas_of(made(silent, var=pd.DataFrame(index=["X", "Alb", "Cyp2e1", "Z"])))
    assert example_gene(atlas) == "Cyp2e1"


def test_without_a_marker_the_example_is_the_most_variable_gene(atlas_of):
    matrix = np.array([[1, 9, 0], [1, 0, 0], [1, 0, 0]], dtype=np.float32) + 0.5
    matrix[:, 2] = 0
    assert example_gene(atlas_of(made(matrix))) == "Gene1"
    assert example_gene(atlas_of(made(np.zeros((3, 2), dtype=np.float32)), name="none")) == "Gene0"


def test_no_density_is_made_up(atlas):
    nothing = expression_of(atlas, "Gene3")
    assert not nothing.values.any()
    assert all(not each.grid.size for each in densities(atlas, nothing, "cell_type", Selection()))
    few = Selection.parse(["cell_type=c", "group=MASH"])
    found = densities(atlas, expression_of(atlas, "Gene5"), "cell_type", few)
    assert [bool(each.grid.size) for each in found] == [False, False, True]
    assert MIN_DENSITY_CELLS == 5


def test_cells_without_a_score_count_nowhere(atlas):
    column = atlas.categorical("group")
    values = np.where(np.arange(N) % 5 == 0, np.nan, np.linspace(-3, 3, N))
    values[column.codes == 0] = np.nan
    nothing, some = summarise(atlas, Scores(values), "group", Selection())
    assert (nothing.n, math.isnan(nothing.median)) == (0, True)
    given = values[(column.codes == 1) & ~np.isnan(values)]
    assert some.n == len(given)
    np.testing.assert_allclose([some.mean, some.median], [given.mean(), np.median(given)], rtol=1e-12)
    empty, found = densities(atlas, Scores(values), "group", Selection())
    assert empty.grid.size == 0
    assert (found.grid[0], found.grid[-1]) == (given.min(), given.max())
