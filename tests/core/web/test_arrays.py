"""Arrays of figures: exact or within half a quantization step, and cached permanently."""

import numpy as np
import pytest

from core.analysis.expression import expression_of
from core.atlas.catalog import Catalog
from core.selection.masks import mask_of
from core.selection.model import Selection
from tests.core.web.conftest import problem
from tests.factories import GENES, N_CELLS, imported, tiny

KINDS = {"f4": "<f4", "u1": "u1", "u2": "<u2"}


@pytest.fixture(scope="session")
def atlas(data):
    return Catalog(data).get("human/liver")


@pytest.fixture
def get(client, atlas):
    base = f"/arrays/human/liver/{atlas.manifest.content_hash}"
    return lambda path, **query: client.get(f"{base}/{path}", query_string=query)


def array(answer):
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    return np.frombuffer(answer.data, KINDS[answer.headers["X-Dtype"]])


def test_an_embedding(get, atlas):
    stored = atlas.embedding("X_umap")
    found = array(get("embedding/X_umap"))
    assert found.dtype == np.float32
    assert np.isnan(found).sum() == 2
    assert np.array_equal(found.reshape(2, N_CELLS), stored.T, equal_nan=True)
    assert np.array_equal(array(get("embedding/X_umap", axes="1,0")).reshape(2, -1), stored.T[::-1], equal_nan=True)


@pytest.mark.parametrize(
    "axes", ["", "0", "0,1,2", "0,2", "-1,0", "a,b", "0,", "0;1", "¹,0", "0, 1", "9999999999999999999999,0"]
)
def test_axes_refused(get, axes):
    assert "2 axes" in problem(get("embedding/X_umap", axes=axes), 400)["detail"]


@pytest.mark.parametrize("layer", ["expression", "counts", "scaled"])
@pytest.mark.parametrize("gene", GENES)
def test_a_gene(get, atlas, gene, layer):
    answer = get(f"gene/{layer}", gene=gene)
    steps = array(answer)
    assert steps.dtype == np.uint16
    values = expression_of(atlas, gene, layer).values.astype(np.float64)
    low, high = float(answer.headers["X-Low"]), float(answer.headers["X-High"])
    assert low == min(0.0, values.min())
    assert high == values.max()
    step = (high - low) / 65_535
    shown = low + steps.astype(np.float64) * step
    assert np.abs(shown - values).max() <= step / 2 * (1 + 1e-9)
    if low == 0.0:
        # Whether a cell expresses a gene is never a matter of rounding, at the size of these values.
        assert np.array_equal(steps == 0, values == 0)
    assert steps.max() == 65_535
    assert steps[values.argmax()] == 65_535


def test_a_gene_that_no_cell_expresses(tmp_path, make_app):
    import anndata
    import pandas as pd

    counts = np.zeros((4, 2), dtype=np.float32)
    counts[:, 0] = [1, 2, 3, 4]
    made = anndata.AnnData(counts, obs=pd.DataFrame(index=list("abcd")), var=pd.DataFrame(index=["ALB", "APOB"]))
    made.obsm["X_umap"] = np.zeros((4, 2), dtype=np.float32)
    made.write_h5ad(tmp_path / "few.h5ad")
    imported(tmp_path / "data", tmp_path / "few.h5ad", species="human")
    atlas = Catalog(tmp_path / "data").get("human/few")
    client = make_app(tmp_path / "data").server.test_client()
    answer = client.get(f"/arrays/human/few/{atlas.manifest.content_hash}/gene/counts?gene=APOB")
    assert array(answer).tolist() == [0, 0, 0, 0]
    assert (answer.headers["X-Low"], answer.headers["X-High"]) == ("0.0", "0.0")


def test_a_categorical_column(get, atlas):
    column = atlas.categorical("CellType")
    found = array(get("column", name="CellType"))
    assert found.dtype == np.uint8
    assert found[0] == 255
    assert np.array_equal(np.where(found == 255, -1, found.astype(int)), column.codes)


def test_many_categories(tmp_path, make_app):
    import pandas as pd

    path = tiny(tmp_path / "many.h5ad", n_cells=600, genes=("ALB", "APOB"))
    import anndata

    made = anndata.read_h5ad(path)
    codes = np.arange(600) % 300
    made.obs["clone"] = pd.Categorical.from_codes(codes, [f"clone {at:03d}" for at in range(300)])
    made.write_h5ad(path)
    imported(tmp_path / "data", path, species="human")
    atlas = Catalog(tmp_path / "data").get("human/many")
    client = make_app(tmp_path / "data").server.test_client()
    found = array(client.get(f"/arrays/human/many/{atlas.manifest.content_hash}/column?name=clone"))
    assert found.dtype == np.uint16
    assert np.array_equal(found, codes)


def test_a_numeric_column(get, atlas):
    found = array(get("column", name="score"))
    assert found.dtype == np.float32
    assert np.isnan(found[1])
    assert np.array_equal(found, atlas.column("score").values.astype(np.float32), equal_nan=True)


