"""One gene against all, from a store on disk: every number against scipy, whatever the workers."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from scipy import special, stats

from core.analysis.correlation import COLUMNS, METHODS, CorrelationParams, correlates, doubled_ranks
from core.analysis.correlation_matrix import MatrixParams, gene_matrix
from core.atlas.catalog import Catalog
from core.compute.executor import Workers, balanced
from core.errors import InvalidQuery, UnknownGene
from core.kernels import correlation as kernels
from core.selection.masks import mask_of
from core.selection.model import Selection
from tests.factories import imported, tiny

ASKS = [(method, drop_zeros) for method in METHODS for drop_zeros in (False, True)]
REAL = {
    "human_pbmc_kang2018_ifnb_2donors": ("ISG15", ["group_id=stim", "cluster_id=B cells"]),
    "human_liver_he2020_ahca": ("CD74", ["seurat_clusters=1", "seurat_clusters=2"]),
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr": ("Afp", ["first=True"]),
}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    directory = tmp_path_factory.mktemp("correlation")
    imported(directory / "data", tiny(directory / "liver.h5ad", n_cells=90), species="human")
    return Catalog(directory / "data").get("human/liver")


def check(atlas, params, table, genes):
    """Compare rows of a table with scipy."""
    mask = mask_of(atlas, params.selection)
    layer = atlas.layer(params.layer)
    x = layer.dense(atlas.genes.resolve(params.gene)).astype(np.float64)
    rows = {row["gene"]: row for row in table.to_pylist()}
    for gene in genes:
        row, y = rows[gene], layer.dense(atlas.genes.resolve(gene)).astype(np.float64)
        used = mask & (x != 0) & (y != 0) if params.drop_zeros else mask
        assert row["n"] == used.sum()
        assert row["pct_expressing"] == pytest.approx(100 * (y[mask] > 0).mean())
        if used.sum() < 2 or np.ptp(x[used]) == 0 or np.ptp(y[used]) == 0:
            assert np.isnan(row["r"])
            assert np.isnan(row["p"])
            continue
        expected = (stats.pearsonr if params.method == "pearson" else stats.spearmanr)(x[used], y[used])
        assert row["r"] == pytest.approx(expected.statistic, abs=1e-9)
        n, seen = used.sum(), [(it[mask] > 0).sum() for it in (x, y)]
        one, other = (stats.rankdata(it[used]) if params.method == "spearman" else it[used] for it in (x, y))
        skewed = n > 2 and abs(stats.skew(one) * stats.skew(other)) * np.sqrt(n - 1) / (n - 2) > 0.1
        if n < 3 or (n > 9 and not params.drop_zeros and seen[0] * seen[1] / mask.sum() < 5):
            assert np.isnan(row["p"])
            assert row["why"].startswith("no p")
        elif n < 10:
            if n < 8:
                exact = stats.pearsonr(one, other, method=stats.PermutationMethod(n_resamples=np.inf))
                assert row["p"] == pytest.approx(exact.pvalue, rel=1e-9)
            assert not row["why"].startswith("no p")
        elif expected.pvalue < 1e-3 and (skewed or (params.method == "spearman" and n < 30)):
            assert row["p"] >= expected.pvalue * (1 - 1e-5)
        elif abs(row["r"]) < 1 - 1e-9:
            assert row["p"] == pytest.approx(max(expected.pvalue, 2 / special.factorial(n)), rel=1e-5, abs=1e-300)


@pytest.mark.parametrize(("method", "drop_zeros"), ASKS)
@pytest.mark.parametrize("layer", ["expression", "counts"])
@pytest.mark.parametrize("where", [[], ["Group=MASH"], ["CellType=Hepatocyte", "CellType=Kupffer cell", "Group=MASH"]])
def test_every_gene_is_scipys(atlas, pool, method, drop_zeros, layer, where):
    params = CorrelationParams.of(atlas, "alb", method, layer, drop_zeros=drop_zeros, selection=Selection.parse(where))
    table = correlates(atlas, params, pool)
    assert tuple(table.column_names) == COLUMNS
    others = [name for name in atlas.genes.names if name != params.gene]
    assert sorted(table["gene"].to_pylist()) == sorted(others)
    check(atlas, params, table, others)


@pytest.mark.real
@pytest.mark.parametrize(
    # The mouse has no map, and its import computes one.
    "file",
    [pytest.param(file, marks=pytest.mark.slow if "mouse" in file else ()) for file in REAL],
)
@pytest.mark.parametrize(("method", "drop_zeros"), ASKS)
def test_real_cells(real_data, tmp_path_factory, pool, file, method, drop_zeros):
    data = tmp_path_factory.getbasetemp() / "real-correlation"
    species = file.split("_")[0]
    catalog = Catalog(data)
    if f"{species}/{file}" not in catalog.ids():
        imported(data, real_data / f"{file}.h5ad", species=species)
    atlas = catalog.get(f"{species}/{file}")
    gene, where = REAL[file]
    gene = gene if gene in atlas.genes.names else atlas.genes.names[3]
    for filters in ([], where):
        for info in atlas.manifest.layers:
            params = CorrelationParams.of(
                atlas, gene, method, info.name, drop_zeros=drop_zeros, selection=Selection.parse(filters)
            )
            table = correlates(atlas, params, pool)
            found = table["gene"].to_pylist()
            some = np.random.default_rng(0).choice(found, 60, replace=False)
            check(atlas, params, table, [*found[:20], *some])


def test_the_order_is_falling_then_by_name_with_nan_last(atlas, pool):
    table = correlates(atlas, CorrelationParams.of(atlas, "ALB"), pool)
    r, genes = np.abs(table["r"].to_numpy()), table["gene"].to_pylist()
    keys = [(-value if np.isfinite(value) else 1, gene) for value, gene in zip(r, genes, strict=True)]
    assert keys == sorted(keys)


@pytest.mark.parametrize(("method", "drop_zeros"), ASKS)
def test_workers_change_nothing(atlas, method, drop_zeros):
    params = CorrelationParams.of(atlas, "ALB", method, drop_zeros=drop_zeros)
    tables = []
    for n in (1, 2, 7):
        workers = Workers(ThreadPoolExecutor(n))
        tables.append(correlates(atlas, params, workers))
        workers.close()
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_tasks_travel_to_other_processes(atlas):
    """As they would to Dask: a task holds its layer's path, never the mapped file."""
    params = CorrelationParams.of(atlas, "ALB", drop_zeros=True)
    there = Workers(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
    here = Workers(ThreadPoolExecutor(1))
    try:
        assert correlates(atlas, params, there).equals(correlates(atlas, params, here))
    finally:
        there.close()
        here.close()


def test_blocks_cover_every_gene_once():
    rng = np.random.default_rng(0)
    for n_genes in (1, 2, 5, 300):
        indptr = np.concatenate([[0], np.cumsum(rng.integers(0, 50, n_genes))])
        blocks = balanced(indptr, 48)
        assert [gene for start, stop in blocks for gene in range(start, stop)] == list(range(n_genes))


def test_ranks_read_off_the_store_are_scipys(atlas):
    for selection in (Selection(), Selection.parse(["Group=MASH"])):
        mask = mask_of(atlas, selection)
        for name in atlas.genes.names:
            gene = atlas.genes.resolve(name)
            query = doubled_ranks(atlas.layer(), gene, mask)
            ranks = stats.rankdata(atlas.layer().dense(gene)[mask])
            np.testing.assert_array_equal(query[mask], 2 * ranks - (mask.sum() + 1))
            assert not query[~mask].any()


@pytest.mark.parametrize(("method", "drop_zeros"), ASKS)
def test_a_matrix_is_its_pairs(atlas, method, drop_zeros):
    genes = atlas.genes.names[:6]
    found = gene_matrix(atlas, MatrixParams.of(atlas, genes, method, drop_zeros=drop_zeros))
    assert sorted(found.genes) == sorted(genes)
    np.testing.assert_array_equal(found.r, found.r.T)
    np.testing.assert_array_equal(np.diag(found.r), 1)
    for i, first in enumerate(found.genes):
        for j, second in enumerate(found.genes):
            x, y = (atlas.layer().dense(atlas.genes.resolve(gene)).astype(np.float64) for gene in (first, second))
            used = (x != 0) & (y != 0) if drop_zeros else np.ones(len(x), dtype=bool)
            if i != j:
                reference = stats.pearsonr if method == "pearson" else stats.spearmanr
                assert found.r[i, j] == pytest.approx(reference(x[used], y[used]).statistic, abs=1e-9)
                assert found.n[i, j] == used.sum()


def test_the_leaves_are_ordered_as_scipy_orders_them(atlas):
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    genes = atlas.genes.names[:8]
    found = gene_matrix(atlas, MatrixParams.of(atlas, genes))
    dense = np.stack([atlas.layer().dense(atlas.genes.resolve(gene)) for gene in genes])
    r = stats.spearmanr(dense, axis=1).statistic
    tree = linkage(squareform(1 - r, checks=False), "average", optimal_ordering=True)
    assert found.genes == tuple(genes[at] for at in leaves_list(tree))


def test_what_cannot_be_asked_is_said(atlas, pool):
    with pytest.raises(UnknownGene, match='"ALBB" was not found'):
        CorrelationParams.of(atlas, "ALBB")
    with pytest.raises(InvalidQuery, match="not a method"):
        CorrelationParams.of(atlas, "ALB", "kendall")
    with pytest.raises(InvalidQuery, match="no layer"):
        CorrelationParams.of(atlas, "ALB", layer="scaled")
    nobody = Selection.parse(["CellType=Hepatocyte"], ["score:1000:"])
    with pytest.raises(InvalidQuery, match="contains no cell"):
        correlates(atlas, CorrelationParams.of(atlas, "ALB", selection=nobody), pool)
    with pytest.raises(InvalidQuery, match="2 to 300 genes"):
        MatrixParams.of(atlas, ("ALB", "ALB"))


def test_spearman_refuses_more_cells_than_it_is_exact_for(atlas, pool, monkeypatch):
    monkeypatch.setattr(kernels, "EXACT_CELLS", 10)
    with pytest.raises(InvalidQuery, match="exact up to 10 cells"):
        correlates(atlas, CorrelationParams.of(atlas, "ALB"), pool)
