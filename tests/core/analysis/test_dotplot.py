"""Genes in categories, against pandas over the dense matrix."""

import math

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from core.analysis.dotplot import MAX_GENES, DotPlotParams, dots
from core.analysis.expression import NOT_GIVEN
from core.atlas.catalog import Catalog
from core.errors import InvalidQuery, UnknownColumn, UnknownGene
from core.selection.model import Selection
from tests.core.ingest._build import counts, made
from tests.factories import imported

N = 300


@pytest.fixture
def atlas(atlas_of):
    """Ties, a silent gene, negatives in a layer, cells without a category, a category of one cell."""
    random = np.random.default_rng(6)
    types = pd.Series(random.choice(["a", "b", "c"], N)).astype(object)
    types[:5] = None
    types[7] = "alone"
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(types),
            "group": pd.Categorical(random.choice(["Healthy", "MASH"], N)),
            "age": random.normal(size=N),
        }
    )
    obs.index = [f"cell{number}" for number in range(N)]
    scaled = random.normal(size=(N, 6)).round(1).astype(np.float32)
    return atlas_of(made(counts(N, 6, seed=2), obs=obs, layers={"scaled": scaled}), layers=("scaled",))


def reference(atlas, params):
    """The same table from the dense matrix, cell by cell."""
    columns = {name: atlas.categorical(name) for name in ("cell_type", "group")}
    frame = pd.DataFrame(
        {name: [NOT_GIVEN if code < 0 else it.categories[code] for code in it.codes] for name, it in columns.items()}
    )
    frame["kept"] = True
    for column, categories in params.selection.where:
        frame["kept"] &= frame[column].isin([it or NOT_GIVEN for it in categories])
    layer = atlas.layer(params.layer)
    for gene in params.genes:
        values = layer.dense(atlas.genes.resolve(gene)).astype(np.float64)
        for (category, split), row in cells_of(frame, params).items():
            inside = values[row]
            yield gene, category, split, inside


def cells_of(frame, params):
    names = [list(dict.fromkeys(frame[name])) for name in filter(None, (params.by, params.split))]
    seconds = names[1] if params.split else [""]
    return {
        (one, two): (
            frame["kept"] & (frame[params.by] == one) & ((frame[params.split] == two) if params.split else True)
        ).to_numpy()
        for one in names[0]
        for two in seconds
    }


def check(atlas, params):
    table = dots(atlas, params)
    rows = {(row["gene"], row["category"], row.get("split", "")): row for row in table.to_pylist()}
    n_checked = 0
    for gene, category, split, values in reference(atlas, params):
        row = rows.get((gene, category, split))
        if row is None:
            assert not values.size, "only a category that the selection leaves empty may be missing"
            continue
        above = values[values > 0]
        assert (row["n"], row["n_expressing"]) == (values.size, above.size)
        for name, expected in (
            ("pct_expressing", 100 * above.size / values.size if values.size else math.nan),
            ("mean", values.mean() if values.size else math.nan),
            ("mean_expressing", above.mean() if above.size else math.nan),
        ):
            assert row[name] == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
        n_checked += 1
    assert n_checked
    return table


@pytest.mark.parametrize("layer", ["expression", "counts", "scaled"])
@pytest.mark.parametrize("split", ["", "group"])
@pytest.mark.parametrize("where", [[], ["group=MASH"], ["cell_type=a", "cell_type="], ["cell_type=alone"]])
def test_every_number_is_that_of_the_dense_matrix(atlas, layer, split, where):
    params = DotPlotParams.of(atlas, atlas.genes.names, "", split, layer, selection=Selection.parse(where))
    assert params.by == "cell_type"
    table = check(atlas, params)
    assert table.column_names == [
        "gene", "category", *(["split"] if split else []), "n", "n_expressing", "pct_expressing", "mean",
        "mean_expressing",
    ]  # fmt: skip


def test_rows_stand_in_the_order_of_the_question_and_of_the_columns(atlas):
    table = dots(atlas, DotPlotParams.of(atlas, ["Gene5", "gene1", "Gene5"], split="group"))
    assert list(dict.fromkeys(table["gene"].to_pylist())) == ["Gene5", "Gene1"]
    assert table["category"].to_pylist()[:10] == [
        name for name in ("a", "alone", "b", "c", NOT_GIVEN) for _ in range(2)
    ]
    assert table["split"].to_pylist()[:2] == ["Healthy", "MASH"]