def test_a_numeric_column_without_gaps_takes_two_bytes_a_cell(tmp_path, make_app):
    import anndata

    path = tiny(tmp_path / "full.h5ad")
    made = anndata.read_h5ad(path)
    made.obs["score"] = np.random.default_rng(9).normal(5, 1, N_CELLS)
    made.write_h5ad(path)
    imported(tmp_path / "data", path, species="human")
    atlas = Catalog(tmp_path / "data").get("human/full")
    client = make_app(tmp_path / "data").server.test_client()
    answer = client.get(f"/arrays/human/full/{atlas.manifest.content_hash}/column?name=score")
    assert answer.headers["X-Dtype"] == "u2"
    low, high = float(answer.headers["X-Low"]), float(answer.headers["X-High"])
    values = atlas.column("score").values
    assert (low, high) == (values.min(), values.max())
    step = (high - low) / 65_535
    assert np.abs(low + array(answer) * step - values).max() <= step / 2 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("where", "bounds"),
    [((), ()), (("Group=MASH",), ()), (("Group=MASH", "CellType="), ()), (("CellType=<b>LSEC</b>",), ("score:0:",))],
)
def test_a_mask(get, atlas, where, bounds):
    answer = get("mask", where=list(where), range=list(bounds))
    assert answer.headers["X-Dtype"] == "u1"
    found = array(answer)
    assert np.array_equal(found, mask_of(atlas, Selection.parse(where, bounds)))
    assert set(found.tolist()) <= {0, 1}


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("embedding/X_tsne", {}, 400),
        ("gene/expression", {}, 400),
        ("gene/expression", {"gene": "APOB"}, 404),
        ("gene/raw", {"gene": "ALB"}, 400),
        ("gene/..", {"gene": "ALB"}, 400),
        ("column", {}, 404),
        ("column", {"name": "Celltype"}, 404),
        ("column", {"name": "../manifest"}, 404),
        ("mask", {"where": "Group"}, 400),
        ("mask", {"where": "Group=MASHH"}, 404),
        ("mask", {"where": "Nothing=a"}, 404),
        ("mask", {"where": "score=1"}, 400),
        ("mask", {"range": "Group:0:1"}, 400),
        ("mask", {"range": "score:a:b"}, 400),
        ("mask", {"range": "score:nan:"}, 400),
        ("mask", {"range": "score:1:0"}, 400),
    ],
)
def test_refused(get, path, query, status):
    answer = get(path, **query)
    problem(answer, status)
    assert "max-age" not in answer.headers.get("Cache-Control", ""), "an error is not for ever"


def test_a_path_that_climbs(get):
    assert get("embedding/..%2Fobs").status_code == 404
    assert get("embedding/%2e%2e").status_code == 400


def test_methods(get, client, atlas):
    answer = client.post(f"/arrays/human/liver/{atlas.manifest.content_hash}/mask")
    assert problem(answer, 405)


def test_an_atlas_that_was_replaced(tmp_path, make_app):
    path = tiny(tmp_path / "liver.h5ad", n_cells=8)
    imported(tmp_path / "data", path, species="human")
    client = make_app(tmp_path / "data").server.test_client()

    def digest():
        return client.get("/api/v1/datasets/human/liver").json["content_hash"]

    first = digest()
    assert client.get(f"/arrays/human/liver/{first}/embedding/X_umap").status_code == 200
    imported(tmp_path / "data", tiny(path, n_cells=9, seed=1), species="human", replace=True)
    answer = client.get(f"/arrays/human/liver/{first}/embedding/X_umap")
    assert "Reload the page" in problem(answer, 410)["detail"]
    assert "max-age" not in answer.headers.get("Cache-Control", "")
    second = digest()
    assert second != first
    assert array(client.get(f"/arrays/human/liver/{second}/embedding/X_umap")).size == 18
    for unknown in ("human/none", "rat/liver", "human/.."):
        problem(client.get(f"/arrays/{unknown}/{first}/mask"), 404)


def test_large_arrays_are_compressed(tmp_path, make_app):
    import brotli

    imported(tmp_path / "data", tiny(tmp_path / "large.h5ad", n_cells=5_000, genes=("ALB", "APOB")), species="human")
    atlas = Catalog(tmp_path / "data").get("human/large")
    client = make_app(tmp_path / "data").server.test_client()
    address = f"/arrays/human/large/{atlas.manifest.content_hash}/gene/expression?gene=ALB"
    plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["X-High"] == plain.headers["X-High"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert brotli.decompress(packed.data) == plain.data


@pytest.mark.parametrize("digest", ["", "0", "a" * 64])
def test_only_the_whole_hash_is_an_address(client, atlas, digest):
    hashed = atlas.manifest.content_hash
    for wrong in {digest, hashed[:1], hashed[:-1]} - {"", hashed}:
        problem(client.get(f"/arrays/human/liver/{wrong}/embedding/X_umap"), 410)


def test_hostile_parameters(get):
    assert "longer than" in problem(get("column", name="x" * 100_000), 400)["detail"]
    assert "2 axes" in problem(get("embedding/X_umap", axes="9" * 390 + ",0"), 400)["detail"]
    assert "no array" in problem(get("bogus"), 404)["detail"]
