"""Markers from a store on disk: every number against scanpy, scipy and statsmodels, whatever the workers."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from core.analysis.contrasts import MAX_CATEGORIES, MIN_CELLS, ComparisonParams, MarkersParams, by_default
from core.analysis.distributions import densities, summarise, within_groups
from core.analysis.dotplot import DotPlotParams, dots, dots_of_groups
from core.analysis.expression import expression_of
from core.analysis.markers import COLUMNS, MIN_EXPRESSING, markers, rows_of
from core.atlas.catalog import Catalog
from core.compute.executor import Workers
from core.errors import InvalidQuery, UnknownColumn
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.provenance import of_contrast
from tests.factories import imported

REAL = {
    "human_liver_he2020_ahca": 16,
    "human_glioblastoma_panobinostat_5pat_x2": 5,
    # One of its 14 cell types has two cells.
    "human_pancreas_baron2016_4donors": 13,
    "human_pbmc_kang2018_ctrl_8donors": 8,
}
N_CELLS = 120
FEW_GENES = 700


@pytest.fixture
def pool():
    """Two workers."""
    workers = Workers(ThreadPoolExecutor(2))
    yield workers
    workers.close()


def made(n_cells=N_CELLS, *, seed=0, **columns):
    """Integer counts with a constant gene, and columns that are awkward."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.7, 1.2, 30), (n_cells, 30)).astype(np.float32)
    counts[:, 0] = 0
    kind = rng.choice(["b", "a", "c"], n_cells).astype(object)
    kind[:5] = None
    kind[5] = "lonely"
    obs = pd.DataFrame(
        {
            # Not in alphabetical order, and with a category that no cell has.
            "CellType": pd.Categorical(kind, categories=["c", "a", "nobody", "lonely", "b"]),
            "Group": pd.Categorical(np.resize(["Healthy", "MASH"], n_cells)),
            "Sample": pd.Categorical(np.resize(["d1", "d2", "d3"], n_cells)),
            "depth": rng.normal(size=n_cells),
            **columns,
        },
        index=[f"cell{at}" for at in range(n_cells)],
    )
    var = pd.DataFrame(index=[f"gene{at:02}" for at in range(30)])
    adata = anndata.AnnData(sparse.csr_matrix(counts), obs, var)
    adata.obsm["X_umap"] = rng.normal(size=(n_cells, 2)).astype(np.float32)
    adata.layers["scaled"] = rng.normal(size=counts.shape).astype(np.float32)
    return adata


@pytest.fixture
def atlas(atlas_of):
    return atlas_of(made(), species="human", layers=("scaled",))


def exact(table):
    """Rows as texts that tell every digit, and in which NaN is like itself."""
    return [tuple(map(repr, row.values())) for row in table.to_pylist()]


def dense_of(atlas, layer, genes):
    opened = atlas.layer(layer)
    return np.stack([opened.dense(gene) for gene in genes], axis=1)