def test_categories_without_cells_have_no_percent_and_no_mean(atlas):
    rows = dots(atlas, DotPlotParams.of(atlas, ["Gene1"], selection=Selection.parse(["cell_type=a"]))).to_pylist()
    [nobody] = [row for row in rows if row["category"] == "alone"]
    assert (nobody["n"], nobody["n_expressing"]) == (0, 0)
    assert math.isnan(nobody["pct_expressing"])
    assert math.isnan(nobody["mean"])
    silent = dots(atlas, DotPlotParams.of(atlas, ["Gene3"])).to_pylist()[0]
    assert (silent["pct_expressing"], silent["mean"]) == (0, 0)
    assert math.isnan(silent["mean_expressing"])


def test_an_empty_selection_has_rows_without_cells(atlas):
    table = dots(atlas, DotPlotParams.of(atlas, ["Gene1"], selection=Selection.parse([], ["age:1e9:"])))
    assert set(table["n"].to_pylist()) == {0}
    assert all(math.isnan(mean) for mean in table["mean"].to_pylist())


def test_what_cannot_be_asked(atlas, atlas_of):
    for genes, by, split, error, words in (
        (["Gene9"], "", "", UnknownGene, "Gene9"),
        (["Gene1"], "age", "", InvalidQuery, "holds numbers"),
        (["Gene1"], "nope", "", UnknownColumn, "nope"),
        (["Gene1"], "group", "group", InvalidQuery, "split by itself"),
        (["Gene1"], "", "age", InvalidQuery, "holds numbers"),
        ([], "", "", InvalidQuery, f"1 to {MAX_GENES}"),
    ):
        with pytest.raises(error, match=words):
            DotPlotParams.of(atlas, genes, by, split)
    with pytest.raises(InvalidQuery, match="no column of cell types"):
        DotPlotParams.of(atlas_of(made(counts(4, 3)), name="bare"), ["Gene1"])


def test_a_table_that_nobody_could_read_is_refused(atlas_of):
    n = 1_200
    obs = pd.DataFrame({"cell_type": pd.Categorical([str(at) for at in range(n)])}, index=[f"c{at}" for at in range(n)])
    atlas = atlas_of(made(np.ones((n, MAX_GENES + 1), dtype=np.float32), obs=obs))
    with pytest.raises(InvalidQuery, match="600,500 rows"):
        DotPlotParams.of(atlas, atlas.genes.names[:MAX_GENES])
    with pytest.raises(InvalidQuery, match="501"):
        DotPlotParams.of(atlas, atlas.genes.names)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["a", "b", "c", "alone", ""]), max_size=3), st.sampled_from(["", "group"]))
def test_the_cells_of_the_categories_are_those_of_the_selection(atlas, kept, split):
    selection = Selection.of({"cell_type": kept})
    params = DotPlotParams.of(atlas, ["Gene1"], split=split, selection=selection)
    column = atlas.categorical("cell_type")
    expected = sum((column.categories[code] if code >= 0 else "") in kept for code in column.codes) if kept else N
    assert sum(dots(atlas, params)["n"].to_pylist()) == expected


@pytest.mark.real
def test_real_cells_are_scanpys(real_data, tmp_path_factory):
    """scanpy's own dot plot, which averages over all cells and counts those above zero."""
    import scanpy

    name = "human_pbmc_kang2018_ifnb_2donors"
    data = tmp_path_factory.mktemp("real-dots")
    imported(data, real_data / f"{name}.h5ad", species="human")
    atlas = Catalog(data).get(f"human/{name}")
    genes = [gene for gene in ("ISG15", "CD3D", "LYZ", "NKG7", "CD79A") if gene in atlas.genes.names]
    assert len(genes) > 2
    by = atlas.manifest.roles["cell_type"]
    column = atlas.categorical(by)
    adata = made(np.column_stack([atlas.layer().dense(atlas.genes.resolve(gene)) for gene in genes]).astype(np.float64))
    adata.var_names = genes
    adata.obs[by] = pd.Categorical.from_codes(column.codes, categories=list(column.categories))
    plot = scanpy.pl.DotPlot(adata, genes, by)
    table = dots(atlas, DotPlotParams.of(atlas, genes))
    for row in table.to_pylist():
        if row["category"] == NOT_GIVEN or not row["n"]:
            continue
        assert plot.dot_size_df.loc[row["category"], row["gene"]] == pytest.approx(
            row["pct_expressing"] / 100, rel=1e-9
        )
        assert plot.dot_color_df.loc[row["category"], row["gene"]] == pytest.approx(row["mean"], rel=1e-9)
