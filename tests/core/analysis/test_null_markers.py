"""Null experiments: groups drawn at random have no markers, so almost no run may find one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.markers import markers
from core.atlas.catalog import Catalog
from core.compute.executor import Workers
from core.selection.model import Selection
from core.stats.multiple_testing import benjamini_hochberg
from tests.core.ingest._build import matrix_of
from tests.factories import imported
from tests.stores import written

N_CELLS = 500
SIZES = (3, 10, 20, 50)
# Share of runs with any false finding at BH 0.05 that is still accepted.
BOUND = 0.1


@pytest.fixture
def pool():
    """One worker."""
    workers = Workers(ThreadPoolExecutor(1))
    yield workers
    workers.close()


def cells_like_real_ones(n_cells, n_genes, seed=0):
    """log1p(CP10k) of overdispersed counts at a depth of 2,000: half of the genes in a tenth of the cells or fewer."""
    rng = np.random.default_rng(seed)
    means = np.exp(rng.normal(-2.2, 1.8, n_genes))
    depth = rng.lognormal(0, 0.5, (n_cells, 1))
    counts = rng.poisson(means * depth * rng.gamma(2.0, 0.5, (n_cells, n_genes)))
    return np.log1p(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) * 1e4).astype(np.float32)


def columns_of_random_groups(n_cells, size, runs, seed=1):
    """Columns ``run0``, ``run1``...: ``in`` for a random group of some size, ``out`` for the other cells."""
    rng = np.random.default_rng(seed)
    drawn = np.full((runs, n_cells), "out", dtype=object)
    for run in drawn:
        run[rng.choice(n_cells, size, replace=False)] = "in"
    obs = pd.DataFrame({f"run{at}": pd.Categorical(run) for at, run in enumerate(drawn)})
    obs.index = [f"cell{at}" for at in range(n_cells)]
    return obs


def shares(atlas, runs, pool):
    """Shares of runs with any false finding: by p_bh, and by the normal approximation for every gene."""
    found = []
    for run in range(runs):
        rows = markers(atlas, MarkersParams.of(atlas, f"run{run}"), pool)
        rows = rows.slice(0, len(atlas.genes))
        assert rows["category"][0].as_py() == "in"
        plain = benjamini_hochberg(2 * ndtr(-np.abs(rows["score"].to_numpy())))
        found.append([np.nanmin(each) <= 0.05 for each in (rows["p_bh"].to_numpy(), plain)])
    return np.mean(found, axis=0)


@pytest.mark.parametrize("size", SIZES)
def test_random_groups_have_no_markers(tmp_path, pool, size):
    runs = 30
    cells = cells_like_real_ones(N_CELLS, 1000)
    atlas = written(tmp_path, {"expression": cells}, columns_of_random_groups(N_CELLS, size, runs))
    share, by_the_normal_alone = shares(atlas, runs, pool)
    assert share < BOUND
    # The bound can fail: it does for p by the normal approximation wherever it is used for every gene.
    assert by_the_normal_alone > BOUND


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 20, 200])
@pytest.mark.parametrize("file", ["human_liver_he2020_ahca", "human_pancreas_baron2016_4donors"])
def test_random_groups_of_real_cells_have_no_markers(real_data, tmp_path, pool, file, size):
    imported(tmp_path / "import", real_data / f"{file}.h5ad", species="human")
    layer = Catalog(tmp_path / "import").get(f"human/{file}").layer()
    cells = np.sort(np.random.default_rng(4).choice(layer.n_cells, N_CELLS, replace=False))
    matrix = matrix_of(layer)
    runs = 50
    obs = columns_of_random_groups(N_CELLS, size, runs)
    atlas = written(tmp_path / "part", {"expression": matrix.tocsr()[cells]}, obs)
    assert shares(atlas, runs, pool)[0] < BOUND


@pytest.mark.parametrize("size", [3, 20])
def test_random_selections_do_not_differ(tmp_path, pool, size):
    runs = 30
    cells = cells_like_real_ones(N_CELLS, 1000, seed=5)
    atlas = written(tmp_path, {"expression": cells}, columns_of_random_groups(N_CELLS, size, runs, seed=6))
    found = []
    for run in range(runs):
        a, b = (Selection.parse([f"run{run}={name}"]) for name in ("in", "out"))
        rows = markers(atlas, ComparisonParams.of(atlas, a, b), pool)
        found.append(np.nanmin(rows["p_bh"].to_numpy()) <= 0.05)
    assert np.mean(found) < BOUND


def test_random_groups_of_signed_values_have_no_markers(tmp_path, pool):
    runs, size = 30, 10
    cells = cells_like_real_ones(N_CELLS, 1000, seed=7)
    scaled = np.clip((cells - cells.mean(axis=0)) / np.maximum(cells.std(axis=0), 1e-6), -10, 10)
    obs = columns_of_random_groups(N_CELLS, size, runs)
    atlas = written(tmp_path, {"expression": scaled}, obs, scales={"expression": "signed"})
    share, by_the_normal_alone = shares(atlas, runs, pool)
    assert share < BOUND < by_the_normal_alone


def test_p_is_exact_where_few_cells_express_a_gene(tmp_path, pool):
    """One of three cells of 500: 3/500, not the 6.5e-38 of the normal distribution."""
    cells = np.zeros((N_CELLS, 3), dtype=np.float32)
    cells[0, 0] = cells[3, 1] = 2.0
    cells[:, 2] = np.random.default_rng(0).gamma(3.0, 1.0, N_CELLS)
    kinds = pd.Categorical(np.where(np.arange(N_CELLS) < 3, "few", "many"))
    obs = pd.DataFrame({"CellType": kinds}, index=[f"cell{at}" for at in range(N_CELLS)])
    atlas = written(tmp_path, {"expression": cells}, obs)
    rows = markers(atlas, MarkersParams.of(atlas), pool).to_pandas()
    few = rows[rows["category"] == "few"].set_index("gene")
    assert few.loc["gene000", "p"] == pytest.approx(0.006, rel=1e-9)
    assert few.loc["gene000", "score"] > 12
    assert few.loc["gene001", "p"] == pytest.approx(1.0)
    assert few["why"].str.startswith("Fisher's exact p of cells above 0").all()
    assert few.index[-1] == "gene000", "a gene of one cell does not lead"


def test_a_gene_that_really_marks_a_small_group_is_found(tmp_path, pool):
    cells = cells_like_real_ones(N_CELLS, 800, seed=8)
    cells[:, 0] = 0
    cells[:9, 0] = cells[400, 0] = 2.5
    kinds = pd.Categorical(np.where(np.arange(N_CELLS) < 10, "small", "other"))
    atlas = written(
        tmp_path, {"expression": cells}, pd.DataFrame({"CellType": kinds}, index=[f"c{at}" for at in range(N_CELLS)])
    )
    rows = markers(atlas, MarkersParams.of(atlas), pool).to_pandas()
    best = rows[rows["category"] == "small"].iloc[0]
    assert (best["gene"], best["p_bh"] < 1e-10) == ("gene000", True)


def test_signed_values_have_an_exact_p_too(tmp_path, pool):
    cells = cells_like_real_ones(N_CELLS, 60, seed=9)
    cells[:, 0] = 0
    cells[:2, 0] = 2.5
    cells[:30, 1] += 4
    scaled = (cells - cells.mean(axis=0)) / np.maximum(cells.std(axis=0), 1e-6)
    kinds = pd.Categorical(np.where(np.arange(N_CELLS) < 30, "small", "other"))
    obs = pd.DataFrame({"CellType": kinds}, index=[f"cell{at}" for at in range(N_CELLS)])
    atlas = written(tmp_path, {"expression": scaled}, obs, scales={"expression": "signed"})
    rows = markers(atlas, MarkersParams.of(atlas), pool).to_pandas()
    small = rows[rows["category"] == "small"].reset_index(drop=True)
    assert small.loc[0, "gene"] == "gene001"
    rare = small[small["gene"] == "gene000"].iloc[0]
    assert (rare["why"], rare["score"] > 5) == ("Fisher's exact p of cells above 0", True)
    assert rare["p"] == pytest.approx(30 * 29 / (500 * 499), rel=1e-9)
    assert rare.name > 20, "two cells do not lead"