def by_scanpy(dense, names):
    """What scanpy makes of the cells that have a name; by category, arrays in the order of the genes."""
    import scanpy as sc

    given = np.array([name is not None for name in names])
    obs = pd.DataFrame({"by": pd.Categorical(np.array(names, dtype=object)[given])})
    obs.index = obs.index.astype(str)
    adata = anndata.AnnData(sparse.csr_matrix(dense[given]), obs)
    sizes = obs["by"].value_counts()
    listed = sorted(sizes.index[sizes >= MIN_CELLS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sc.tl.rank_genes_groups(adata, "by", groups=listed, method="wilcoxon", tie_correct=True, pts=True)
    found = adata.uns["rank_genes_groups"]
    answer = {}
    for name in listed:
        order = np.argsort(found["names"][name].astype(int))
        answer[name] = {
            "score": found["scores"][name][order].astype(np.float64),
            "p": found["pvals"][name][order],
            "scanpy_log2fc": found["logfoldchanges"][name][order].astype(np.float64),
            "pct_in": 100 * found["pts"][name].to_numpy(),
            "pct_out": 100 * found["pts_rest"][name].to_numpy(),
        }
    return answer


def compare_with_scanpy(atlas, params, table, genes):
    """Check the numbers of some genes in every category."""
    column = atlas.categorical(params.by)
    mask = mask_of(atlas, params.selection)
    named = [column.categories[code] if code >= 0 else None for code in column.codes[mask]]
    dense = dense_of(atlas, params.layer, genes)[mask]
    expected = by_scanpy(dense, named)
    part = np.array([name is not None for name in named])
    constant = np.ptp(dense[part], axis=0) == 0
    rows = table.to_pandas()
    shown = [name for name in column.categories if name in expected]
    assert list(dict.fromkeys(rows["category"])) == shown
    assert (rows["why"] == "").any(), "there are p of scanpy to compare with"
    for name in shown:
        own = rows[rows["category"] == name].set_index("gene").loc[[atlas.genes.names[gene] for gene in genes]]
        for what, wanted in expected[name].items():
            found, kept = own[what].to_numpy(), np.ones(len(constant), dtype=bool)
            if what in ("score", "p"):
                assert np.isnan(found[constant]).all()
                kept = ~constant
            if what == "p":
                kept = own["why"].to_numpy() == ""
            # scanpy keeps scores and fold changes as float32.
            tolerance = {"rtol": 2e-7, "atol": 1e-6} if what != "p" else {"rtol": 1e-9, "atol": 0}
            np.testing.assert_allclose(found[kept], wanted[kept], **tolerance, err_msg=f"{name} {what}")


@pytest.mark.slow(representative=True)
@pytest.mark.parametrize("where", [[], ["Group=MASH"], ["CellType=a", "CellType=b", "CellType=lonely"]])
def test_every_gene_is_scanpys(atlas, pool, where):
    params = MarkersParams.of(atlas, selection=Selection.parse(where))
    table = markers(atlas, params, pool)
    assert tuple(table.column_names) == COLUMNS
    compare_with_scanpy(atlas, params, table, range(len(atlas.genes)))


@pytest.mark.real
@pytest.mark.parametrize(
    "file", [pytest.param(file, marks=pytest.mark.slow(representative="liver" in file)) for file in REAL]
)
def test_real_cells_are_scanpys(real_data, tmp_path_factory, pool, file):
    data = tmp_path_factory.mktemp("real-markers")
    imported(data, real_data / f"{file}.h5ad", species="human")
    atlas = Catalog(data).get(f"human/{file}")
    params = MarkersParams.of(atlas)
    table = markers(atlas, params, pool)
    assert len(set(table["category"].to_pylist())) == REAL[file]
    n_genes = len(atlas.genes)
    genes = np.random.default_rng(0).permutation(n_genes)[:FEW_GENES].tolist()
    compare_with_scanpy(atlas, params, table, genes)


@pytest.mark.parametrize("layer", ["expression", "counts", "scaled"])
def test_u_and_p_are_scipys_in_every_layer(atlas, pool, layer):
    params = MarkersParams.of(atlas, "CellType", layer)
    rows = markers(atlas, params, pool).to_pandas()
    column = atlas.categorical("CellType")
    part = column.codes >= 0
    dense = dense_of(atlas, layer, range(30)).astype(np.float64)
    for name, own in rows.groupby("category", observed=True):
        inside = column.codes == column.categories.index(name)
        for row in own.itertuples():
            values = dense[:, atlas.genes.resolve(row.gene)]
            x, y = values[inside], values[part & ~inside]
            if np.ptp(values[part]) == 0:
                assert (row.auc, row.log2fc) == (0.5, 0.0)
                assert np.isnan([row.score, row.p, row.p_bh]).all()
                assert row.why == "no p: constant"
                continue
            test = stats.mannwhitneyu(x, y, use_continuity=False, method="asymptotic")
            assert row.auc == pytest.approx(test.statistic / (len(x) * len(y)), abs=1e-12)
            n_in, n_out = (x > 0).sum(), (y > 0).sum()
            if (n_in + n_out) * min(len(x), len(y)) / (len(x) + len(y)) < 5:
                assert row.why.startswith("Fisher's exact p of cells above 0")
            if row.why:
                fisher = stats.fisher_exact([[n_in, n_out], [len(x) - n_in, len(y) - n_out]])
                assert row.p == pytest.approx(fisher.pvalue, rel=1e-9)
            else:
                assert row.p == pytest.approx(test.pvalue, rel=1e-9)
            assert np.sign(row.score) == np.sign(np.round(row.auc - 0.5, 12))
            assert row.pct_in == pytest.approx(100 * (x > 0).mean())
            assert row.pct_out == pytest.approx(100 * (y > 0).mean())
            if layer == "scaled":
                assert np.isnan([row.log2fc, row.scanpy_log2fc]).all()
            elif layer == "counts":
                assert row.log2fc == pytest.approx(np.log2((x.mean() + 0.01) / (y.mean() + 0.01)), abs=1e-9)
                assert np.isnan(row.scanpy_log2fc)
            else:
                linear = np.expm1(x).mean() + 0.01, np.expm1(y).mean() + 0.01
                assert row.log2fc == pytest.approx(np.log2(linear[0] / linear[1]), abs=1e-8)
                ratio = (np.expm1(x.mean()) + 1e-9) / (np.expm1(y.mean()) + 1e-9)
                assert row.scanpy_log2fc == pytest.approx(np.log2(ratio), abs=1e-9)


def test_bh_is_within_a_category_over_the_genes_that_have_a_p(atlas, pool):
    from statsmodels.stats.multitest import multipletests

    rows = markers(atlas, MarkersParams.of(atlas), pool).to_pandas()
    for _, own in rows.groupby("category", observed=True):
        tested = own[own["p"].notna()]
        assert len(tested) == 29
        assert own["p_bh"].isna().sum() == 1
        np.testing.assert_allclose(tested["p_bh"], multipletests(tested["p"], method="fdr_bh")[1], rtol=1e-12)


def test_the_order_is_that_of_the_column_then_falling_score_then_name(atlas, pool):
    table = markers(atlas, MarkersParams.of(atlas, layer="counts"), pool).to_pylist()
    shown = ["c", "a", "b"]
    atlas_sizes = MarkersParams.of(atlas).groups(atlas)
    sizes = dict(zip(atlas_sizes.names, atlas_sizes.sizes, strict=True))
    # Fewer than three cells of a category do not lead its genes.
    few = [row["score"] > 0 and round(row["pct_in"] * sizes[row["category"]] / 100) < MIN_EXPRESSING for row in table]
    keys = [
        (shown.index(row["category"]), np.isnan(row["score"]), rare, np.nan_to_num(-row["score"]), row["gene"])
        for row, rare in zip(table, few, strict=True)
    ]
    assert keys == sorted(keys)
    assert [row["gene"] for row in table[29::30]] == ["gene00"] * 3


def test_a_lonely_cell_has_no_rows_but_counts_among_the_others(atlas, pool):
    params = MarkersParams.of(atlas)
    groups = params.groups(atlas)
    assert groups.names == ("c", "a", "lonely", "b")
    assert groups.sizes.tolist()[2] == 1
    assert groups.n == N_CELLS - 5
    table = markers(atlas, params, pool)
    assert set(table["category"].to_pylist()) == {"c", "a", "b"}
    # scanpy is asked with the lonely cell among the others in `compare_with_scanpy`; here it changes something.
    without = MarkersParams.of(atlas, selection=Selection.parse(["CellType=a", "CellType=b", "CellType=c"]))
    left = markers(atlas, without, pool)
    assert left["gene"].to_pylist() != table["gene"].to_pylist()
    assert left["auc"].to_pylist() != table["auc"].to_pylist()


def test_workers_change_nothing(atlas):
    tables = []
    for n in (1, 2, 7):
        workers = Workers(ThreadPoolExecutor(n))
        tables.append(markers(atlas, MarkersParams.of(atlas), workers))
        workers.close()
    assert exact(tables[0]) == exact(tables[1]) == exact(tables[2])


def test_the_facts_count_cells_and_samples(atlas):
    params = MarkersParams.of(atlas, selection=Selection.parse(["Group=MASH"]))
    facts = of_contrast(atlas, params, None)
    samples, kinds = atlas.role("sample"), atlas.categorical("CellType")
    mask = mask_of(atlas, params.selection)
    for entry in facts["categories"]:
        own = mask & (kinds.codes == kinds.categories.index(entry["category"]))
        assert entry["n"] == own.sum()
        assert entry["n_samples"] == len(set(samples.codes[own]))
    assert facts["n_cells"] == mask.sum()
    assert facts["n_compared"] == (mask & (kinds.codes >= 0)).sum()
    assert facts["n_cells"] - facts["n_compared"] == facts["n_without_category"]
    assert facts["n_samples"] == 3
    assert "treat cells as independent" in facts["warning"]


def test_a_against_b_is_one_category_against_the_other(atlas, pool):
    a, b = Selection.parse(["CellType=a"]), Selection.parse(["CellType=b"])
    found = markers(atlas, ComparisonParams.of(atlas, a, b), pool).to_pandas()
    same = markers(atlas, MarkersParams.of(atlas, selection=Selection.parse(["CellType=a", "CellType=b"])), pool)
    expected = same.to_pandas()
    assert found["category"].tolist() == ["A"] * 30 + ["B"] * 30
    pd.testing.assert_frame_equal(found.drop(columns="category"), expected.drop(columns="category"))
    up, down = (found[found["category"] == name].set_index("gene").sort_index() for name in "AB")
    np.testing.assert_allclose(up["score"], -down["score"], rtol=1e-12)
    np.testing.assert_allclose(up["pct_in"], down["pct_out"])


def test_a_and_b_may_not_overlap(atlas):
    a, b = Selection.parse(["CellType=a"]), Selection.parse(["Group=MASH"])
    both = int((mask_of(atlas, a) & mask_of(atlas, b)).sum())
    with pytest.raises(InvalidQuery, match=rf"{both} cells are both in A \(CellType is a\) and in B"):
        ComparisonParams.of(atlas, a, b).groups(atlas)


def test_a_and_b_need_cells(atlas):
    nobody = Selection.parse(ranges=["depth:1e9:"])
    one, many = Selection.parse(["CellType=lonely"]), Selection.parse(["CellType=a"])
    with pytest.raises(InvalidQuery, match=r"B .* contains no cell"):
        ComparisonParams.of(atlas, one, nobody).groups(atlas)
    for sides, name in (((one, many), "A"), ((many, one), "B")):
        with pytest.raises(InvalidQuery, match=f"{name} contains 1 cell; a comparison needs 3 on either side"):
            ComparisonParams.of(atlas, *sides).groups(atlas)


def test_what_cannot_be_compared(atlas, atlas_of):
    def groups(by="", *where, ranges=()):
        return MarkersParams.of(atlas, by, selection=Selection.parse(where, ranges)).groups(atlas)

    with pytest.raises(InvalidQuery, match="has only 'a'"):
        groups("CellType", "CellType=a")
    with pytest.raises(InvalidQuery, match="no cell with a category"):
        groups("CellType", "CellType=")
    with pytest.raises(InvalidQuery, match="no cell with a category"):
        groups("CellType", ranges=["depth:1e9:"])
    with pytest.raises(InvalidQuery, match="holds numbers"):
        groups("depth")
    with pytest.raises(UnknownColumn, match="does not exist"):
        groups("Stage")
    with pytest.raises(InvalidQuery, match="no layer"):
        MarkersParams.of(atlas, layer="other")
    wide = pd.Categorical([f"k{at % (MAX_CATEGORIES + 1)}" for at in range(N_CELLS)])
    each = pd.Categorical([f"k{at}" for at in range(N_CELLS)])
    other = atlas_of(made(wide=wide, each=each), name="other", species="mouse")
    with pytest.raises(InvalidQuery, match="has 101 categories; 100 is the limit"):
        MarkersParams.of(other, "wide").groups(other)
    few = Selection.parse(["each=k1", "each=k2"])
    with pytest.raises(InvalidQuery, match="No category of each has 3 cells"):
        MarkersParams.of(other, "each", selection=few).groups(other)
    few = Selection.parse(["wide=k1", "wide=k2"])
    with pytest.raises(InvalidQuery, match="No category of wide has 3 cells"):
        MarkersParams.of(other, "wide", selection=few).groups(other)


def test_the_column_of_an_atlas(atlas, atlas_of):
    assert by_default(atlas) == "CellType"
    plain = made()
    plain.obs = plain.obs[["depth"]].assign(one=pd.Categorical(["x"] * N_CELLS))
    bare = atlas_of(plain, name="bare", species="mouse")
    with pytest.raises(InvalidQuery, match="no column of 2 to 100 categories"):
        by_default(bare)
    plain.obs["cluster"] = pd.Categorical(np.resize(["0", "1"], N_CELLS))
    assert by_default(atlas_of(plain, name="clustered", species="mouse")) == "cluster"


def test_rows_of_a_category_and_the_first_of_each(atlas, pool):
    params = MarkersParams.of(atlas)
    groups, table = params.groups(atlas), markers(atlas, params, pool)
    rows = exact(table)
    assert exact(rows_of(table, groups)) == rows
    assert exact(rows_of(table, groups, "a")) == rows[30:60]
    assert exact(rows_of(table, groups, "a", 3)) == rows[30:33]
    assert exact(rows_of(table, groups, top=2)) == rows[:2] + rows[30:32] + rows[60:62]
    assert {row[0] for row in rows[30:60]} == {"'a'"}
    assert rows_of(table, groups, top=1_000).num_rows == 90
    with pytest.raises(UnknownColumn, match="fewer than 3 cells"):
        rows_of(table, groups, "lonely")
    with pytest.raises(UnknownColumn, match="no category 'nobody'"):
        rows_of(table, groups, "nobody")


def test_the_smallest_groups_have_three_cells(atlas_of, pool):
    """Three against three, and two that only count among the others."""
    adata = made()[3:11].copy()
    adata.obs["pair"] = pd.Categorical(["x", "y", "z", "y", "y", "z", "x", "x"])
    atlas = atlas_of(adata, name="eight", species="mouse")
    rows = markers(atlas, MarkersParams.of(atlas, "pair"), pool).to_pandas()
    assert set(rows["category"]) == {"x", "y"}
    assert rows["auc"].between(0, 1).all()
    assert all(why.startswith(("Fisher's exact p of cells above 0", "no p: constant")) for why in rows["why"])


def test_plots_of_groups_are_those_of_the_column(atlas):
    params = MarkersParams.of(atlas, "Group")
    groups, genes = params.groups(atlas), ("gene03", "gene01", "gene00")
    assert exact(dots_of_groups(atlas, genes, "counts", groups)) == exact(
        dots(atlas, DotPlotParams(genes, "Group", layer="counts"))
    )
    expression = expression_of(atlas, "gene03")
    found = within_groups(expression, groups)
    assert [summary for summary, _ in found] == summarise(atlas, expression, "Group", Selection())
    for (_, one), other in zip(found, densities(atlas, expression, "Group", Selection()), strict=True):
        np.testing.assert_array_equal(one.height, other.height)
