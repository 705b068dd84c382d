"""A cell's card: what the file says of the cell, and its genes as a dense matrix and scipy give them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import percentileofscore

from core.analysis.cell_profile import MAX_TOP, CellParams, cell_card
from core.atlas.paths import Places
from core.atlas.store import Atlas
from core.compute.executor import Workers
from core.errors import InvalidQuery, NotFound
from tests.core.ingest._build import counts, dense_of, made, matrix_of


@pytest.fixture(scope="module")
def workers():
    workers = Workers(ThreadPoolExecutor(2))
    yield workers
    workers.close()


@pytest.fixture
def atlas(atlas_of):
    """Return counts and a scaled layer, columns of every kind, and a cell without a place."""
    n = 50
    adata = made(counts(n, 40, seed=3))
    adata.layers["scaled"] = np.random.default_rng(4).normal(size=(n, 40)).astype(np.float32).round(1)
    adata.obs["CellType"] = pd.Categorical(np.resize(["a", "b", None], n))
    adata.obs["age"] = np.where(np.arange(n) % 5 == 0, np.nan, np.arange(n) / 4)
    adata.obs["barcode"] = [f"free text {at}" for at in range(n)]
    adata.obs.loc["cell7", "barcode"] = None
    adata.obsm["X_umap"][4] = np.nan
    adata.obsm["X_pca"] = np.random.default_rng(5).random((n, 3)).astype(np.float32)
    return atlas_of(adata, layers=("scaled",))


@pytest.mark.parametrize("layer", ["", "counts", "scaled"])
@pytest.mark.parametrize("cell", [0, 2, 4, 17, 49])
def test_genes_are_those_of_the_matrix(atlas, workers, layer, cell):
    dense = dense_of(atlas.layer(layer or "expression")).astype(np.float64)
    card = cell_card(atlas, CellParams.of(atlas, cell, layer, MAX_TOP), workers)
    names = atlas.genes.names
    expressed = [gene for gene in range(dense.shape[1]) if dense[cell, gene] > 0]
    wanted = sorted(expressed, key=lambda gene: (-dense[cell, gene], names[gene]))
    assert [row["gene"] for row in card["genes"]] == [names[gene] for gene in wanted]
    for row, gene in zip(card["genes"], wanted, strict=True):
        positive = dense[:, gene][dense[:, gene] > 0]
        assert row["value"] == dense[cell, gene]
        assert row["gene_id"] == atlas.genes.ids[gene]
        assert row["percentile"] == pytest.approx(percentileofscore(positive, row["value"], kind="mean"), rel=1e-12)
    some = cell_card(atlas, CellParams.of(atlas, cell, layer, 3), workers)
    assert some["genes"] == card["genes"][:3]
    assert card["layer"] == (layer or "expression")
    assert card["total_counts"] == dense_of(atlas.layer("counts"))[cell].sum()
    assert card["n_genes_expressed"] == (dense_of(atlas.layer("counts"))[cell] > 0).sum()


def test_a_cell_that_expresses_nothing(atlas, workers):
    card = cell_card(atlas, CellParams.of(atlas, 2), workers)
    assert card["genes"] == []
    assert card["total_counts"] == card["n_genes_expressed"] == 0


def test_columns_and_places(atlas, workers):
    cards = [cell_card(atlas, CellParams.of(atlas, at), workers) for at in (4, 5, 7, 8)]
    assert [card["cell"] for card in cards] == ["cell4", "cell5", "cell7", "cell8"]
    assert [card["index"] for card in cards] == [4, 5, 7, 8]
    columns = [{each["column"]: each["value"] for each in card["columns"]} for card in cards]
    assert list(columns[0]) == [column.name for column in atlas.manifest.columns]
    assert {"CellType", "age", "barcode"} <= set(columns[0])
    assert [each["CellType"] for each in columns] == ["b", None, "b", None]
    assert [each["age"] for each in columns[:1] + columns[2:]] == [1.0, 1.75, 2.0]
    assert columns[1]["age"] is None or np.isnan(columns[1]["age"])
    assert [each["barcode"] for each in columns] == ["free text 4", "free text 5", None, "free text 8"]
    places = [{each["embedding"]: each["place"] for each in card["places"]} for card in cards]
    assert [each["X_umap"] is None for each in places] == [True, False, False, False]
    assert places[1]["X_umap"] == atlas.embedding("X_umap")[5].tolist()
    assert len(places[0]["X_pca"]) == 3


def test_without_counts_there_are_no_totals(atlas_of, workers):
    logged = made(np.log1p(counts(20, 6, seed=8).toarray()).astype(np.float32))
    card = cell_card(atlas_of(logged), CellParams(0), workers)
    assert card["total_counts"] is None
    assert card["n_genes_expressed"] is None
    assert card["genes"]


def test_names(atlas):
    assert CellParams.named(atlas, "cell17") == CellParams(17)
    with pytest.raises(NotFound, match="no cell named 'CELL17'"):
        CellParams.named(atlas, "CELL17")
    with pytest.raises(NotFound, match="no cell 50"):
        CellParams.of(atlas, 50)
    with pytest.raises(NotFound, match="no cell -1"):
        CellParams.of(atlas, -1)
    with pytest.raises(InvalidQuery, match="no layer"):
        CellParams.of(atlas, 0, "nope")
    for top in (0, MAX_TOP + 1):
        with pytest.raises(InvalidQuery, match=f"top={top}"):
            CellParams.of(atlas, 0, top=top)


@pytest.mark.real
def test_a_real_liver(real_data, data, workers):
    from core.ingest.importer import ImportRequest, import_file

    path = real_data / "human_liver_he2020_ahca.h5ad"
    if not path.is_file():
        pytest.skip("the liver of He et al. 2020 is not among the real data")
    atlas = Atlas(Places(data).store(import_file(ImportRequest(path), data, lambda step, done: None)))
    layer = atlas.layer()
    matrix = sparse.csr_array(matrix_of(layer))
    for cell in np.random.default_rng(0).choice(atlas.n_cells, 5, replace=False).tolist():
        card = cell_card(atlas, CellParams.of(atlas, cell), workers)
        row = matrix[[cell]].toarray()[0]
        assert [each["value"] for each in card["genes"]] == np.sort(row)[::-1][:20].tolist()
        assert all(row[atlas.genes.resolve(each["gene"])] == each["value"] for each in card["genes"])
        assert card["cell"] == atlas.cells()[cell]
