"""Scores of gene sets: ULM against decoupler and against a least-squares fit, mean z against numpy on dense values."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis.extra import numpy as hnp
from scipy import sparse, stats

from core.analysis.gene_set_scores import ScoreParams, cell_moments, expanded, mean_z, score, table, ulm, used
from core.atlas.catalog import Catalog
from core.atlas.kernel_block import block_of
from core.atlas.level_blocks import built
from core.atlas.manifest import LayerInfo
from core.atlas.store import Layer
from core.compute.executor import Workers
from core.errors import InvalidQuery, NotFound, UnknownGene
from core.genes.gene_set_library import GeneSets
from core.genes.lists import look_up
from core.ingest.level_writer import GeneColumns, LevelWriter
from core.kernels import gene_set_sums as kernels
from core.selection.model import Selection
from core.services.provenance import of_scores
from tests.core.ingest._build import counts, dense_of, made, matrix_of
from tests.factories import imported
from tests.level_blocks import FORMS, as_python, leveled

VALUES = st.sampled_from([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.5, -1.0, -3.25, 0.1, 7.0, 1000.0])


@pytest.fixture
def pool():
    workers = Workers(ThreadPoolExecutor(2))
    yield workers
    workers.close()


@pytest.fixture
def atlas(atlas_of):
    """Counts with a silent gene and an empty cell, and layers with negatives, a constant gene, and a constant cell."""
    random = np.random.default_rng(5)
    scaled = random.normal(size=(80, 12)).astype(np.float32)
    flat, level = np.abs(scaled) + np.float32(0.5), np.abs(scaled) + np.float32(0.5)
    flat[:, 4] = np.float32(0.1)
    level[6] = np.float32(0.3)
    obs = pd.DataFrame({"group": pd.Categorical(np.resize(["A", "B"], 80))}, index=[f"cell{at}" for at in range(80)])
    adata = made(counts(80, 12, seed=3), obs=obs, layers={"scaled": scaled, "flat": flat, "level": level})
    return atlas_of(adata, layers=("scaled", "flat", "level"))


@pytest.fixture(scope="module")
def layer_of(tmp_path_factory):
    """Return a function that writes a dense matrix as a layer of a store."""
    made_so_far = iter(range(10_000))

    def layer_of(dense):
        path = tmp_path_factory.getbasetemp() / f"layer{next(made_so_far)}"
        matrix = sparse.csc_array(dense.astype(np.float32))
        matrix.eliminate_zeros()
        indptr = matrix.indptr.astype(np.int64)
        block, statistics = built(matrix.data, matrix.indices, indptr, len(dense)), GeneColumns(len(dense))
        with LevelWriter(path, matrix.nnz, len(dense), matrix.data.dtype) as writer:
            writer.write(block)
            writer.finish(indptr, np.asarray(matrix.sum(axis=1)))
        statistics.add(block)
        statistics.write(path / "stats.parquet", indptr)
        facts = {"unit": "", "rule": "", "integers": False, "minimum": 0.0, "maximum": 0.0}
        return Layer(path, LayerInfo(name="expression", dtype="float32", n_nonzero=matrix.nnz, **facts), len(dense))

    return layer_of


def moments_of(layer):
    moments = np.zeros((layer.n_cells, 2))
    kernels.cell_moments(*block_of(layer, 0, layer.n_genes), moments)
    return pa.table({"sum": moments[:, 0], "squares": moments[:, 1]})


def fitted(dense, genes, weights):
    """The t-value of the slope by scipy, cell by cell, over the genes that any cell expresses."""
    expressed = np.flatnonzero((dense != 0).any(axis=0))
    x = np.zeros(dense.shape[1])
    x[genes] = weights
    x = x[expressed]
    found = np.full(len(dense), np.nan)
    if len(expressed) < 3 or np.ptp(x) == 0 if len(expressed) else True:
        return found
    for cell, values in enumerate(dense[:, expressed].astype(np.float64)):
        if np.ptp(values) == 0:
            continue
        fit = stats.linregress(x, values)
        r = fit.rvalue
        found[cell] = r * np.sqrt((len(x) - 2) / ((1 - r + 2.2e-16) * (1 + r + 2.2e-16)))
    return found


@st.composite
def problems(draw):
    n_cells, n_genes = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    dense = draw(hnp.arrays(np.float32, (n_cells, n_genes), elements=VALUES.map(np.float32)))
    genes = draw(st.lists(st.integers(0, n_genes - 1), min_size=1, max_size=n_genes, unique=True))
    signs = draw(st.lists(st.sampled_from([1.0, -1.0]), min_size=len(genes), max_size=len(genes)))
    return dense, np.array(sorted(genes)), np.array(signs)


@given(problems(), st.booleans())
@example((np.ones((3, 4), dtype=np.float32), np.array([0, 1]), np.ones(2)), False)
@example((np.full((3, 4), np.float32(0.1)), np.array([0, 1]), np.ones(2)), False)
@example((np.zeros((3, 4), dtype=np.float32), np.array([0]), np.ones(1)), False)
@example((np.eye(4, dtype=np.float32), np.arange(4), np.ones(4)), False)
@example((np.eye(4, dtype=np.float32), np.array([2]), np.ones(1)), False)
def test_ulm_is_a_regression_in_each_cell(layer_of, problem, signed):
    dense, genes, signs = problem
    layer = layer_of(dense)
    weights = signs if signed else np.ones(len(genes))
    found = ulm(layer, genes, moments_of(layer), signs if signed else None)
    expected = fitted(dense, genes, weights)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    # A perfect fit has no error to divide by: only that it is beyond all others can be said.
    perfect = np.abs(expected) > 1e6
    assert (np.abs(found[perfect]) > 1e6).all()
    np.testing.assert_allclose(found[~perfect], expected[~perfect], rtol=1e-6, atol=1e-9)


@given(problems())
@example((np.full((5, 2), np.float32(0.1)), np.array([0, 1]), np.ones(2)))
@example((np.array([[1.0, 2.0]], dtype=np.float32), np.array([0, 1]), np.ones(2)))
def test_mean_z_is_that_of_the_dense_matrix(layer_of, problem):
    dense, genes, _ = problem
    found = mean_z(layer_of(dense), genes)
    wide = dense.astype(np.float64)[:, genes]
    wide = wide[:, np.ptp(wide, axis=0) > 0]
    if wide.shape[1]:
        expected = ((wide - wide.mean(axis=0)) / wide.std(axis=0, ddof=1)).mean(axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    else:
        assert np.isnan(found).all()


@pytest.mark.parametrize("layer", ["expression", "counts", "scaled", "flat", "level"])
def test_both_scores_from_a_store(atlas, pool, layer):
    names = ["Gene1", "Gene3", "Gene4", "Gene7"]
    dense = dense_of(atlas.layer(layer)).astype(np.float64)
    genes = np.array([1, 3, 4, 7])
    found = score(atlas, ScoreParams.of(atlas, names, "ulm", layer), cell_moments(atlas, layer, pool))
    np.testing.assert_allclose(found, fitted(dense, genes, np.ones(4)), rtol=1e-8, atol=1e-9)
    varying = dense[:, [gene for gene in genes if np.ptp(dense[:, gene])]]
    expected = stats.zscore(varying, axis=0, ddof=1).mean(axis=1)
    np.testing.assert_allclose(score(atlas, ScoreParams.of(atlas, names, "mean_z", layer)), expected, atol=1e-9)


def test_a_cell_of_one_value_and_an_empty_one_have_no_ulm(atlas, pool):
    for layer, cell in (("counts", 2), ("level", 6)):
        found = score(atlas, ScoreParams.of(atlas, ["Gene1"], "ulm", layer), cell_moments(atlas, layer, pool))
        constant = np.ptp(dense_of(atlas.layer(layer))[:, np.diff(atlas.layer(layer).gene_starts) > 0], axis=1) == 0
        assert constant[cell]
        np.testing.assert_array_equal(np.isnan(found), constant)


def test_sets_without_a_score(atlas, pool):
    moments = cell_moments(atlas, "counts", pool)
    for names in (atlas.genes.names, ["Gene3"]):
        assert np.isnan(score(atlas, ScoreParams.of(atlas, names, "ulm", "counts"), moments)).all()
    assert np.isnan(score(atlas, ScoreParams.of(atlas, ["Gene3"], "mean_z", "counts"))).all()
    assert np.isnan(score(atlas, ScoreParams.of(atlas, ["Gene4"], "mean_z", "flat"))).all()


def test_what_a_score_rests_on_is_told(atlas):
    params = ScoreParams.of(atlas, ["Gene7", "Gene3"], "ulm", "counts")
    assert used(atlas, params) == ("Gene7",)
    told = of_scores(
        atlas, params, None, listed=look_up(atlas.genes, "Gene7 Gene3 Gne7"), cells=Selection.parse(["group=A"])
    )
    assert (told["n_genes"], told["left_out"], told["n_cells"]) == (1, ["Gene3"], 40)
    assert told["unknown"][0]["name"] == "Gne7"
    assert used(atlas, ScoreParams.of(atlas, ["Gene4", "Gene5"], "mean_z", "flat")) == ("Gene5",)


def test_the_order_of_a_list_does_not_matter(atlas):
    assert ScoreParams.of(atlas, ["gene7", "Gene1", "Gene7"]) == ScoreParams.of(atlas, ("Gene1", "Gene7"))


def test_workers_change_nothing(atlas):
    found = []
    for n in (1, 3):
        workers = Workers(ThreadPoolExecutor(n))
        found.append(cell_moments(atlas, "expression", workers))
        workers.close()
    assert found[0].equals(found[1])
    dense = dense_of(atlas.layer()).astype(np.float64)
    np.testing.assert_allclose(found[0]["sum"].to_numpy(), dense.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found[0]["squares"].to_numpy(), (dense**2).sum(axis=1), rtol=1e-12)


def test_a_table_holds_the_selected_cells_in_order(atlas):
    values = np.arange(80) / 7
    found = table(atlas, values, Selection.parse(["group=B"]))
    assert found["cell"].to_pylist() == [f"cell{at}" for at in range(1, 80, 2)]
    np.testing.assert_array_equal(found["score"].to_numpy(), values[1::2])


@pytest.mark.parametrize("form", FORMS)
def test_the_kernels_are_their_own_python(form, monkeypatch):
    rng = np.random.default_rng(4)
    dense = np.round(rng.normal(size=(80, 6)), 1).astype(np.float32) * (rng.random((80, 6)) < 0.7)
    moments, sums = np.zeros((2, 80, 2)), np.zeros((2, 80))
    weights = np.array([1.0, -0.5, 0.0, 2.0, 0.25, -3.0])
    for at in range(2):
        kernels.cell_moments(*leveled(dense, form=form), moments[at])
        kernels.weighted_sums(*leveled(dense, form=form), weights, sums[at])
        as_python(monkeypatch)
    np.testing.assert_array_equal(*moments)
    np.testing.assert_array_equal(*sums)
    wide = dense.astype(np.float64)
    np.testing.assert_allclose(sums[0], wide @ weights, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(moments[0], np.stack([wide.sum(axis=1), (wide**2).sum(axis=1)], axis=1), atol=1e-12)


@pytest.mark.parametrize(
    ("genes", "method", "layer", "error", "words"),
    [
        ([], "", "", InvalidQuery, "needs a gene"),
        (["Gene99"], "", "", UnknownGene, "Gene99"),
        (["Gene1"], "gsea", "", InvalidQuery, "gsea"),
        (["Gene1"], "", "scvi", InvalidQuery, "scvi"),
    ],
)
def test_what_cannot_be_asked(atlas, genes, method, layer, error, words):
    with pytest.raises(error, match=words):
        ScoreParams.of(atlas, genes, method, layer)


def test_a_mounted_set_stands_for_its_genes(tmp_path):
    (tmp_path / "own.gmt").write_text("LIVER\thttps://x\tALB\tAPOA1\n")
    library = GeneSets(tmp_path)
    assert expanded(library, " gmt:own/LIVER ") == "ALB\nAPOA1"
    assert expanded(library, "ALB, gmt") == "ALB, gmt"
    with pytest.raises(NotFound):
        expanded(library, "gmt:own/LUNG")


@pytest.mark.real
def test_mean_z_of_real_cells(real_data, tmp_path):
    imported(tmp_path, real_data / "human_pbmc_kang2018_ifnb_2donors.h5ad", species="human")
    atlas = Catalog(tmp_path).get("human/human_pbmc_kang2018_ifnb_2donors")
    genes = np.sort(np.random.default_rng(2).choice(len(atlas.genes), 60, replace=False))
    for info in atlas.manifest.layers:
        layer = atlas.layer(info.name)
        dense = np.column_stack([layer.dense(gene) for gene in genes]).astype(np.float64)
        expected = stats.zscore(dense[:, np.ptp(dense, axis=0) > 0], axis=0, ddof=1).mean(axis=1)
        np.testing.assert_allclose(mean_z(layer, genes), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.real
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    # The mouse has no map, and its import computes one.
    "file",
    [
        pytest.param("human_pbmc_kang2018_ifnb_2donors", marks=pytest.mark.slow(representative=True)),
        pytest.param("mouse_fetal_liver_scHOT_hepatobranch_logexpr", marks=pytest.mark.slow),
    ],
)
def test_real_cells_are_decouplers(real_data, tmp_path_factory, pool, file, signed):
    """decoupler leaves out genes and cells without any value, and by default sets of fewer than five genes."""
    import anndata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import decoupler

    data, species = tmp_path_factory.getbasetemp() / "real-scores", file.split("_")[0]
    catalog = Catalog(data)
    if f"{species}/{file}" not in catalog.ids():
        imported(data, real_data / f"{file}.h5ad", species=species)
    atlas = catalog.get(f"{species}/{file}")
    layer = atlas.layer()
    adata = anndata.AnnData(sparse.csr_matrix(matrix_of(layer)).astype(np.float64))
    adata.var_names = list(atlas.genes.names)
    moments = cell_moments(atlas, "expression", pool)
    random = np.random.default_rng(1)
    sizes = {"one": 1, "five": 5, "fifty": 50, "many": len(atlas.genes) // 3}
    sets = {name: np.sort(random.choice(len(atlas.genes), size, replace=False)) for name, size in sizes.items()}
    weights = {name: random.choice([1.0, -1.0], len(genes)) if signed else None for name, genes in sets.items()}
    net = pd.concat(
        pd.DataFrame(
            {
                "source": name,
                "target": adata.var_names[genes].to_numpy(),
                "weight": 1.0 if weights[name] is None else weights[name],
            }
        )
        for name, genes in sets.items()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = decoupler.mt.ulm(adata, net, tmin=1) or adata
    expected = found.obsm["score_ulm"].reindex(adata.obs_names)
    assert len(expected.columns) >= 3
    for name in expected.columns:
        scores = ulm(layer, sets[name].astype(np.int64), moments, weights[name])
        np.testing.assert_allclose(scores, expected[name], rtol=1e-6, atol=1e-6)
        assert np.isfinite(scores).mean() > 0.9
